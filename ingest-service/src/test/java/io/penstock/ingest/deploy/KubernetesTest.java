package io.penstock.ingest.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.penstock.ingest.cluster.PauseRequirement;
import io.penstock.ingest.cluster.TopicRequirement;
import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.Configuration.Role;
import io.penstock.ingest.config.ModelReadyConfig;
import io.penstock.ingest.deploy.Manifests.KafkaTopic;
import io.penstock.ingest.deploy.Manifests.KafkaUser;
import io.penstock.ingest.deploy.Manifests.PodMonitor;
import io.penstock.ingest.deploy.Manifests.PrometheusRule;
import io.penstock.ingest.management.ManagementServer;
import io.penstock.ingest.provider.Providers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Renders {@code deploy/k8s}, reads it into strict types, and compares it with the program. */
class KubernetesTest {

  private static final String DEV = "deploy/k8s/overlays/dev";
  private static final String PRODUCTION = "deploy/k8s/overlays/production";
  private static final String COMPONENTS = "deploy/k8s/components/";
  private static final String STRIMZI = "deploy/k8s/strimzi";

  private static final Set<String> CONSUMED = Set.of("Describe", "DescribeConfigs", "Read");
  private static final Set<String> WRITTEN = Set.of("Describe", "DescribeConfigs", "Write");

  @TempDir Path scratch;

  @ParameterizedTest
  @ValueSource(strings = {DEV, PRODUCTION})
  void anEnvironmentAgreesWithItselfAndWithTheProgram(String overlay) throws IOException {
    new ManifestRules(Manifests.render(overlay), scratch).check();
  }

  @Test
  void productionHoldsNoSecretAndIsAvailable() {
    Manifests production = Manifests.render(PRODUCTION);
    assertThat(production.all(Secret.class)).as("secrets in the tree").isEmpty();
    assertThat(production.all(HorizontalPodAutoscaler.class)).hasSize(1);
    assertThat(production.all(PodDisruptionBudget.class)).hasSize(2);
    assertThat(production.find(StatefulSet.class, "penstock-pipeline"))
        .hasValueSatisfying(
            pipeline -> {
              assertThat(pipeline.getSpec().getReplicas()).isGreaterThan(1);
            });
    assertThat(production.all(HorizontalPodAutoscaler.class).get(0).getSpec().getMinReplicas())
        .as("ingresses at least")
        .isGreaterThan(1);
  }

  @Test
  void developmentsSecretsAreMarked() {
    assertThat(Repository.text(DEV + "/example-secrets.env")).startsWith("# EXAMPLES");
    assertThat(Manifests.render(DEV).all(Secret.class)).hasSize(1);
  }

  /**
   * Each row breaks one rule: the text is replaced everywhere in production's manifests, and that
   * rule must report it.
   */
  @ParameterizedTest(name = "{0} -> {1}: {2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "readinessProbe: | readinessProb: | Unrecognized field \"readinessProb\"",
        "terminationGracePeriodSeconds: 45 | terminationGracePeriodSecond: 45 | Unrecognized field",
        "topologyKey: kubernetes.io/hostname | topologyKeys: kubernetes.io/hostname | Unrecognized field",
        "key: sasl.jaas.config | kee: sasl.jaas.config | Unrecognized field \"kee\"",
        "replicas: 2 | replicas: two | not a valid",
        "minReplicas: 3 | maxReplicas: 3 | Duplicate field",
        "kind: StatefulSet | kind: DaemonSet | which no test knows",
        "terminationGracePeriodSeconds: 45 | terminationGracePeriodSeconds: 25 | must cover its drain",
        "runAsUser: 10001 | runAsUser: 0 | user of",
        "runAsUser: 10001 | runAsUser: 10002 | user of",
        "runAsNonRoot: true | runAsNonRoot: false | runAsNonRoot",
        "readOnlyRootFilesystem: true | readOnlyRootFilesystem: false | read-only root",
        "allowPrivilegeEscalation: false | allowPrivilegeEscalation: true | escalation",
        "privileged: false | privileged: true | privileged",
        "- ALL | - NET_RAW | dropped",
        "type: RuntimeDefault | type: Unconfined | seccomp",
        "automountServiceAccountToken: false | automountServiceAccountToken: true | token",
        "serviceAccountName: penstock | serviceAccountName: default | service account",
        "enableServiceLinks: false | enableServiceLinks: true | service links",
        "penstock:0.1.0 | penstock:latest | stays the same",
        "penstock:0.1.0 | penstock | stays the same",
        "path: /health/live | path: /health/ready | /health/live",
        "path: /health/startup | path: /healthz | /health/startup",
        "port: management | port: http | port of the probe",
        "containerPort: 9090 | containerPort: 9091 | ports of",
        "containerPort: 8080 | containerPort: 8081 | ports of",
        "targetPort: http | targetPort: web | port http of the service penstock",
        "targetPort: http | targetPort: management | does not offer the management port",
        "serviceName: penstock-pipeline-pods | serviceName: penstock-pods | governing service",
        "mountPath: /etc/penstock/secrets | mountPath: /etc/penstock/secret | keys of penstock-sources",
        "file: /etc/penstock/secrets/move-secret} | file: /etc/penstock/secret/move-secret} | sources[4].auth[0].secrets[0]",
        "imagePullPolicy: IfNotPresent | imagePullPolicy: Always | pull policy",
        "ephemeral-storage: 1Gi | cpu: 1 | none on CPU",
        "- pipeline | - pipelines | what penstock-pipeline reaches",
        "path: sasl.jaas.config | path: jaas | sasl.jaas.config cannot be read",
        "path: ca.crt | path: ca.pem | ssl.truststore.location",
        "mountPath: /etc/penstock/kafka-ca | mountPath: /etc/penstock/ca | ssl.truststore.location",
        "mountPath: /etc/penstock/secrets | mountPath: /etc/penstock/config/secrets | nothing can be mounted within",
        "readOnly: true | subPath: x | never renewed",
        "defaultMode: 288 | defaultMode: 292 | what others may do",
        "mountPath: /tmp | mountPath: /var/tmp | root is read-only",
        "mountPath: /var/lib/penstock/spool | mountPath: /var/lib/penstock/elsewhere | on no claim",
        "mountPath: /var/lib/penstock/state | mountPath: /var/lib/penstock/elsewhere | on no claim",
        "storage: 4Gi | storage: 3Gi | twice its limit",
        "whenScaled: Retain | whenScaled: Delete | was acknowledged",
        "value: pipeline | value: ingress | of penstock-pipeline",
        "name: PENSTOCK_ROLES | name: PENSTOCK_ROLE | overrides no setting",
        "name: PENSTOCK_DELIVERY_SPOOL_MAX_SIZE | name: SPOOL_PASSWORD | variables of",
        "name: PENSTOCK_KAFKA_PROPERTIES_NUM_STANDBY_REPLICAS | name: OTHER | standbys",
        "provider: move | provider: moved | unknown provider",
        "max-body-size: 4MiB | max-body-size: 4M | must be a size",
        "{file: /etc/penstock/secrets/move-secret} | whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo= | never a literal",
        "# Each secret has two entries | # password: hunter2, in two entries | looks like a secret",
        "averageValue: 32Mi | averageValue: 96Mi | below what a replica holds",
        "name: penstock_in_flight_bytes | name: penstock_inflight_bytes | is scaled by",
        "name: cpu | name: memory | is scaled by",
        "port: 9093 | port: 9094 | what penstock-ingress reaches",
        "port: 8081 | port: 8082 | what penstock-pipeline reaches",
        "port: 53 | port: 54 | reaches",
        "kubernetes.io/metadata.name: monitoring | kubernetes.io/metadata.name: default | who reaches",
        "- Egress | - Ingress | a policy that closes",
        "selectPolicy: Disabled | selectPolicy: Max | is scaled down",
        "app.kubernetes.io/component: pipeline | app.kubernetes.io/component: ingress | whose pods",
        "args: | command: | arguments of",
      })
  void everyRuleCanFail(String right, String wrong, String complaint) {
    String yaml = Manifests.renderedText(PRODUCTION);
    assertThat(yaml).as("what is to be broken").contains(right);
    assertThatThrownBy(
            () -> new ManifestRules(Manifests.of(yaml.replace(right, wrong)), scratch).check())
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining(complaint);
  }

  /** The topics of all that can be enabled: to enable it must need no other right. */
  private static List<TopicRequirement> needed(Configuration configuration) {
    return TopicRequirement.of(
        new Configuration(
            configuration.roles(),
            configuration.http(),
            configuration.kafka(),
            configuration.schemaRegistry(),
            configuration.topics(),
            configuration.delivery(),
            configuration.deduplication(),
            new Configuration.PipelineConfig(
                null, 1, null, new ModelReadyConfig(true, ModelReadyConfig.RETENTION, null)),
            configuration.tracing(),
            configuration.sources()),
        Providers.all());
  }

  @Test
  void strimzisTopicsAreWhatTheServiceAsksFor() throws IOException {
    Configuration configuration = production("penstock-pipeline");
    Map<String, KafkaTopic> topics = new TreeMap<>();
    for (KafkaTopic topic : Manifests.render(STRIMZI).all(KafkaTopic.class)) {
      topics.put(topic.metadata().getName(), topic);
    }
    List<TopicRequirement> needed = needed(configuration);
    KafkaTopic.TopicSpec control =
        Repository.present(topics.remove("webhooks.control"), "webhooks.control").spec();
    assertThat(control.partitions()).isEqualTo(1);
    assertThat(control.replicas()).isEqualTo(configuration.topics().replicationFactor());
    assertThat(control.config())
        .isEqualTo(
            Repository.present(PauseRequirement.of(configuration), "the pipeline's")
                .controlConfiguration());
    assertThat(topics.keySet())
        .containsExactlyInAnyOrderElementsOf(needed.stream().map(TopicRequirement::topic).toList());
    for (TopicRequirement requirement : needed) {
      KafkaTopic.TopicSpec topic =
          Repository.present(topics.get(requirement.topic()), requirement.topic()).spec();
      Map<String, String> config = topic.config();
      assertThat(Integer.parseInt(config.get("max.message.bytes")))
          .as("max.message.bytes of %s", requirement.topic())
          .isEqualTo(requirement.maxMessageBytes());
      assertThat("LogAppendTime".equals(config.get("message.timestamp.type")))
          .as("whose clock stamps %s", requirement.topic())
          .isEqualTo(requirement.logAppendTime());
      if (!requirement.logAppendTime()) {
        assertThat(config)
            .as("which stamps %s takes", requirement.topic())
            .containsEntry("message.timestamp.after.max.ms", Long.toString(Long.MAX_VALUE))
            .containsEntry("message.timestamp.before.max.ms", Long.toString(Long.MAX_VALUE));
      }
      assertThat(topic.replicas()).isEqualTo(configuration.topics().replicationFactor());
      assertThat(config).containsEntry("min.insync.replicas", "2");
      assertThat(config).containsEntry("cleanup.policy", "delete");
      assertThat(topic.partitions()).isEqualTo(12);
      assertThat(Duration.ofMillis(Long.parseLong(config.get("retention.ms"))))
          .as("%s is kept for longer than duplicates are remembered", requirement.topic())
          .isGreaterThan(configuration.deduplication().window());
    }
  }

  @Test
  void strimzisUsersMayDoWhatTheirRoleDoesAndNoMore() throws IOException {
    Configuration configuration = production("penstock-pipeline");
    Topics topics = new Topics(configuration.topics().prefix());
    String application = configuration.topics().prefix() + "-pipeline";
    Map<String, Set<String>> pipeline = new TreeMap<>();
    for (TopicRequirement requirement : needed(configuration)) {
      boolean read = requirement.topic().equals(topics.inbound());
      pipeline.put("topic literal " + requirement.topic(), read ? CONSUMED : WRITTEN);
    }
    pipeline.put("topic literal " + topics.control(), CONSUMED);
    pipeline.put(
        "topic prefix " + application + "-",
        Set.of("AlterConfigs", "Create", "Describe", "DescribeConfigs", "Read", "Write"));
    pipeline.put("cluster", Set.of("DescribeConfigs"));
    pipeline.put("group literal " + application, Set.of("Describe", "Read"));
    pipeline.put("transactionalId prefix " + application + "-", Set.of("Describe", "Write"));
    Map<String, Set<String>> console =
        Map.of(
            "topic prefix " + configuration.topics().prefix() + ".",
            CONSUMED,
            "topic literal " + topics.parkedChangelog(),
            Set.of("Describe", "Read"),
            "topic literal " + topics.inbound(),
            Set.of("Write"),
            "topic literal " + topics.control(),
            Set.of("Write"),
            "group literal *",
            Set.of("Describe"));

    Map<String, Set<String>> redrive =
        Map.of(
            "topic literal " + topics.deadLetter(), CONSUMED,
            "topic literal " + topics.inbound(), WRITTEN);
    Map<String, Set<String>> preparation =
        Map.of(
            "topic prefix " + configuration.topics().prefix() + ".",
            Set.of("AlterConfigs", "Create", "Describe", "DescribeConfigs"));

    Map<String, Map<String, Set<String>>> users = new TreeMap<>();
    for (KafkaUser user : Manifests.render(STRIMZI).all(KafkaUser.class)) {
      assertThat(user.spec().authentication().type()).isEqualTo("scram-sha-512");
      assertThat(user.spec().authorization().type()).isEqualTo("simple");
      Map<String, Set<String>> rights = new TreeMap<>();
      for (KafkaUser.Acl acl : user.spec().authorization().acls()) {
        KafkaUser.Resource on = acl.resource();
        String resource =
            on.name() == null ? on.type() : on.type() + " " + on.patternType() + " " + on.name();
        rights.put(resource, new TreeSet<>(acl.operations()));
      }
      users.put(user.metadata().getName(), rights);
    }
    assertThat(users)
        .isEqualTo(
            Map.of(
                "penstock-ingress",
                Map.of("topic literal " + topics.inbound(), WRITTEN),
                "penstock-pipeline",
                pipeline,
                "penstock-console",
                console,
                "penstock-redrive",
                redrive,
                "penstock-preparation",
                preparation));
  }

  @Test
  void whereThePrometheusOperatorRunsItFindsThePods() throws IOException {
    Manifests manifests = Manifests.render(withComponent("prometheus-operator"));
    assertThat(manifests.all(PrometheusRule.class)).hasSize(1);
    PodMonitor.MonitorSpec monitor = manifests.all(PodMonitor.class).get(0).spec();
    assertThat(monitor.podMetricsEndpoints())
        .allSatisfy(e -> assertThat(e.path()).isEqualTo(ManagementServer.METRICS));
    for (StatefulSet workload : manifests.all(StatefulSet.class)) {
      assertThat(ManifestRules.podLabels(workload))
          .containsAllEntriesOf(monitor.selector().matchLabels());
      assertThat(monitor.podMetricsEndpoints())
          .allSatisfy(
              endpoint ->
                  assertThat(
                          ManifestRules.port(
                              ManifestRules.container(workload), new IntOrString(endpoint.port())))
                      .isEqualTo(9090));
    }
  }

  /** Kustomize cannot include the plain rules in the resource, so this test writes the copy. */
  @Test
  void theOperatorsRulesAreThePlainOnes() throws IOException {
    StringBuilder expected =
        new StringBuilder(
            """
            # Generated from deploy/prometheus/rules by KubernetesTest with -Dpenstock.docs.write. Change the rules there.
            apiVersion: monitoring.coreos.com/v1
            kind: PrometheusRule
            metadata:
              name: penstock
              labels:
                app.kubernetes.io/name: penstock
            spec:
              groups:
            """);
    List<JsonNode> plain = new ArrayList<>();
    try (Stream<Path> files = Files.list(Repository.ROOT.resolve("deploy/prometheus/rules"))) {
      for (Path file : files.sorted().toList()) {
        plain.addAll(Repository.documents(Files.readString(file)));
        Files.readString(file)
            .lines()
            .dropWhile(line -> !line.equals("groups:"))
            .skip(1)
            .forEach(line -> expected.append(line.isBlank() ? "" : "  " + line).append('\n'));
      }
    }
    Path copy = Repository.ROOT.resolve(COMPONENTS + "prometheus-operator/rules.yaml");
    if (System.getProperty("penstock.docs.write") != null) {
      Files.writeString(copy, expected);
    }
    assertThat(copy).as("run this with -Dpenstock.docs.write").hasContent(expected.toString());

    // Independent of the text: each rule is there once, and has the same content.
    List<PrometheusRule.Group> groups =
        Manifests.of(Files.readString(copy)).all(PrometheusRule.class).get(0).spec().groups();
    List<PrometheusRule.Group> plainGroups = new ArrayList<>();
    for (JsonNode file : plain) {
      plainGroups.addAll(Repository.YAML.treeToValue(file, PrometheusRule.RuleSpec.class).groups());
    }
    assertThat(groups).isNotEmpty().isEqualTo(plainGroups);
  }

  @Test
  void aPlainPrometheusFindsThePodsToo() {
    JsonNode job = Repository.yaml("deploy/k8s/examples/prometheus-scrape.yaml").get(0);
    assertThat(job.path("metrics_path").asText()).isEqualTo(ManagementServer.METRICS);
    JsonNode keep = job.at("/relabel_configs/0");
    assertThat(keep.path("action").asText()).isEqualTo("keep");
    assertThat(keep.path("source_labels"))
        .extracting(JsonNode::asText)
        .containsExactly(
            "__meta_kubernetes_pod_label_app_kubernetes_io_name",
            "__meta_kubernetes_pod_container_port_name");
    for (StatefulSet workload : Manifests.render(PRODUCTION).all(StatefulSet.class)) {
      assertThat(job.at("/kubernetes_sd_configs/0/namespaces/names/0").asText())
          .isEqualTo(workload.getMetadata().getNamespace());
      String name = ManifestRules.podLabels(workload).get("app.kubernetes.io/name");
      assertThat(ManifestRules.container(workload).getPorts())
          .as("ports of %s that are scraped", workload.getMetadata().getName())
          .filteredOn(port -> (name + ";" + port.getName()).matches(keep.path("regex").asText()))
          .extracting(ContainerPort::getContainerPort)
          .containsExactly(9090);
    }
  }

  @Test
  void theConsoleAgreesWithProductionAndWithTheProgram() throws IOException {
    Manifests manifests = Manifests.of(withConsole());
    ManifestRules rules = new ManifestRules(manifests, scratch);
    rules.check();
    StatefulSet console =
        rules.workloads().stream()
            .filter(workload -> workload.getMetadata().getName().equals("penstock-console"))
            .findFirst()
            .orElseThrow();
    Configuration configuration = rules.configuration(console);
    assertThat(configuration.roles()).containsExactly(Role.CONSOLE);
    assertThat(configuration.console().samples()).isFalse();
    assertThat(ManifestRules.container(console).getVolumeMounts())
        .as("it has no secret of a source")
        .noneMatch(mount -> mount.getMountPath().equals("/etc/penstock/secrets"));
    assertThat(manifests.find(Service.class, "penstock-console"))
        .hasValueSatisfying(
            service -> {
              assertThat(service.getSpec().getType()).isEqualTo("ClusterIP");
              assertThat(service.getSpec().getPorts())
                  .as("the console's port, and not the management port")
                  .extracting(port -> port.getTargetPort().getStrVal())
                  .containsExactly("console");
            });
    for (String instance : configuration.console().instances()) {
      String[] name = instance.replaceAll("http://|:9090", "").split("[.]", -1);
      assertThat(manifests.find(StatefulSet.class, name[0].replaceAll("-[0-9]+$", "")))
          .as(instance)
          .hasValueSatisfying(
              workload -> assertThat(workload.getSpec().getServiceName()).isEqualTo(name[1]));
    }
    assertThat(Manifests.render(STRIMZI).all(KafkaUser.class))
        .extracting(user -> user.metadata().getName())
        .contains("penstock-console");
  }

  /** As {@link #everyRuleCanFail}, of the console. */
  @ParameterizedTest(name = "{0} -> {1}: {2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "value: console | value: ingress | of penstock-console",
        "containerPort: 9095 | containerPort: 9096 | ports of penstock-console",
        "targetPort: console | targetPort: web | port console of the service penstock-console",
        "path: operator-token | path: token | console.access[0].secrets[0]",
        "serviceAccountName: penstock-console | serviceAccountName: default | service account",
        "type: token, | type: tokens, | console.access[0].type",
        "port: 9090 | port: 9091 | what penstock-console reaches",
        "name: penstock-console-reads | nam: x | Unrecognized field",
      })
  void everyRuleOfTheConsoleCanFail(String right, String wrong, String complaint)
      throws IOException {
    String yaml = withConsole();
    assertThat(yaml).as("what is to be broken").contains(right);
    assertThatThrownBy(
            () -> new ManifestRules(Manifests.of(yaml.replace(right, wrong)), scratch).check())
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining(complaint);
  }

  @Test
  void aConsoleWithoutUsersDoesNotStart() throws IOException {
    String yaml = withConsole();
    String without = yaml.replaceAll("(?m)^ +access:\n(?: +- \\{type: token.*\n)+", "");
    assertThat(without).isNotEqualTo(yaml);
    assertThatThrownBy(() -> new ManifestRules(Manifests.of(without), scratch).check())
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("console.host");
  }

  /** Production with the console, and with the example of its section in penstock.yaml. */
  private static String withConsole() throws IOException {
    Path directory = Path.of("target", "kustomize", "with-console");
    Files.createDirectories(directory);
    Files.writeString(
        directory.resolve("penstock.yaml"),
        Repository.text(PRODUCTION + "/penstock.yaml")
            + Repository.text("deploy/k8s/examples/console.yaml"));
    Files.writeString(
        directory.resolve("kustomization.yaml"),
        """
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        namespace: penstock
        resources: [../../../../deploy/k8s/overlays/production]
        components: [../../../../deploy/k8s/components/console]
        configMapGenerator:
          - {name: penstock-config, behavior: merge, files: [penstock.yaml]}
        images:
          - {name: penstock, newName: registry.example.com/penstock, newTag: 0.1.0}
        """);
    return Manifests.renderedText("ingest-service/" + directory);
  }

  /**
   * Production with one more component, as an operator would add it; in a directory of the build.
   */
  private static String withComponent(String component) throws IOException {
    Path directory = Path.of("target", "kustomize", component);
    Files.createDirectories(directory);
    Files.writeString(
        directory.resolve("kustomization.yaml"),
        """
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        namespace: penstock
        resources: [../../../../deploy/k8s/overlays/production]
        components: [../../../../deploy/k8s/components/%s]
        """
            .formatted(component));
    return "ingest-service/" + directory;
  }

  @Test
  void theAutoscalersMetricIsTheOneThatTheAdapterMakes() {
    JsonNode rule =
        Repository.yaml("deploy/k8s/examples/prometheus-adapter.yaml").at("/rules/custom/0");
    String metric =
        Manifests.render(PRODUCTION)
            .all(HorizontalPodAutoscaler.class)
            .get(0)
            .getSpec()
            .getMetrics()
            .stream()
            .filter(m -> m.getPods() != null)
            .map(m -> m.getPods().getMetric().getName())
            .findFirst()
            .orElseThrow();
    assertThat(rule.at("/name/as").asText()).isEqualTo(metric);
    assertThat(List.of(rule.path("seriesQuery").asText(), rule.path("metricsQuery").asText()))
        .allSatisfy(query -> assertThat(query).contains(metric + "{"));
  }

  @Test
  void kedaScalesAsTheAutoscalerDoes() {
    JsonNode keda = Repository.yaml("deploy/k8s/examples/keda.yaml");
    HorizontalPodAutoscaler other =
        Manifests.render(PRODUCTION).all(HorizontalPodAutoscaler.class).get(0);

    assertThat(keda.at("/spec/scaleTargetRef/kind").asText())
        .isEqualTo(other.getSpec().getScaleTargetRef().getKind());
    assertThat(keda.at("/spec/scaleTargetRef/name").asText())
        .isEqualTo(other.getSpec().getScaleTargetRef().getName());
    assertThat(keda.at("/spec/minReplicaCount").asInt())
        .isEqualTo(other.getSpec().getMinReplicas());
    assertThat(keda.at("/spec/maxReplicaCount").asInt())
        .isEqualTo(other.getSpec().getMaxReplicas());
    assertThat(
            keda.at("/spec/advanced/horizontalPodAutoscalerConfig/behavior/scaleDown/selectPolicy")
                .asText())
        .isEqualTo(other.getSpec().getBehavior().getScaleDown().getSelectPolicy());
    assertThat(keda.at("/spec/triggers/1/metadata/threshold").asLong()).isEqualTo(32L << 20);
    assertThat(keda.at("/spec/triggers/0/metadata/value").asText())
        .isEqualTo(
            other.getSpec().getMetrics().stream()
                .filter(metric -> metric.getResource() != null)
                .map(metric -> metric.getResource().getTarget().getAverageUtilization().toString())
                .findFirst()
                .orElseThrow());
  }

  /** Production uses the Kafka user whose Secret Strimzi makes. */
  @Test
  void rolesAreTheUsersOfTheirName() throws IOException {
    assertThat(production("penstock-ingress").roles()).containsExactly(Role.INGRESS);
    List<String> users =
        Manifests.render(STRIMZI).all(KafkaUser.class).stream()
            .map(user -> user.metadata().getName())
            .toList();
    for (StatefulSet workload : Manifests.render(PRODUCTION).all(StatefulSet.class)) {
      assertThat(users).contains(workload.getMetadata().getName());
    }
  }

  @Test
  void everyFileOfTheTreeIsUsed() throws IOException {
    Path k8s = Repository.ROOT.resolve("deploy/k8s");
    try (Stream<Path> files = Files.walk(k8s)) {
      for (Path file :
          files.filter(Files::isRegularFile).sorted(Comparator.naturalOrder()).toList()) {
        Path directory = file.resolveSibling(".").normalize();
        boolean isOwn = file.endsWith("kustomization.yaml") || directory.endsWith("examples");
        assertThat(
                isOwn
                    || Files.readString(directory.resolve("kustomization.yaml"))
                        .contains(file.getFileName().toString()))
            .as("%s is named by its kustomization", k8s.relativize(file))
            .isTrue();
      }
    }
  }

  private Configuration production(String workload) throws IOException {
    Manifests manifests = Manifests.render(PRODUCTION);
    return new ManifestRules(manifests, scratch)
        .configuration(manifests.find(StatefulSet.class, workload).orElseThrow());
  }
}
