package io.penstock.ingest.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.delivery.Reason;
import io.penstock.ingest.ingress.IngressApi;
import io.penstock.ingest.management.ManagementPage;
import io.penstock.ingest.management.ManagementServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The OpenAPI document says what the service does, and the one in the schemas' artifact is that of
 * this version. {@code -Dpenstock.docs.write} writes it.
 */
class ApiDocumentTest {

  private static final Path FILE = Path.of("../schemas/src/main/openapi/penstock.json");

  private static JsonObject document() {
    return ApiDocument.of(pages(), Optional.of(IngressApi.ofAny()), version());
  }

  /** Those of an ingress, which are made before they are asked. */
  private static List<ManagementPage> pages() {
    return ApiDocument.describing(
        IngressPages.described(), Optional.of(IngressApi.ofAny()), version());
  }

  private static String version() {
    try {
      var found =
          Pattern.compile("<version>([^<]+)</version>")
              .matcher(Files.readString(Path.of("../pom.xml")));
      assertThat(found.find()).isTrue();
      return found.group(1);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void isPublishedAsItIs() throws IOException {
    String text = document().encodePrettily() + "\n";
    if (System.getProperty("penstock.docs.write") != null) {
      Files.createDirectories(FILE.getParent());
      Files.writeString(FILE, text);
    }
    assertThat(Files.readString(FILE))
        .as("run this with -Dpenstock.docs.write, and commit the file")
        .isEqualTo(text);
  }

  /** Every problem that a sender may get, with its status, and no other. */
  @Test
  void namesEveryProblemAndNoOther() {
    Set<String> expected = new TreeSet<>();
    for (Reason reason : Reason.values()) {
      if (reason != Reason.UNDECODABLE) { // only for dead letters
        expected.add(reason.status() + " " + reason.code());
      }
    }
    Set<String> named = new TreeSet<>();
    JsonObject responses = document().getJsonObject("components").getJsonObject("responses");
    for (Map.Entry<String, Object> each : responses) {
      JsonObject content = ((JsonObject) each.getValue()).getJsonObject("content");
      if (content != null && content.containsKey("application/problem+json")) {
        JsonObject own =
            content
                .getJsonObject("application/problem+json")
                .getJsonObject("schema")
                .getJsonArray("allOf")
                .getJsonObject(1)
                .getJsonObject("properties");
        own.getJsonObject("type")
            .getJsonArray("enum")
            .forEach(code -> named.add(own.getJsonObject("status").getValue("const") + " " + code));
      }
    }
    assertThat(named).isEqualTo(expected);
  }

  @Test
  void everyDeliveryMayGetEveryStatus() {
    Set<String> statuses = new TreeSet<>(Set.of("200", "400", "414", "431", "501"));
    IngressApi.told().forEach(reason -> statuses.add(Integer.toString(reason.status())));
    JsonObject paths = document().getJsonObject("paths");
    assertThat(paths.fieldNames().stream().filter(path -> path.startsWith("/webhooks/")))
        .containsExactlyInAnyOrder("/webhooks/{source}", "/webhooks/{source}/{token}")
        .allSatisfy(
            path ->
                assertThat(
                        paths
                            .getJsonObject(path)
                            .getJsonObject("post")
                            .getJsonObject("responses")
                            .fieldNames())
                    .isEqualTo(statuses));
  }

  @Test
  void namesEveryPathOfTheManagementPortAndNoOther() {
    assertThat(
            document().getJsonObject("paths").fieldNames().stream()
                .filter(path -> !path.startsWith("/webhooks/")))
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(
                    Stream.of(
                        ManagementServer.LIVE,
                        ManagementServer.READY,
                        ManagementServer.STARTUP,
                        ManagementServer.METRICS,
                        "/debug/threads",
                        "/debug/heap",
                        "/debug/log-level"),
                    pages().stream().map(ManagementPage::path))
                .toList());
  }

  @Test
  void everyReferenceLeadsSomewhere() {
    JsonObject document = document();
    List<String> references = new ArrayList<>();
    collect(document, references);
    assertThat(references)
        .isNotEmpty()
        .allSatisfy(
            reference -> {
              JsonObject node = document;
              String[] names = reference.substring(2).split("/", -1);
              for (String name : names) {
                node = node.getJsonObject(name);
                assertThat(node).as(reference).isNotNull();
              }
            });
  }

  private static void collect(Object node, List<String> references) {
    switch (node) {
      case JsonObject object ->
          object.forEach(
              each -> {
                if (each.getKey().equals("$ref")) {
                  references.add(each.getValue().toString());
                } else {
                  collect(each.getValue(), references);
                }
              });
      case JsonArray array -> array.forEach(each -> collect(each, references));
      default -> {}
    }
  }

  @Test
  void operationsHaveIdsOfTheirOwn() {
    List<String> ids =
        document().getJsonObject("paths").stream()
            .flatMap(path -> ((JsonObject) path.getValue()).stream())
            .filter(each -> each.getValue() instanceof JsonObject)
            .map(each -> ((JsonObject) each.getValue()).getString("operationId"))
            .collect(Collectors.toList());
    assertThat(ids).isNotEmpty().doesNotHaveDuplicates().doesNotContainNull();
  }
}
