package io.penstock.ingest.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.penstock.ingest.deploy.Manifests.HealthCheckPolicy;
import io.penstock.ingest.deploy.Manifests.HttpRoute;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The chart installs the same objects as the overlays. Every intended difference is listed here.
 */
class HelmTest {

  private static final String CHART = "deploy/helm/penstock";
  private static final String DEV_VALUES = "deploy/helm/dev-values.yaml";

  /** What Helm's users expect on every object, and a kustomization does not have. */
  private static final Set<String> LABELS_OF_A_RELEASE =
      Set.of(
          "app.kubernetes.io/instance",
          "app.kubernetes.io/version",
          "app.kubernetes.io/managed-by",
          "helm.sh/chart");

  /** In the place of the hash in the name of the overlay's ConfigMap. */
  private static final String CHECKSUM = "checksum/config";

  @TempDir Path scratch;

  private record Ran(int status, String output, String errors) {}

  /** Without helm the tests are skipped, or fail with {@code -Dpenstock.require.helm}, as in CI. */
  @BeforeAll
  static void helmIsThere() throws Exception {
    String missing = "helm 3.18 or newer is not on the path: .ci/get-helm DIRECTORY";
    try {
      if (run("helm", "version", "--short").status() == 0) {
        return;
      }
    } catch (IOException e) {
      // It is missing.
    }
    if (System.getProperty("penstock.require.helm") != null) {
      throw new AssertionError(missing);
    }
    abort(missing);
  }

  @Test
  void theDefaultsAreProduction() throws Exception {
    String chart = rendered("penstock");
    assertThat(differences(chart, Manifests.renderedText("deploy/k8s/overlays/production")))
        .isEmpty();
    new ManifestRules(Manifests.of(chart), scratch).check();
  }

  @Test
  void theValuesOfDevelopmentAreItsOverlay() throws Exception {
    String overlay = Manifests.renderedText("deploy/k8s/overlays/dev");
    // Helm creates namespaces itself, and secrets do not belong into values.
    assertThat(Manifests.of(overlay).all(Namespace.class)).hasSize(1);
    assertThat(Manifests.of(overlay).all(Secret.class)).hasSize(1);
    assertThat(
            differences(
                rendered("penstock-dev", "-f", Repository.ROOT.resolve(DEV_VALUES).toString()),
                overlay,
                "Namespace penstock-dev",
                "Secret penstock-sources"))
        .isEmpty();
  }

  @Test
  void consoleAndPrometheusOperatorAreTheComponents() throws Exception {
    Path directory = Files.createDirectories(Path.of("target", "kustomize", "for-helm"));
    Path configuration = directory.resolve("penstock.yaml");
    Files.writeString(
        configuration,
        Repository.text("deploy/k8s/overlays/production/penstock.yaml")
            + Repository.text("deploy/k8s/examples/console.yaml"));
    Files.writeString(
        directory.resolve("kustomization.yaml"),
        """
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        namespace: penstock
        resources: [../../../../deploy/k8s/overlays/production]
        components:
          - ../../../../deploy/k8s/components/console
          - ../../../../deploy/k8s/components/prometheus-operator
        configMapGenerator:
          - {name: penstock-config, behavior: merge, files: [penstock.yaml]}
        images:
          - {name: penstock, newName: registry.example.com/penstock, newTag: 0.1.0}
        """);
    String chart =
        rendered(
            "penstock",
            "--set-file",
            "config=" + configuration.toAbsolutePath(),
            "--set",
            "console.enabled=true,prometheusOperator.enabled=true");
    String overlay = Manifests.renderedText("ingest-service/" + directory);
    // With kustomize this ConfigMap holds a setting that is a value of the chart.
    String setting = "penstock-monitoring";
    String[] apart =
        Manifests.of(overlay).find(ConfigMap.class, setting).isPresent()
            ? new String[] {"ConfigMap " + setting}
            : new String[0];
    assertThat(differences(chart, overlay, apart)).isEmpty();
    new ManifestRules(Manifests.of(chart), scratch).check();
  }

  @Test
  void alertsLinkToTheRunbookThatIsSetAndDashboardsAreTheFiles() throws Exception {
    String chart =
        rendered(
            "penstock",
            "--set",
            "prometheusOperator.enabled=true,prometheusOperator.runbook=https://wiki.example.com/penstock,"
                + "prometheusOperator.labels.release=stack,grafana.dashboards=true");
    assertThat(chart)
        .contains("runbook_url: https://wiki.example.com/penstock#")
        .doesNotContain("runbook_url: docs/")
        .contains("release: stack");
    List<ConfigMap> maps =
        Manifests.of(chart).all(ConfigMap.class).stream()
            .filter(map -> map.getMetadata().getName().startsWith("penstock-dashboard-"))
            .toList();
    assertThat(maps).hasSameSizeAs(Monitoring.dashboardFiles());
    for (ConfigMap map : maps) {
      assertThat(map.getMetadata().getLabels()).containsEntry("grafana_dashboard", "1");
      map.getData()
          .forEach(
              (file, text) ->
                  assertThat(text)
                      .isEqualToIgnoringNewLines(
                          Repository.text("deploy/grafana/dashboards/" + file)));
    }
  }

  /** A difference that is not intended is found, whatever it is. */
  @Test
  void aDifferenceIsFound() throws Exception {
    String chart = rendered("penstock");
    String overlay = Manifests.renderedText("deploy/k8s/overlays/production");
    assertThat(differences(chart.replace("periodSeconds: 10", "periodSeconds: 11"), overlay))
        .containsOnlyKeys("StatefulSet penstock-ingress", "StatefulSet penstock-pipeline");
    assertThat(differences(chart.replace("max-body-size: 4MiB", "max-body-size: 5MiB"), overlay))
        .containsOnlyKeys("ConfigMap penstock-config");
    assertThat(differences(chart.replace("name: penstock-dns", "name: penstock-names"), overlay))
        .containsOnlyKeys("NetworkPolicy penstock-dns", "NetworkPolicy penstock-names");
  }

  @Test
  void itsJobsAreTheExamples() throws Exception {
    List<Job> jobs =
        Manifests.of(
                rendered("penstock", "--set", "preparation.topics=true,preparation.schemas=true"))
            .all(Job.class);
    assertThat(jobs).hasSize(2);
    for (Job job : jobs) {
      // A Job cannot be changed, so each revision has its own.
      String name = job.getMetadata().getName().replaceAll("-1$", "");
      Job example =
          Manifests.of(
                  Repository.text(
                      "deploy/k8s/examples/" + name.replace("penstock-", "") + "-job.yaml"))
              .all(Job.class)
              .get(0);
      assertThat(example.getMetadata().getName()).isEqualTo(name);
      PodSpec expected = example.getSpec().getTemplate().getSpec();
      // The chart's ConfigMap has a name without a hash.
      expected.getVolumes().stream()
          .filter(volume -> volume.getConfigMap() != null)
          .forEach(volume -> volume.getConfigMap().setName("penstock-config"));
      assertThat(job.getSpec()).isEqualTo(example.getSpec());
    }
  }

  @Test
  void theWayInIsTheExamples() throws Exception {
    Manifests chart =
        Manifests.of(
            rendered(
                "penstock",
                "--set",
                "expose.ingress.enabled=true,expose.ingress.className=nginx,"
                    + "expose.httpRoute.enabled=true,expose.httpRoute.gkeHealthCheck=true"));
    assertThat(chart.all(Ingress.class).get(0).getSpec())
        .isEqualTo(example("ingress.yaml").all(Ingress.class).get(0).getSpec());
    assertThat(chart.all(HttpRoute.class).get(0).spec())
        .isEqualTo(example("gateway.yaml").all(HttpRoute.class).get(0).spec());
    assertThat(chart.all(HealthCheckPolicy.class).get(0).spec())
        .isEqualTo(example("gke.yaml").all(HealthCheckPolicy.class).get(0).spec());
  }

  @Test
  void whatIsSetIsThere() throws Exception {
    Path values = scratch.resolve("values.yaml");
    Files.writeString(
        values,
        """
        image: {digest: "sha256:%s", pullSecrets: [registry-login]}
        extraLabels: {team: payments}
        extraVolumes: [{name: jars, emptyDir: {}}]
        extraVolumeMounts: [{name: jars, mountPath: /opt/jars}]
        spool: {storageClassName: fast, size: 20Gi, maxSize: 10GiB}
        pipeline: {storage: {storageClassName: fast}, nodeSelector: {disk: local}}
        ingress: {tolerations: [{operator: Exists}], env: [{name: PENSTOCK_LOG_LEVEL, value: debug}]}
        networkPolicy: {enabled: false}
        disruptionBudgets: {enabled: false}
        autoscaling: {enabled: false}
        """
            .formatted("0123456789abcdef".repeat(4)));
    Manifests chart = Manifests.of(rendered("penstock", "-f", values.toString()));
    for (StatefulSet workload : chart.all(StatefulSet.class)) {
      PodSpec pod = workload.getSpec().getTemplate().getSpec();
      assertThat(pod.getContainers().get(0).getImage())
          .isEqualTo("registry.example.com/penstock@sha256:" + "0123456789abcdef".repeat(4));
      assertThat(pod.getImagePullSecrets())
          .containsExactly(new LocalObjectReference("registry-login"));
      assertThat(ManifestRules.podLabels(workload)).containsEntry("team", "payments");
      assertThat(workload.getSpec().getSelector().getMatchLabels()).doesNotContainKey("team");
      assertThat(pod.getVolumes()).extracting(volume -> volume.getName()).contains("jars");
      assertThat(pod.getContainers().get(0).getVolumeMounts())
          .extracting(mount -> mount.getMountPath())
          .contains("/opt/jars");
      assertThat(
              workload.getSpec().getVolumeClaimTemplates().get(0).getSpec().getStorageClassName())
          .isEqualTo("fast");
    }
    StatefulSet ingress = chart.find(StatefulSet.class, "penstock-ingress").orElseThrow();
    assertThat(ingress.getSpec().getReplicas()).isEqualTo(3);
    assertThat(ManifestRules.container(ingress).getEnv())
        .anyMatch(variable -> variable.getName().equals("PENSTOCK_LOG_LEVEL"));
    assertThat(chart.resources())
        .extracting(object -> object.getClass().getSimpleName())
        .doesNotContain("NetworkPolicy", "PodDisruptionBudget", "HorizontalPodAutoscaler");
    assertThat(chart.all(Deployment.class)).isEmpty();
    assertThat(chart.resources())
        .filteredOn(HasMetadata.class::isInstance)
        .extracting(object -> ((HasMetadata) object).getMetadata().getLabels().get("team"))
        .containsOnly("payments");
  }

  @Test
  void unknownAndWrongValuesAreErrors() throws Exception {
    for (String wrong :
        List.of(
            "image.tagg=x",
            "image.tag=latest",
            "image.digest=abc",
            "spool.maxSize=2Gi",
            "pipeline.replicas=two",
            "networkPolicy.dns.port=0",
            "console.enabled=maybe")) {
      Ran ran = template("penstock", "--set", wrong);
      assertThat(ran.status()).as(wrong).isNotZero();
      assertThat(ran.errors()).as(wrong).contains("schema");
    }
  }

  @Test
  void helmFindsNothingToSay() throws Exception {
    for (List<String> more :
        List.of(List.<String>of(), List.of("-f", Repository.ROOT.resolve(DEV_VALUES).toString()))) {
      List<String> command = new ArrayList<>(List.of("helm", "lint", "--strict", chart()));
      command.addAll(more);
      Ran ran = run(command.toArray(new String[0]));
      assertThat(ran.status()).as(ran.output()).isZero();
      assertThat(ran.output()).doesNotContain("[WARNING]", "[ERROR]");
    }
  }

  private static Manifests example(String file) {
    return Manifests.of(Repository.text("deploy/k8s/examples/" + file));
  }

  private static String chart() {
    return Repository.ROOT.resolve(CHART).toString();
  }

  private static Ran template(String namespace, String... more) throws Exception {
    return run(
        Stream.concat(
                Stream.of("helm", "template", "penstock", chart(), "--namespace", namespace),
                Arrays.stream(more))
            .toArray(String[]::new));
  }

  private static String rendered(String namespace, String... more) throws Exception {
    Ran ran = template(namespace, more);
    assertThat(ran.status()).as(ran.errors()).isZero();
    return ran.output();
  }

  private static Ran run(String... command) throws IOException, InterruptedException {
    Path errors = Files.createTempFile("helm", ".err");
    try {
      Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).as("it ends").isTrue();
      return new Ran(process.exitValue(), output, Files.readString(errors));
    } finally {
      Files.delete(errors);
    }
  }

  /**
   * The objects that one side lacks or that are not the same on both, by kind and name: as the
   * chart has them, and as the overlay does.
   *
   * @param apart those that the overlay alone has on purpose
   */
  private static Map<String, String> differences(String chart, String overlay, String... apart) {
    Map<String, JsonNode> one = objects(chart);
    // The name of the overlay's ConfigMap ends in a hash of its content.
    Map<String, JsonNode> other =
        objects(overlay.replaceAll("penstock-config-[0-9a-z]{10}", "penstock-config"));
    for (String name : apart) {
      assertThat(one).doesNotContainKey(name);
      assertThat(other.remove(name)).as(name).isNotNull();
    }
    Map<String, String> different = new TreeMap<>();
    Stream.concat(one.keySet().stream(), other.keySet().stream())
        .distinct()
        .sorted()
        .filter(name -> !text(one.get(name)).equals(text(other.get(name))))
        .forEach(name -> different.put(name, text(one.get(name)) + text(other.get(name))));
    return different;
  }

  private static String text(@Nullable JsonNode node) {
    try {
      return node == null ? "" : Repository.YAML.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  private static Map<String, JsonNode> objects(String yaml) {
    Map<String, JsonNode> objects = new TreeMap<>();
    for (Object typed : Manifests.of(yaml).resources()) {
      ObjectNode object = Repository.YAML.valueToTree(typed);
      object
          .withObject("/metadata")
          .withObject("/labels")
          .properties()
          .removeIf(label -> LABELS_OF_A_RELEASE.contains(label.getKey()));
      JsonNode annotations = object.at("/spec/template/metadata/annotations");
      if (annotations instanceof ObjectNode some) {
        some.remove(CHECKSUM);
        if (some.isEmpty()) {
          ((ObjectNode) object.at("/spec/template/metadata")).remove("annotations");
        }
      }
      String name = object.path("kind").asText() + " " + object.at("/metadata/name").asText();
      JsonNode plain = name.startsWith("PrometheusRule ") ? folded(object) : object;
      assertThat(objects.put(name, sorted(plain))).as("%s is there once", name).isNull();
    }
    return objects;
  }

  /**
   * White space in expressions means nothing, and kustomize folds long ones in a way of its own.
   */
  private static JsonNode folded(JsonNode node) {
    if (node instanceof ObjectNode object) {
      object.properties().forEach(field -> field.setValue(folded(field.getValue())));
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        array.set(i, folded(array.get(i)));
      }
    } else if (node.isTextual()) {
      return TextNode.valueOf(node.asText().replaceAll("\\s+", " ").strip());
    }
    return node;
  }

  /** Fields by name, and lists of named things by their names: their order means nothing. */
  private static JsonNode sorted(JsonNode node) {
    if (node instanceof ObjectNode object) {
      ObjectNode result = object.objectNode();
      object.properties().stream()
          .sorted(Map.Entry.comparingByKey())
          .forEach(
              field -> {
                // Writers differ in whether they write what is empty.
                boolean isEmpty =
                    field.getValue().isNull()
                        || (field.getValue().isContainerNode() && field.getValue().isEmpty());
                if (!isEmpty) {
                  result.set(field.getKey(), sorted(field.getValue()));
                }
              });
      return result;
    }
    if (node instanceof ArrayNode array) {
      List<JsonNode> elements = new ArrayList<>();
      array.forEach(element -> elements.add(sorted(element)));
      if (elements.stream().allMatch(element -> element.has("name"))) {
        elements.sort(Comparator.comparing(element -> element.path("name").asText()));
      }
      ArrayNode result = array.arrayNode();
      result.addAll(elements);
      return result;
    }
    return node;
  }
}
