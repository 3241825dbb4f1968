package io.penstock.ingest.console.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.ConfigurationReader;
import io.penstock.ingest.config.SecretCheck;
import io.penstock.ingest.source.AuthKinds;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CurlTextTest {

  private static final String SECRET = "a-secret-that-must-never-be-shown";

  private static Configuration configuration() {
    ConfigurationReader.Result result =
        new ConfigurationReader(
                Map.of("S", SECRET),
                Map.of("smartshape", Duration.ofSeconds(4), "csm", Duration.ofSeconds(4)),
                AuthKinds.ALL,
                SecretCheck.NONE)
            .read(
                """
                kafka: {bootstrap-servers: "localhost:1"}
                schema-registry: {url: "http://localhost:2"}
                topics: {prefix: webhooks}
                console: {ingress-url: "https://hooks.example.com/"}
                sources:
                  - name: shapes
                    provider: smartshape
                    auth: [{type: bcrypt-token, header: x-smartshape-token, secrets: [{env: S}]}]
                  - name: generations
                    provider: csm
                    auth: [{type: url-token, tokens: [{env: S}]}]
                """,
                Path.of("").toAbsolutePath());
    assertThat(result).isInstanceOf(ConfigurationReader.Result.Valid.class);
    return ((ConfigurationReader.Result.Valid) result).configuration();
  }

  private static String of(String source, String body) {
    return CurlText.of(
        configuration(), source, Map.of("content-type", "application/json"), body.getBytes(UTF_8));
  }

  @Test
  void thePlaceOfTheSecretIsNamedAndTheSecretIsNot() {
    assertThat(of("shapes", "{\"a\":\"it's\"}"))
        .isEqualTo(
            """
            curl -X POST 'https://hooks.example.com/webhooks/shapes' \\
              -H 'content-type: application/json' \\
              -H 'x-smartshape-token: YOUR-SECRET' \\
              --data-binary '{"a":"it'\\''s"}'""");
    assertThat(of("generations", "{}"))
        .contains("'https://hooks.example.com/webhooks/generations/YOUR-SECRET'")
        .doesNotContain(SECRET);
  }

  @Test
  void aBodyThatAShellCouldNotTakeIsAFile() {
    assertThat(of("shapes", "x".repeat(10_000))).endsWith("--data-binary @body.json");
    assertThat(of("shapes", "\u001b[31m")).endsWith("--data-binary @body.json");
    assertThat(of("shapes", "@/etc/passwd")).endsWith("--data-binary @body.json");
  }

  @Test
  void headersOfSendersCannotLeaveTheirQuotes() {
    assertThat(
            CurlText.of(configuration(), "shapes", Map.of("x", "a'; rm -rf /; '\n"), new byte[0]))
        .contains("-H 'x: a'\\''; rm -rf /; '\\'' '");
  }
}
