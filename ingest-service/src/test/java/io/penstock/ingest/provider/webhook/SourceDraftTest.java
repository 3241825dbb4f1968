package io.penstock.ingest.provider.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.config.ConfigurationReader;
import io.penstock.ingest.config.ConfigurationReader.Result;
import io.penstock.ingest.config.SecretCheck;
import io.penstock.ingest.source.AuthKinds;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

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
