package io.penstock.ingest.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.penstock.ingest.cli.ConfigFile;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.Configuration.Role;
import io.penstock.ingest.config.ConfigurationReader;
import io.penstock.ingest.management.ManagementServer;
import io.penstock.ingest.observability.Meters;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Rules for the manifests of one environment, and for the manifests and the program. Every rule
 * throws an {@link AssertionError} that names what is wrong.
 */
final class ManifestRules {

  /**
   * How long a shutdown may take after {@code http.shutdown-delay}, as {@code docs/design} says.
   */
  private static final Duration DRAIN = Duration.ofSeconds(25);

  /** The only workload that keeps nothing, and so is a Deployment. */
  private static final String CONSOLE = "penstock-console";

  private static final String CONFIG_DIRECTORY = "/etc/penstock/config";

  /** A value that is valid for every kind of secret. */
  private static final String ANY_SECRET = "whsec_" + "A".repeat(32);

  private final Manifests manifests;
  private final Path scratch;

  /**
   * @param scratch an empty directory
   */
  ManifestRules(Manifests manifests, Path scratch) {
    this.manifests = manifests;
    this.scratch = scratch;
  }

  void check() throws IOException {
    assertThat(manifests.all(StatefulSet.class))
        .extracting(ManifestRules::name)
        .containsExactlyInAnyOrder("penstock-ingress", "penstock-pipeline");
    assertThat(manifests.all(Deployment.class))
        .extracting(deployment -> deployment.getMetadata().getName())
        .isSubsetOf(CONSOLE);
    for (StatefulSet workload : workloads()) {
      selectsItsPods(workload);
      if (!name(workload).equals(CONSOLE)) {
        isSpreadAndHasNames(workload);
      }
      hasNoPrivilege(workload);
      isProbed(workload);
      mountsWhatItHas(workload);
      runsWithinItsResources(workload);
      Configuration configuration = configuration(workload);
      opensThePortsOfItsConfiguration(workload, configuration);
      drainsWithinItsGrace(workload, configuration);
      keepsItsDisks(workload, configuration);
    }
    servicesReachPods();
    budgetsAndAutoscalersHaveTargets();
    networkIsClosedButForWhatIsNeeded();
    holdsNoSecret();
  }

  /** The stateful ones, and the console, of which only what both kinds have is looked at. */
  List<StatefulSet> workloads() {
    return Stream.concat(
            manifests.all(StatefulSet.class).stream(),
            manifests.all(Deployment.class).stream().map(ManifestRules::asStateful))
        .toList();
  }

  private static StatefulSet asStateful(Deployment deployment) {
    return new StatefulSetBuilder()
        .withMetadata(deployment.getMetadata())
        .withNewSpec()
        .withReplicas(deployment.getSpec().getReplicas())
        .withSelector(deployment.getSpec().getSelector())
        .withTemplate(deployment.getSpec().getTemplate())
        .endSpec()
        .build();
  }

  private static String name(StatefulSet workload) {
    return workload.getMetadata().getName();
  }

  static Container container(StatefulSet workload) {
    List<Container> containers = pod(workload).getContainers();
    assertThat(containers).as("containers of %s", name(workload)).hasSize(1);
    return containers.get(0);
  }

  private static PodSpec pod(StatefulSet workload) {
    return workload.getSpec().getTemplate().getSpec();
  }

  static Map<String, String> podLabels(StatefulSet workload) {
    return workload.getSpec().getTemplate().getMetadata().getLabels();
  }

  private static boolean selects(Map<String, String> selector, StatefulSet workload) {
    return podLabels(workload).entrySet().containsAll(selector.entrySet());
  }

  private static boolean selects(LabelSelector selector, StatefulSet workload) {
    Map<String, String> labels = podLabels(workload);
    return selects(selector.getMatchLabels(), workload)
        && selector.getMatchExpressions().stream()
            .allMatch(
                expression -> {
                  assertThat(expression.getOperator()).isEqualTo("In");
                  return expression.getValues().contains(labels.get(expression.getKey()));
                });
  }

  private void selectsItsPods(StatefulSet workload) {
    Map<String, String> selector = workload.getSpec().getSelector().getMatchLabels();
    assertThat(workloads().stream().filter(other -> selects(selector, other)))
        .as("workloads whose pods %s selects", name(workload))
        .containsExactly(workload);
  }

  private void isSpreadAndHasNames(StatefulSet workload) {
    Map<String, String> selector = workload.getSpec().getSelector().getMatchLabels();
    assertThat(pod(workload).getTopologySpreadConstraints())
        .as("topology spread of %s", name(workload))
        .hasSizeGreaterThanOrEqualTo(2)
        .allSatisfy(
            spread ->
                assertThat(spread.getLabelSelector().getMatchLabels())
                    .as("what %s is spread by", name(workload))
                    .isEqualTo(selector));
    assertThat(manifests.find(Service.class, workload.getSpec().getServiceName()))
        .as("the governing service of %s", name(workload))
        .hasValueSatisfying(
            service -> {
              assertThat(service.getSpec().getClusterIP()).isEqualTo("None");
              assertThat(service.getSpec().getSelector()).isEqualTo(selector);
            });
  }

  private void hasNoPrivilege(StatefulSet workload) {
    PodSpec pod = pod(workload);
    String of = " of " + name(workload);
    assertThat(container(workload).getImage())
        .as("image" + of + ", one that stays the same")
        .matches(".+:[^:/]+")
        .doesNotEndWith(":latest");
    assertThat(container(workload).getImagePullPolicy())
        .as("pull policy" + of + ": a registry that does not answer stops no pod")
        .isEqualTo("IfNotPresent");
    assertThat(manifests.find(ServiceAccount.class, pod.getServiceAccountName()))
        .as("service account" + of)
        .hasValueSatisfying(
            account -> assertThat(account.getAutomountServiceAccountToken()).as("token").isFalse());
    assertThat(pod.getAutomountServiceAccountToken()).as("token" + of).isFalse();
    assertThat(pod.getEnableServiceLinks()).as("service links" + of).isFalse();
    assertThat(pod.getHostNetwork()).as("host network" + of).isNull();
    assertThat(pod.getHostPID()).as("host processes" + of).isNull();
    assertThat(pod.getInitContainers()).as("init containers" + of).isEmpty();
    assertThat(pod.getSecurityContext().getRunAsNonRoot()).as("runAsNonRoot" + of).isTrue();
    assertThat(pod.getSecurityContext().getRunAsUser()).as("user" + of).isEqualTo(imageUser());
    assertThat(pod.getSecurityContext().getRunAsGroup()).as("group" + of).isPositive();
    assertThat(pod.getSecurityContext().getFsGroup())
        .as("group of the volumes" + of)
        .isEqualTo(pod.getSecurityContext().getRunAsGroup());
    assertThat(pod.getSecurityContext().getSeccompProfile().getType())
        .as("seccomp" + of)
        .isEqualTo("RuntimeDefault");
    var context = container(workload).getSecurityContext();
    assertThat(context.getRunAsUser()).as("user of the container" + of).isNull();
    assertThat(context.getAllowPrivilegeEscalation()).as("escalation" + of).isFalse();
    assertThat(context.getPrivileged()).as("privileged" + of).isFalse();
    assertThat(context.getReadOnlyRootFilesystem()).as("read-only root" + of).isTrue();
    assertThat(context.getCapabilities().getDrop()).as("dropped" + of).containsExactly("ALL");
    assertThat(context.getCapabilities().getAdd()).as("added" + of).isEmpty();
  }

  private static long imageUser() {
    return Repository.text("Dockerfile")
        .lines()
        .filter(line -> line.startsWith("USER "))
        .map(line -> line.substring(5).split(":", -1)[0])
        .mapToLong(Long::parseLong)
        .findFirst()
        .orElseThrow();
  }

  private static void isProbed(StatefulSet workload) {
    Container container = container(workload);
    Map<String, Probe> probes =
        Map.of(
            ManagementServer.STARTUP, container.getStartupProbe(),
            ManagementServer.READY, container.getReadinessProbe(),
            ManagementServer.LIVE, container.getLivenessProbe());
    probes.forEach(
        (path, probe) -> {
          assertThat(probe.getHttpGet().getPath()).as("probe of " + name(workload)).isEqualTo(path);
          assertThat(port(container, probe.getHttpGet().getPort()))
              .as("port of the probe %s of %s", path, name(workload))
              .isEqualTo(port(container, new IntOrString("management")));
          assertThat(probe.getTimeoutSeconds())
              .as("time-out of the probe %s of %s", path, name(workload))
              .isLessThanOrEqualTo(probe.getPeriodSeconds());
        });
    assertThat(container.getLifecycle())
        .as("%s waits in the process (http.shutdown-delay), not in a hook", name(workload))
        .isNull();
  }

  /** The number of a container's port; -1 if it has no port of that name. */
  static int port(Container container, IntOrString wanted) {
    return container.getPorts().stream()
        .filter(
            port ->
                port.getName().equals(wanted.getStrVal())
                    || port.getContainerPort().equals(wanted.getIntVal()))
        .mapToInt(ContainerPort::getContainerPort)
        .findFirst()
        .orElse(-1);
  }

  private static void mountsWhatItHas(StatefulSet workload) {
    Set<String> volumes =
        Stream.concat(
                pod(workload).getVolumes().stream().map(Volume::getName),
                claims(workload).keySet().stream())
            .collect(Collectors.toSet());
    List<VolumeMount> mounts = container(workload).getVolumeMounts();
    assertThat(mounts.stream().map(VolumeMount::getName).collect(Collectors.toSet()))
        .as("volumes of %s, and those that it mounts", name(workload))
        .isEqualTo(volumes);
    for (VolumeMount mount : mounts) {
      assertThat(mount.getSubPath())
          .as(
              "%s of %s: what is mounted by subPath is never renewed",
              mount.getName(), name(workload))
          .isNull();
      assertThat(mounts.stream().map(VolumeMount::getMountPath))
          .as("nothing can be mounted within %s, which is read-only", mount.getMountPath())
          .noneMatch(path -> path.startsWith(mount.getMountPath() + "/"));
    }
    assertThat(mounts.stream().map(VolumeMount::getMountPath))
        .as("where %s writes though its root is read-only", name(workload))
        .contains("/tmp");
  }

  private static Map<String, PersistentVolumeClaim> claims(StatefulSet workload) {
    return workload.getSpec().getVolumeClaimTemplates().stream()
        .collect(Collectors.toMap(claim -> claim.getMetadata().getName(), claim -> claim));
  }

  private static void runsWithinItsResources(StatefulSet workload) {
    var resources = container(workload).getResources();
    assertThat(resources.getRequests())
        .as("%s", name(workload))
        .containsOnlyKeys("cpu", "memory", "ephemeral-storage");
    assertThat(resources.getLimits())
        .as("%s: a limit on memory and on the node's disk, none on CPU", name(workload))
        .containsOnlyKeys("memory", "ephemeral-storage");
    assertThat(resources.getLimits().get("memory"))
        .as("memory of %s: what is asked for is what may be used", name(workload))
        .isEqualTo(resources.getRequests().get("memory"));
  }

  /**
   * The configuration as this workload's process reads it: its file and its environment, with a
   * copy of its mounts, which must contain every secret that the configuration refers to.
   */
  Configuration configuration(StatefulSet workload) throws IOException {
    Container container = container(workload);
    Path root = Files.createDirectories(scratch.resolve(name(workload)));
    for (VolumeMount mount : container.getVolumeMounts()) {
      Path directory = Files.createDirectories(root.resolve(mount.getMountPath().substring(1)));
      for (Map.Entry<String, String> file : files(workload, mount).entrySet()) {
        Files.writeString(directory.resolve(file.getKey()), file.getValue());
      }
    }
    assertThat(container.getArgs())
        .as("arguments of %s", name(workload))
        .containsExactly("serve", "--config", CONFIG_DIRECTORY + "/penstock.yaml");
    Path file = root.resolve(CONFIG_DIRECTORY.substring(1)).resolve("penstock.yaml");
    assertThat(file).as("configuration of %s", name(workload)).exists();
    String text = Files.readString(file).replace("/etc/penstock/", root + "/etc/penstock/");
    Map<String, String> environment =
        container.getEnv().stream().collect(Collectors.toMap(EnvVar::getName, EnvVar::getValue));
    return switch (ConfigFile.reader(environment)
        .check(text, file.resolveSibling(".").normalize())) {
      case ConfigurationReader.Result.Invalid invalid ->
          throw new AssertionError(name(workload) + ": " + invalid.problems());
      case ConfigurationReader.Result.Valid valid -> {
        // Only an ingress serves sources, and only the console has users.
        Set<Role> roles = valid.configuration().roles();
        assertThat(valid.warnings())
            .as("warnings of %s", name(workload))
            .filteredOn(
                warning ->
                    !(warning.path().startsWith("sources") && !roles.contains(Role.INGRESS))
                        && !(warning.path().startsWith("console.")
                            && !roles.contains(Role.CONSOLE)))
            .isEmpty();
        assertThat(
                container(workload).getVolumeMounts().stream()
                    .anyMatch(mount -> mount.getName().equals("secrets")))
            .as("%s has the sources' secrets: an ingress alone needs them", name(workload))
            .isEqualTo(roles.contains(Role.INGRESS));
        valid
            .configuration()
            .kafka()
            .properties()
            .forEach(
                (property, value) -> {
                  if (property.endsWith(".location")) {
                    assertThat(Path.of(value)).as(property).exists();
                  }
                });
        yield valid.configuration();
      }
    };
  }

  /** The files of a volume that comes from a ConfigMap or a Secret. */
  private Map<String, String> files(StatefulSet workload, VolumeMount mount) {
    Map<String, String> files = new TreeMap<>();
    for (Volume volume : pod(workload).getVolumes()) {
      if (!volume.getName().equals(mount.getName())) {
        continue;
      }
      if (volume.getConfigMap() != null) {
        String map = volume.getConfigMap().getName();
        files.putAll(
            manifests
                .find(ConfigMap.class, map)
                .orElseThrow(() -> new AssertionError("no ConfigMap " + map))
                .getData());
      } else if (volume.getSecret() != null) {
        // A Secret that is not in the tree lists its keys as items, or has what the configuration
        // refers to: to add a source must take no change here.
        manifests
            .find(Secret.class, volume.getSecret().getSecretName())
            .ifPresentOrElse(
                secret -> secret.getData().forEach((key, value) -> files.put(key, decoded(value))),
                () -> {
                  if (volume.getSecret().getItems().isEmpty()) {
                    files.putAll(referredTo(mount.getMountPath()));
                  }
                });
        for (KeyToPath item : volume.getSecret().getItems()) {
          files.put(item.getPath(), ANY_SECRET);
        }
        assertThat(files).as("keys of %s", volume.getSecret().getSecretName()).isNotEmpty();
        assertThat(volume.getSecret().getDefaultMode() & 7)
            .as("what others may do with %s", volume.getSecret().getSecretName())
            .isZero();
      }
    }
    return files;
  }

  /** The files in a directory that penstock.yaml refers to. */
  private Map<String, String> referredTo(String directory) {
    Map<String, String> files = new TreeMap<>();
    Pattern reference = Pattern.compile("\\{file: " + Pattern.quote(directory) + "/([^/}]+)}");
    for (ConfigMap map : manifests.all(ConfigMap.class)) {
      for (String text : map.getData().values()) {
        reference.matcher(text).results().forEach(each -> files.put(each.group(1), ANY_SECRET));
      }
    }
    return files;
  }

  private static void opensThePortsOfItsConfiguration(
      StatefulSet workload, Configuration configuration) {
    Map<String, Integer> expected = new HashMap<>();
    expected.put("management", configuration.http().managementPort());
    if (configuration.roles().contains(Role.INGRESS)) {
      expected.put("http", configuration.http().port());
    }
    if (configuration.roles().contains(Role.CONSOLE)) {
      expected.put("console", configuration.console().port());
      assertThat(configuration.console().access()).as("users of the console").isNotEmpty();
    }
    assertThat(
            container(workload).getPorts().stream()
                .collect(Collectors.toMap(ContainerPort::getName, ContainerPort::getContainerPort)))
        .as("ports of %s", name(workload))
        .isEqualTo(expected);
    assertThat(configuration.roles())
        .as("roles of %s", name(workload))
        .containsExactly(
            Role.valueOf(
                String.valueOf(podLabels(workload).get("app.kubernetes.io/component"))
                    .toUpperCase(Locale.ROOT)));
  }

  private static void drainsWithinItsGrace(StatefulSet workload, Configuration configuration) {
    assertThat(Duration.ofSeconds(pod(workload).getTerminationGracePeriodSeconds()))
        .as("the grace of %s must cover its drain", name(workload))
        .isGreaterThan(DRAIN.plus(configuration.http().shutdownDelay()));
    assertThat(Repository.text("docs/design/start-and-shutdown.md"))
        .as("what the page on shutdown says that a drain takes")
        .contains("at least `http.shutdown-delay` + " + DRAIN.toSeconds() + " s");
  }

  /** The data that must survive a pod is on a claim of its own. */
  private static void keepsItsDisks(StatefulSet workload, Configuration configuration) {
    var retention = workload.getSpec().getPersistentVolumeClaimRetentionPolicy();
    if (configuration.roles().contains(Role.PIPELINE)) {
      // The name by which its group knows it is stored there too.
      assertThat(
              claimAt(
                  workload,
                  Repository.present(configuration.pipeline().stateDirectory(), "state directory")))
          .isNotNull();
      int standbys =
          Integer.parseInt(
              configuration.kafka().properties().getOrDefault("num.standby.replicas", "0"));
      assertThat(standbys)
          .as("standbys of %s: one, where there is a second replica to have it", name(workload))
          .isEqualTo(Math.min(1, workload.getSpec().getReplicas() - 1));
    }
    Configuration.SpoolConfig spool = configuration.delivery().spool();
    if (configuration.roles().contains(Role.INGRESS) && spool != null) {
      PersistentVolumeClaim claim = claimAt(workload, spool.directory());
      assertThat(bytes(claim.getSpec().getResources().getRequests(), "storage"))
          .as("the spool's volume holds twice its limit")
          .isGreaterThanOrEqualTo(2 * spool.maxSize());
      assertThat(List.of(retention.getWhenScaled(), retention.getWhenDeleted()))
          .as("what is in a spool was acknowledged")
          .containsOnly("Retain");
    }
  }

  private static PersistentVolumeClaim claimAt(StatefulSet workload, Path directory) {
    Map<String, PersistentVolumeClaim> claims = claims(workload);
    return container(workload).getVolumeMounts().stream()
        .filter(mount -> directory.startsWith(mount.getMountPath()))
        .map(mount -> claims.get(mount.getName()))
        .filter(claim -> claim != null)
        .findFirst()
        .orElseThrow(() -> new AssertionError(directory + " is on no claim of " + name(workload)));
  }

  static long bytes(Quantity quantity) {
    return Quantity.getAmountInBytes(quantity).longValueExact();
  }

  private static long bytes(Map<String, Quantity> quantities, String name) {
    return bytes(Repository.present(quantities.get(name), name));
  }

  private void servicesReachPods() {
    for (Service service : manifests.all(Service.class)) {
      List<StatefulSet> reached =
          workloads().stream()
              .filter(workload -> selects(service.getSpec().getSelector(), workload))
              .toList();
      assertThat(reached).as("behind the service %s", service.getMetadata().getName()).hasSize(1);
      for (ServicePort port : service.getSpec().getPorts()) {
        assertThat(port(container(reached.get(0)), port.getTargetPort()))
            .as("port %s of the service %s", port.getName(), service.getMetadata().getName())
            .isPositive();
      }
    }
    assertThat(manifests.find(Service.class, "penstock"))
        .as("the service for deliveries")
        .hasValueSatisfying(
            service ->
                assertThat(service.getSpec().getPorts())
                    .extracting(port -> port.getTargetPort().getStrVal())
                    .as("the service for deliveries does not offer the management port")
                    .containsExactly("http"));
  }

  private void budgetsAndAutoscalersHaveTargets() {
    for (PodDisruptionBudget budget : manifests.all(PodDisruptionBudget.class)) {
      assertThat(
              workloads().stream()
                  .filter(w -> selects(budget.getSpec().getSelector().getMatchLabels(), w)))
          .as("what the budget %s protects", budget.getMetadata().getName())
          .hasSize(1);
    }
    for (HorizontalPodAutoscaler scaler : manifests.all(HorizontalPodAutoscaler.class)) {
      String target = scaler.getSpec().getScaleTargetRef().getName();
      assertThat(scaler.getSpec().getScaleTargetRef().getKind()).isEqualTo("StatefulSet");
      StatefulSet workload =
          manifests
              .find(StatefulSet.class, target)
              .orElseThrow(() -> new AssertionError("no StatefulSet " + target));
      assertThat(workload.getSpec().getReplicas())
          .as("replicas of %s belong to its autoscaler", target)
          .isNull();
      if (!workload.getSpec().getVolumeClaimTemplates().isEmpty()) {
        assertThat(scaler.getSpec().getBehavior().getScaleDown().getSelectPolicy())
            .as("how %s is scaled down, whose volumes may hold deliveries", target)
            .isEqualTo("Disabled");
      }
      List<String> metrics = new ArrayList<>();
      scaler
          .getSpec()
          .getMetrics()
          .forEach(
              metric -> {
                if (metric.getResource() != null) {
                  metrics.add(metric.getResource().getName());
                } else {
                  metrics.add(metric.getPods().getMetric().getName());
                  assertThat(bytes(metric.getPods().getTarget().getAverageValue()))
                      .as("below what a replica holds: a quarter of the heap, half of its memory")
                      .isLessThanOrEqualTo(
                          bytes(container(workload).getResources().getLimits(), "memory") / 8 / 2);
                }
              });
      assertThat(metrics)
          .as("what %s is scaled by", target)
          .containsExactlyInAnyOrder(
              "cpu", Meters.IN_FLIGHT_BYTES.meterName().replace('.', '_') + "_bytes");
    }
  }

  private void networkIsClosedButForWhatIsNeeded() throws IOException {
    List<NetworkPolicy> policies = manifests.all(NetworkPolicy.class);
    for (StatefulSet workload : workloads()) {
      List<NetworkPolicy> of =
          policies.stream().filter(p -> selects(p.getSpec().getPodSelector(), workload)).toList();
      assertThat(of)
          .as("a policy that closes %s", name(workload))
          .anySatisfy(
              policy -> {
                assertThat(policy.getSpec().getPolicyTypes()).contains("Ingress", "Egress");
                assertThat(policy.getSpec().getIngress()).isEmpty();
                assertThat(policy.getSpec().getEgress()).isEmpty();
              });
      Container container = container(workload);
      Map<Integer, Set<String>> open = new TreeMap<>();
      for (NetworkPolicy policy : of) {
        policy
            .getSpec()
            .getIngress()
            .forEach(
                rule -> {
                  Set<String> from =
                      rule.getFrom().stream().map(ManifestRules::peer).collect(Collectors.toSet());
                  assertThat(rule.getPorts())
                      .as("ports of %s", policy.getMetadata().getName())
                      .isNotEmpty();
                  rule.getPorts()
                      .forEach(
                          p ->
                              open.computeIfAbsent(
                                      port(container, p.getPort()), any -> new HashSet<>())
                                  .addAll(from));
                });
      }
      Configuration configuration = configuration(workload);
      Map<Integer, Set<String>> expected = new TreeMap<>();
      expected.put(
          configuration.http().managementPort(),
          manifests.all(Deployment.class).isEmpty()
              ? Set.of("monitoring")
              : Set.of("monitoring", "the pods of console"));
      if (configuration.roles().contains(Role.INGRESS)) {
        expected.put(configuration.http().port(), Set.of("ingress-nginx"));
      }
      if (configuration.roles().contains(Role.CONSOLE)) {
        expected.put(configuration.console().port(), Set.of("ingress-nginx"));
      }
      assertThat(open).as("who reaches %s", name(workload)).isEqualTo(expected);
      Set<Integer> reached =
          of.stream()
              .flatMap(policy -> policy.getSpec().getEgress().stream())
              .flatMap(rule -> rule.getPorts().stream())
              .map(NetworkPolicyPort::getPort)
              .map(IntOrString::getIntVal)
              .collect(Collectors.toSet());
      List<Integer> needed = new ArrayList<>(List.of(53));
      Arrays.stream(configuration.kafka().bootstrapServers().split(","))
          .map(server -> Integer.valueOf(server.substring(server.lastIndexOf(':') + 1)))
          .forEach(needed::add);
      int registry = URI.create(configuration.schemaRegistry().url()).getPort();
      if (configuration.roles().contains(Role.CONSOLE)) {
        needed.add(registry);
        needed.add(configuration.http().managementPort());
      } else if (configuration.roles().contains(Role.PIPELINE)) {
        needed.add(registry);
      } else {
        assertThat(reached).as("an ingress needs no registry").doesNotContain(registry);
      }
      assertThat(reached).as("what %s reaches", name(workload)).containsAll(needed);
    }
  }

  /** A namespace's name, or the component of pods of this one. */
  private static String peer(NetworkPolicyPeer peer) {
    if (peer.getNamespaceSelector() != null) {
      return String.valueOf(
          peer.getNamespaceSelector().getMatchLabels().get("kubernetes.io/metadata.name"));
    }
    return "the pods of "
        + peer.getPodSelector().getMatchLabels().get("app.kubernetes.io/component");
  }

  /** Secrets come from Secrets. Each value of a Secret in the tree says that it is an example. */
  private void holdsNoSecret() {
    for (Secret secret : manifests.all(Secret.class)) {
      assertThat(secret.getStringData()).isEmpty();
      assertThat(secret.getData().values())
          .as("values of the Secret %s", secret.getMetadata().getName())
          .allMatch(ManifestRules::isMarked);
    }
    for (StatefulSet workload : workloads()) {
      assertThat(container(workload).getEnv())
          .as("variables of %s", name(workload))
          .noneMatch(
              variable ->
                  variable.getName().matches(".*(PASSWORD|SECRET|TOKEN|KEY|JAAS|CREDENTIAL).*"));
      assertThat(container(workload).getEnvFrom())
          .as("variables of %s by the dozen", name(workload))
          .isEmpty();
    }
    for (ConfigMap map : manifests.all(ConfigMap.class)) {
      assertThat(map.getData().values())
          .as("ConfigMap %s: nothing that looks like a secret", map.getMetadata().getName())
          .allSatisfy(
              text ->
                  assertThat(text)
                      .doesNotContainPattern(
                          "whsec_|whpk_|PRIVATE KEY|(?i:password|secret|token)s?\\s*[=:]\\s*\"?\\w"));
    }
  }

  private static boolean isMarked(String base64) {
    String value = decoded(base64);
    return value.equals("development-only")
        || (value.startsWith("whsec_")
            && decoded(value.substring("whsec_".length())).startsWith("development-only"));
  }

  private static String decoded(String base64) {
    return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
  }
}
