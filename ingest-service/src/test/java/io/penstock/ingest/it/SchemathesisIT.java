package io.penstock.ingest.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.penstock.ingest.Thorough;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The running service does what its OpenAPI document says: Schemathesis asks, with the senders'
 * credentials and without, with valid requests and with hostile ones. Skipped without Python or the
 * package.
 */
@ExtendWith(Stack.Shared.class)
@Thorough("`ApiDocumentTest`, `ManagementServerTest` and `OpenApiTest`")
class SchemathesisIT {

  private static final int MISSING = 77;
  private static final String USUAL = "auth: [{type: url-token, tokens: [{env: CSM_URL_TOKEN}]}]";
  private static final String KEY = "the-key-for-this-test";

  private static final String SOURCES =
      """

        - name: twins
          provider: matterport
          auth: [{type: basic, username: penstock, passwords: [{env: ITS_KEY}]}]
        - name: things
          provider: webhook
          auth: [{type: header, name: x-key, values: [{env: ITS_KEY}]}]
          webhook: {id: digest}
        - name: pages
          provider: webhook
          auth: [{type: query, parameter: key, values: [{env: ITS_KEY}]}]
          challenge: {type: echo, tokens: [{env: ITS_KEY}]}
          webhook: {id: digest}
      """;

  /** What Schemathesis is to send besides, by the names of the document. */
  private static String credentials() {
    return """

    [auth.openapi]
    twins-basic = { username = "penstock", password = "%1$s" }
    things-header-x-key = { api_key = "%1$s" }
    shapes-bcrypt-token-x-smartshape-token = { api_key = "%3$s" }
    pages-query-key = { api_key = "%1$s" }

    [[operations]]
    include-path = "/webhooks/generations/{token}"
    parameters = { "path.token" = "%2$s" }
    """
        .formatted(KEY, Settings.CSM_TOKEN, Sender.SHAPES_TOKEN);
  }

  @Test
  void theServiceDoesWhatItsDocumentSays(Stack stack) throws Exception {
    Settings settings =
        Settings.of(stack)
            .withText(USUAL, USUAL + SOURCES.stripTrailing())
            .with("ITS_KEY", KEY)
            .patient(5);
    try (Instance instance = Instance.ready(settings)) {
      Path directory = Files.createDirectories(Path.of("target", "schemathesis-it"));
      Path config = directory.resolve("schemathesis.toml").toAbsolutePath();
      Files.writeString(
          config, Files.readString(Path.of("..", ".ci", "schemathesis.toml")) + credentials());
      Path output = directory.resolve("output.txt");
      Process process =
          start(
              List.of(
                  Path.of("..", ".ci", "schemathesis").toAbsolutePath().toString(),
                  "http://127.0.0.1:" + instance.managementPort(),
                  instance.url(),
                  config.toString()),
              output);
      try {
        assertThat(process.waitFor(10, TimeUnit.MINUTES)).as("it ends").isTrue();
      } finally {
        process.destroyForcibly();
      }
      String text = Files.readString(output);
      if (process.exitValue() == MISSING) {
        abort(text.strip());
      }
      assertThat(process.exitValue()).as(text).isZero();
      // Authentic requests were among them, of every source that it has the credentials of.
      assertThat(instance.metrics().lines())
          .filteredOn(
              line ->
                  line.startsWith("penstock_deliveries_total{")
                      && line.contains("outcome=\"acknowledged\"")
                      && !line.endsWith(" 0.0"))
          .extracting(line -> line.replaceAll(".*source=\"([a-z]+)\".*", "$1"))
          .contains("twins", "things", "pages", "generations", "shapes");
    }
  }

  private static Process start(List<String> command, Path output) throws IOException {
    try {
      return new ProcessBuilder(command)
          .redirectInput(Path.of("/dev/null").toFile())
          .redirectErrorStream(true)
          .redirectOutput(output.toFile())
          .start();
    } catch (IOException e) {
      return abort("no shell: " + e.getMessage());
    }
  }
}
