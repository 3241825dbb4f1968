package io.penstock.ingest.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Checks what the components for Grafana and for the Prometheus operator add to an overlay. */
class MonitoringComponentsTest {

  private static List<JsonNode> rendered(String name, String kustomization) throws IOException {
    Path directory = Path.of("target", "kustomize", name);
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("kustomization.yaml"), kustomization);
    return Repository.documents(Manifests.renderedText("ingest-service/" + directory));
  }

  @Test
  void grafanasSidecarFindsEachDashboard() throws IOException {
    List<JsonNode> documents =
        rendered(
            "grafana",
            """
            apiVersion: kustomize.config.k8s.io/v1beta1
            kind: Kustomization
            namespace: penstock
            components: [../../../../deploy/k8s/components/grafana]
            """);
    Map<String, String> dashboards = new TreeMap<>();
    for (JsonNode map : documents) {
      assertThat(map.path("kind").asText()).isEqualTo("ConfigMap");
      assertThat(map.at("/metadata/labels/grafana_dashboard").asText()).isEqualTo("1");
      // More than 256 KiB cannot be applied by a client: its annotation has the whole object.
      assertThat(map.toString()).hasSizeLessThan(200_000);
      map.path("data").properties().forEach(e -> dashboards.put(e.getKey(), e.getValue().asText()));
    }
    assertThat(dashboards).hasSameSizeAs(Monitoring.dashboardFiles());
    for (Path file : Monitoring.dashboardFiles()) {
      assertThat(new ObjectMapper().readTree(dashboards.get(file.getFileName().toString())))
          .isEqualTo(Monitoring.dashboard(file));
    }
  }

  /** As docs/metrics.md says it: a label for the stack's selector. */
  @Test
  void everyLinkOfAnAlertFollowsTheOneSetting() throws IOException {
    String component = "deploy/k8s/components/prometheus-operator/kustomization.yaml";
    String setting = "runbook=docs/runbook.md";
    assertThat(Repository.text(component)).containsOnlyOnce(setting);
    Path copy = Path.of("target", "kustomize", "operator-component");
    Files.createDirectories(copy);
    for (String file : List.of("pod-monitor.yaml", "rules.yaml")) {
      Files.writeString(
          copy.resolve(file), Repository.text("deploy/k8s/components/prometheus-operator/" + file));
    }
    Files.writeString(
        copy.resolve("kustomization.yaml"),
        Repository.text(component)
            .replace(setting, "runbook=https://wiki.example.com/penstock/runbook.md"));
    List<JsonNode> documents =
        rendered(
            "operator-links",
            """
            apiVersion: kustomize.config.k8s.io/v1beta1
            kind: Kustomization
            namespace: penstock
            components: [../operator-component]
            patches:
              - target: {group: monitoring.coreos.com}
                patch: '[{"op": "add", "path": "/metadata/labels/release", "value": "kube-prometheus-stack"}]'
            """);
    JsonNode rules =
        documents.stream()
            .filter(document -> document.path("kind").asText().equals("PrometheusRule"))
            .findFirst()
            .orElseThrow();
    assertThat(rules.at("/metadata/labels/release").asText()).isEqualTo("kube-prometheus-stack");
    assertThat(rules.findValuesAsText("runbook_url"))
        .hasSizeGreaterThan(50)
        .allMatch(url -> url.startsWith("https://wiki.example.com/penstock/runbook.md#penstock"));
  }
}
