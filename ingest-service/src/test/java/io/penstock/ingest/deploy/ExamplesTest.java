package io.penstock.ingest.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.penstock.ingest.cli.CommandContext;
import io.penstock.ingest.cli.PenstockCommand;
import io.penstock.ingest.deploy.Manifests.ExternalSecret;
import io.penstock.ingest.deploy.Manifests.Gateway;
import io.penstock.ingest.deploy.Manifests.HealthCheckPolicy;
import io.penstock.ingest.deploy.Manifests.HttpRoute;
import io.penstock.ingest.deploy.Manifests.KafkaUser;
import io.penstock.ingest.management.ManagementServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The manifests of {@code deploy/k8s/examples} fit the production overlay and the program. */
class ExamplesTest {

  private static final String EXAMPLES = "deploy/k8s/examples/";

  private static Manifests production() {
    return Manifests.render("deploy/k8s/overlays/production");
  }

  private static Manifests example(String file) {
    return Manifests.of(Repository.text(EXAMPLES + file));
  }

  @Test
  void anIngressReachesTheServiceAndDependsOnNoController() {
    Ingress ingress = example("ingress.yaml").all(Ingress.class).get(0);
    assertThat(ingress.getMetadata().getAnnotations()).as("one controller's settings").isEmpty();
    var path = ingress.getSpec().getRules().get(0).getHttp().getPaths().get(0);
    assertThat("/webhooks/csm").startsWith(path.getPath());
    Service service =
        production().find(Service.class, path.getBackend().getService().getName()).orElseThrow();
    assertThat(service.getSpec().getPorts())
        .anyMatch(p -> p.getName().equals(path.getBackend().getService().getPort().getName()));
  }

  @Test
  void aRouteOfTheGatewayApiReachesTheService() {
    Manifests example = example("gateway.yaml");
    Gateway gateway = example.all(Gateway.class).get(0);
    HttpRoute route = example.all(HttpRoute.class).get(0);
    assertThat(route.spec().parentRefs())
        .containsExactly(
            new HttpRoute.Parent(gateway.metadata().getName(), gateway.metadata().getNamespace()));
    assertThat(route.spec().hostnames())
        .containsExactly(gateway.spec().listeners().get(0).hostname());
    assertThat(gateway.spec().listeners().get(0).protocol()).isEqualTo("HTTPS");
    assertThat(
            gateway
                .spec()
                .listeners()
                .get(0)
                .allowedRoutes()
                .at("/namespaces/selector/matchLabels/kubernetes.io~1metadata.name")
                .asText())
        .isEqualTo(route.metadata().getNamespace());
    HttpRoute.RouteRule rule = route.spec().rules().get(0);
    assertThat("/webhooks/csm").startsWith(rule.matches().get(0).path().value());
    HttpRoute.Backend backend = rule.backendRefs().get(0);
    assertThat(production().find(Service.class, backend.name()).orElseThrow().getSpec().getPorts())
        .anyMatch(port -> port.getPort() == backend.port());
  }

  @Test
  void gkesLoadBalancerAsksWhetherAnIngressIsReady() {
    Manifests example = example("gke.yaml");
    HealthCheckPolicy.PolicySpec policy = example.all(HealthCheckPolicy.class).get(0).spec();
    StatefulSet ingress = production().find(StatefulSet.class, "penstock-ingress").orElseThrow();
    assertThat(policy.check().config().httpHealthCheck().requestPath())
        .isEqualTo(ManagementServer.READY);
    assertThat(policy.check().config().httpHealthCheck().port())
        .isEqualTo(
            ManifestRules.port(ManifestRules.container(ingress), new IntOrString("management")));
    assertThat(production().find(Service.class, policy.targetRef().name())).isPresent();
    assertThat(example.all(NetworkPolicy.class).get(0).getSpec().getIngress().get(0).getPorts())
        .extracting(port -> port.getPort().getStrVal())
        .containsExactly("http", "management");
  }

  /** What an operator would put in the place of the overlay's file is a patch that applies. */
  @ParameterizedTest
  @CsvSource({
    "network-openshift.yaml, penstock-dns, 5353",
    "network-kafka-outside.yaml, penstock-kafka, 9093"
  })
  void aNetworkOfAnotherKindIsOneFile(String file, String policy, int port) throws IOException {
    Path directory = Path.of("target", "kustomize", file.replace(".yaml", ""));
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("network.yaml"), Repository.text(EXAMPLES + file));
    Files.writeString(
        directory.resolve("kustomization.yaml"),
        """
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        namespace: penstock
        resources: [../../../../deploy/k8s/base]
        patches:
          - path: network.yaml
        """);
    Manifests changed = Manifests.render("ingest-service/" + directory);
    NetworkPolicy patched = changed.find(NetworkPolicy.class, policy).orElseThrow();
    assertThat(patched.getSpec().getEgress())
        .hasSize(1)
        .allSatisfy(
            rule ->
                assertThat(rule.getPorts())
                    .allSatisfy(each -> assertThat(each.getPort().getIntVal()).isEqualTo(port)));
    assertThat(changed.all(NetworkPolicy.class))
        .extracting(each -> each.getMetadata().getName())
        .containsExactlyInAnyOrderElementsOf(
            production().all(NetworkPolicy.class).stream()
                .map(each -> each.getMetadata().getName())
                .toList());
  }

  /** The overlay's file names every policy that has a question for the operator. */
  @Test
  void theOverlaysNetworkIsOneFile() {
    Set<String> answered =
        Manifests.of(Repository.text("deploy/k8s/overlays/production/network.yaml"))
            .all(NetworkPolicy.class)
            .stream()
            .map(policy -> policy.getMetadata().getName())
            .collect(Collectors.toCollection(TreeSet::new));
    answered.add("penstock-default-deny");
    assertThat(production().all(NetworkPolicy.class))
        .extracting(policy -> policy.getMetadata().getName())
        .containsExactlyInAnyOrderElementsOf(answered);
  }

  @Test
  void secretsFromAStoreAreThoseThatTheOverlayMounts() {
    Set<String> mounted =
        production().all(StatefulSet.class).stream()
            .flatMap(workload -> workload.getSpec().getTemplate().getSpec().getVolumes().stream())
            .filter(volume -> volume.getSecret() != null)
            .map(volume -> volume.getSecret().getSecretName())
            .collect(Collectors.toSet());
    List<ExternalSecret> external = example("external-secrets.yaml").all(ExternalSecret.class);
    assertThat(external)
        .extracting(secret -> secret.spec().target().name())
        .containsExactlyInAnyOrderElementsOf(mounted);
    assertThat(external)
        .allSatisfy(
            secret -> {
              assertThat(secret.metadata().getName()).isEqualTo(secret.spec().target().name());
              assertThat(secret.spec().target().deletionPolicy()).isEqualTo("Retain");
              for (StatefulSet workload : production().all(StatefulSet.class)) {
                for (Volume volume : workload.getSpec().getTemplate().getSpec().getVolumes()) {
                  if (volume.getSecret() != null
                      && volume.getSecret().getSecretName().equals(secret.metadata().getName())
                      && !volume.getSecret().getItems().isEmpty()) {
                    assertThat(requireNonNull(secret.spec().data()))
                        .extracting(ExternalSecret.Datum::secretKey)
                        .containsExactlyElementsOf(
                            volume.getSecret().getItems().stream()
                                .map(item -> item.getKey())
                                .toList());
                  }
                }
              }
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"topics-job.yaml", "schemas-job.yaml", "redrive-job.yaml"})
  void aJobRunsACommandOfTheImageWithAUserOfItsOwn(String file) {
    Job job = example(file).all(Job.class).get(0);
    PodSpec pod = job.getSpec().getTemplate().getSpec();
    PodSpec other =
        production()
            .find(StatefulSet.class, "penstock-pipeline")
            .orElseThrow()
            .getSpec()
            .getTemplate()
            .getSpec();
    Container container = pod.getContainers().get(0);
    Container serve = other.getContainers().get(0);
    assertThat(pod.getSecurityContext()).isEqualTo(other.getSecurityContext());
    assertThat(container.getSecurityContext()).isEqualTo(serve.getSecurityContext());
    assertThat(container.getImage()).isEqualTo(serve.getImage());
    assertThat(container.getImagePullPolicy()).isEqualTo(serve.getImagePullPolicy());
    assertThat(container.getResources().getLimits()).containsKeys("memory", "ephemeral-storage");
    assertThat(pod.getServiceAccountName()).isEqualTo(other.getServiceAccountName());
    assertThat(pod.getAutomountServiceAccountToken()).isFalse();
    assertThat(pod.getEnableServiceLinks()).isFalse();
    String component =
        job.getSpec().getTemplate().getMetadata().getLabels().get("app.kubernetes.io/component");
    assertThat(component)
        .as("no Service sends it deliveries, and policies let it reach what it needs")
        .isEqualTo(job.getMetadata().getLabels().get("app.kubernetes.io/component"))
        .isEqualTo(job.getMetadata().getName().replace("penstock-", ""));

    // Its arguments are a command that the program understands; nothing is run.
    List<String> arguments = new ArrayList<>(container.getArgs());
    arguments.add("--help");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(
            PenstockCommand.run(
                CommandContext.of(Map.of(), out, out), arguments.toArray(new String[0])))
        .as(out.toString(UTF_8))
        .isZero();

    Map<String, Volume> volumes =
        pod.getVolumes().stream().collect(Collectors.toMap(Volume::getName, Function.identity()));
    assertThat(volumes.keySet()).containsExactlyInAnyOrder("config", "kafka", "kafka-ca", "tmp");
    assertThat(volumes.get("kafka-ca"))
        .isEqualTo(
            other.getVolumes().stream()
                .filter(volume -> volume.getName().equals("kafka-ca"))
                .findFirst()
                .orElseThrow());
    assertThat(Manifests.render("deploy/k8s/strimzi").all(KafkaUser.class))
        .extracting(user -> user.metadata().getName() + "-kafka")
        .contains(requireNonNull(volumes.get("kafka")).getSecret().getSecretName());
  }

  @Test
  void theNamespaceIsNoPartOfTheOverlay() {
    assertThat(production().all(Namespace.class))
        .as("to delete the overlay must leave the spools' volumes")
        .isEmpty();
    assertThat(example("namespace.yaml").all(Namespace.class).get(0).getMetadata().getLabels())
        .containsEntry("pod-security.kubernetes.io/enforce", "restricted");
  }
}
