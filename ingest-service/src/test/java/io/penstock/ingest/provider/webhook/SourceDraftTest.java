package io.penstock.ingest.provider.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.config.ConfigurationReader;
import io.penstock.ingest.config.ConfigurationReader.Result;
import io.penstock.ingest.config.SecretCheck;
import io.penstock.ingest.provider.EventSchemas;
import io.penstock.ingest.source.AuthKinds;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import javax.tools.ToolProvider;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceDraftTest {

  private static String draft(String name, String... lines) {
    SourceDraft draft = new SourceDraft();
    for (String line : lines) {
      assertThat(draft.add(line)).as(line).isTrue();
    }
    String yaml = draft.yaml(name);
    Result result =
        new ConfigurationReader(
                Map.of(), Map.of("webhook", Duration.ofSeconds(4)), AuthKinds.ALL, SecretCheck.NONE)
            .read(
                "kafka: {bootstrap-servers: 'k:1'}\nschema-registry: {url: 'http://r'}\n" + yaml,
                Path.of("/etc"));
    assertThat(result).as(yaml).isInstanceOf(Result.Valid.class);
    return yaml;
  }

  @Test
  void aSenderOfIdsInHeadersIsRecognized() {
    String body = "\"body\": {\"repository\": {\"id\": 1, \"full_name\": \"a/secret-name\"}}}";
    String yaml =
        draft(
            "repositories",
            "{\"headers\": {\"X-GitHub-Event\": \"push\", \"X-GitHub-Delivery\": \"delivery-1\","
                + " \"X-Hub-Signature-256\": \"sha256=00\"}, "
                + body,
            "{\"headers\": {\"X-GitHub-Event\": \"push\", \"X-GitHub-Delivery\": \"delivery-2\","
                + " \"X-Hub-Signature-256\": \"sha256=01\"}, "
                + body);

    assertThat(yaml)
        .contains(
            "  - name: repositories\n", "preset: github, secrets: [{env: REPOSITORIES_SECRET}]")
        .contains("      id: header:x-github-delivery ")
        .contains("      type: header:x-github-event ")
        .contains("      entity: /repository/")
        .doesNotContain("delivery-1", "push", "secret-name", "sha256=0");
  }

  private static String acme(int number, String type) {
    return """
        {"event": "evt_000%d", "type": "%s", "at": "2025-09-01T07:26:5%dZ", "data": \
        {"scan_id": "secret-scan", "points": 12, "ratio": 0.5, "settings": {}, \
        "tags": [{"name": "a"}, {"name": null, "at": 5}], "x": [1, "a"]}}"""
        .formatted(number, type, number);
  }

  @Test
  void aProviderOfItsOwnIsDraftedWithASchemaAndRulesThatCompile(@TempDir Path directory)
      throws Exception {
    SourceDraft draft = new SourceDraft();
    for (int i = 1; i <= 3; i++) {
      assertThat(draft.add(acme(i, i < 3 ? "scan.finished" : "scan.failed"))).isTrue();
    }
    ProviderDraft.Files files = (ProviderDraft.Files) draft.provider("acme-two");
    assertThat(files.types()).containsExactly("scan.failed", "scan.finished");
    String avsc = String.valueOf(files.byPath().get("schemas/src/main/avro/AcmeTwoEvent.avsc"));
    Schema.Parser parser = new Schema.Parser();
    parser.parse(EventSchemas.load("EventMetadata").toString());
    Schema schema = parser.parse(avsc);

    assertThat(schema.getFields())
        .extracting(Schema.Field::name)
        .containsExactly("metadata", "scanFailed", "scanFinished", "json");
    assertThat(EventSchemas.types(schema))
        .containsExactlyInAnyOrder("scan.failed", "scan.finished");
    Schema data = at(at(schema, "scanFinished"), "data");
    assertThat(at(data, "scanId").getType()).isEqualTo(Schema.Type.STRING);
    assertThat(at(data, "points").getType()).isEqualTo(Schema.Type.LONG);
    assertThat(at(data, "ratio").getType()).isEqualTo(Schema.Type.DOUBLE);
    assertThat(data.getField("settings").getObjectProp("penstock.opaque")).isEqualTo(true);
    assertThat(data.getField("x").getObjectProp("penstock.opaque")).isEqualTo(true);
    assertThat(at(data, "tags").getElementType().getFields())
        .extracting(Schema.Field::name)
        .containsExactly("name", "at");
    assertThat(at(at(schema, "scanFinished"), "at").getLogicalType().getName())
        .isEqualTo("timestamp-millis");
    String rules =
        String.valueOf(
            files
                .byPath()
                .get(
                    "ingest-service/src/main/java/io/penstock/ingest/provider/acmetwo/AcmeTwo.java"));
    assertThat(rules)
        .contains(
            ".type(\"type\")",
            ".requires(\"data.scan_id\", \"event\")",
            ".time(\"at\")",
            "Identified.of(envelope.id(\"data.scan_id\"), envelope.id(\"event\"))");
    assertThat(String.join("", files.byPath().values()))
        .doesNotContain("secret-scan", "evt_000", "2025-09");
    assertCompiles(directory, rules);
  }

  private static Schema at(Schema record, String field) {
    return record.getField(field).schema().getTypes().get(1);
  }

  private static void assertCompiles(Path directory, String rules) throws Exception {
    Path file = Files.writeString(directory.resolve("AcmeTwo.java"), rules);
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                said,
                said,
                "-proc:none",
                "-d",
                directory.toString(),
                "-cp",
                System.getProperty("java.class.path"),
                file.toString());
    assertThat(status).as(said.toString(UTF_8)).isZero();
  }

  @Test
  void samplesWithoutATypeOrAnEntityAreNoProvider() {
    SourceDraft draft = new SourceDraft();
    draft.add("{\"n\": 1}");
    assertThat(draft.provider("acme"))
        .isInstanceOfSatisfying(
            ProviderDraft.Impossible.class,
            impossible -> assertThat(impossible.why()).contains("names the type"));
  }

  @Test
  void aSenderOfBodiesAloneIsRecognized() {
    String yaml =
        draft(
            "payments",
            "{\"id\": \"evt_00001\", \"type\": \"a.b\", \"created\": 1756711611, \"data\": {\"object\":"
                + " {\"customer_id\": \"cus_1\"}}}",
            "{\"id\": \"evt_00002\", \"type\": \"a.c\", \"created\": 1756711612, \"data\": {\"object\":"
                + " {\"customer_id\": \"cus_1\"}}}");

    assertThat(yaml)
        .contains("      id: /id ", "      type: /type ", "      time: /created ")
        .contains("      entity: /data/object/customer_id ")
        .contains("{type: url-token, tokens: [{env: PAYMENTS_URL_TOKEN}]}");
  }

  @Test
  void withoutAnIdTheBodysDigestIsProposed() {
    assertThat(draft("other", "{\"a\": 1}", "{\"a\": 1}", "[1]")).contains("      id: digest ");
  }

  @Test
  void oddNamesAreQuotedAndLinesThatAreNoJsonAreNoSamples() {
    assertThat(draft("odd", "{\"it's: #\": {\"uuid\": \"00000000-1\"}}"))
        .contains("id: '/it''s: #/uuid' ");
    assertThat(new SourceDraft().add("not json")).isFalse();
    assertThat(new SourceDraft().add("7")).isFalse();
  }
}
