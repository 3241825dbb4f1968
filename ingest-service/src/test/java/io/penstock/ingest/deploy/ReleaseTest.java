package io.penstock.ingest.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a release consists of names one version, and what makes it is pinned. */
class ReleaseTest {

  private static final Pattern OURS =
      Pattern.compile("registry\\.example\\.com/penstock:([\\w.]+)");

  /** The version of the poms, or the one that they lead to. */
  private static String version() {
    Matcher version =
        Pattern.compile("<artifactId>penstock</artifactId>\\s*<version>([^<]+)</version>")
            .matcher(Repository.text("pom.xml"));
    assertThat(version.find()).isTrue();
    return version.group(1).replace("-SNAPSHOT", "");
  }

  @Test
  void everyPlaceNamesTheSameVersion() throws IOException {
    JsonNode chart = Repository.yaml("deploy/helm/penstock/Chart.yaml");
    assertThat(chart.path("version").asText()).isEqualTo(version());
    assertThat(chart.path("appVersion").asText()).isEqualTo(version());
    assertThat(
            Repository.yaml("deploy/k8s/overlays/production/kustomization.yaml")
                .at("/images/0/newTag")
                .asText())
        .isEqualTo(version());
    try (Stream<Path> files = Files.list(Repository.ROOT.resolve("deploy/k8s/examples"))) {
      for (Path file : files.toList()) {
        OURS.matcher(Files.readString(file))
            .results()
            .forEach(image -> assertThat(image.group(1)).as(file.toString()).isEqualTo(version()));
      }
    }
    assertThat(Repository.text("Dockerfile")).contains("ARG VERSION=" + version());
  }

  @Test
  void theChangeLogHasThisVersionOrWhatIsNotReleased() {
    List<String> headings =
        Repository.text("CHANGELOG.md").lines().filter(line -> line.startsWith("## ")).toList();
    assertThat(headings.get(0))
        .satisfiesAnyOf(
            first -> assertThat(first).isEqualTo("## [Unreleased]"),
            first -> assertThat(first).matches("## \\[" + version() + "] - \\d{4}-\\d\\d-\\d\\d"));
  }

  /** A tag of an action can be moved by others; a commit cannot. */
  @Test
  void workflowsUseActionsByCommitAndHaveFewRights() throws IOException {
    try (Stream<Path> files = Files.list(Repository.ROOT.resolve(".github/workflows"))) {
      List<Path> workflows = files.toList();
      assertThat(workflows).hasSizeGreaterThanOrEqualTo(3);
      for (Path file : workflows) {
        String text = Files.readString(file);
        assertThat(text.lines().filter(line -> line.contains("uses: ")))
            .as(file.toString())
            .allSatisfy(
                line ->
                    assertThat(line)
                        .matches("\\s*(- )?uses: [\\w./-]+@[0-9a-f]{40} # v\\d+\\.\\d+\\.\\d+"));
        assertThat(text).as(file.toString()).contains("\npermissions: {contents: read}\n");
      }
    }
  }

  @Test
  void theImageSaysWhatItIsAndHasItsBillOfMaterials() {
    String dockerfile = Repository.text("Dockerfile");
    String pom = Repository.text("ingest-service/pom.xml");
    for (String label : List.of("title", "description", "licenses", "version")) {
      assertThat(dockerfile).contains("org.opencontainers.image." + label + "=");
      assertThat(pom).contains("<org.opencontainers.image." + label + ">");
    }
    assertThat(dockerfile)
        .contains(
            "org.opencontainers.image.revision=",
            "org.opencontainers.image.source=",
            "org.opencontainers.image.base.name=",
            "COPY --from=build /opt/penstock/sbom.cdx.json /opt/penstock/");
    assertThat(Repository.text("deploy/image/lay-out")).contains("sbom.cdx.json");
    assertThat(pom).contains("<outputName>sbom.cdx</outputName>");
  }
}
