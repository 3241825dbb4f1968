package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Secrets, tokens and bodies stay out of logs, metrics and health; and secrets can be changed while
 * the service runs.
 */
@ExtendWith(Stack.Shared.class)
class SecretsIT {

  private static final String MARKER = "body-marker-" + UUID.randomUUID();

  @Test
  void nothingSecretIsLoggedAtAnyLevel(Stack stack) throws Exception {
    Settings settings =
        Settings.of(stack)
            .with("PENSTOCK_LOG_LEVEL", "trace")
            .with("PENSTOCK_LOG_LEVEL_KAFKA", "trace")
            .with("PENSTOCK_LOG_LEVEL_ROOT", "trace");
    String wrongUrlToken = "wrong-url-token-" + UUID.randomUUID();
    String wrongToken = Sender.hash("wrong");
    String authorization = "Basic c2VjcmV0LWJhc2ljLWNyZWRlbnRpYWw6eA==";
    try (Instance instance = Instance.ready(settings);
        Sender sender = new Sender();
        Outsider outsider = new Outsider(settings)) {
      byte[] shape = Sender.shape("f", MARKER);
      byte[] session =
          ("{\"type\":\"session_status_changed\",\"payload\":{\"session_id\":\"s\",\"timestamp\":\"2025-09-01T07:26:51.484Z\",\"x\":\""
                  + MARKER
                  + "\"}}")
              .getBytes(UTF_8);
      byte[] malformed = ("{\"x\":\"" + MARKER + "\",").getBytes(UTF_8);
      byte[] unidentified = ("{\"x\":\"" + MARKER + "\"}").getBytes(UTF_8);
      List<HttpRequest> requests = new ArrayList<>();
      for (byte[] body : List.of(shape, session, malformed, unidentified)) {
        requests.add(Sender.shapes(instance, body));
        requests.add(Sender.generations(instance, body));
        requests.add(
            Sender.request(instance.url() + "/webhooks/generations/" + wrongUrlToken, body)
                .build());
        requests.add(
            Sender.request(instance.url() + "/webhooks/shapes?token=" + wrongUrlToken, body)
                .header("x-smartshape-token", wrongToken)
                .header("authorization", authorization)
                .header("cookie", "session=" + wrongUrlToken)
                .build());
        requests.add(
            Sender.request(instance.url() + "/webhooks/nobody/" + wrongUrlToken, body).build());
        requests.add(
            HttpRequest.newBuilder(requests.getFirst().uri())
                .header("x-smartshape-token", Sender.SHAPES_TOKEN)
                .header("content-type", "text/plain; note=" + wrongUrlToken)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build());
      }
      requests.forEach(sender::send);
      outsider.awaitPipeline();
      instance.terminate();

      String log = instance.log();
      assertThat(log).contains("TRACE").contains("DEBUG");
      assertAbsent(
          log,
          List.of(
              Settings.SHAPES_SECRET,
              Settings.CSM_TOKEN,
              Sender.SHAPES_TOKEN,
              wrongToken,
              wrongUrlToken,
              authorization,
              "c2VjcmV0LWJhc2ljLWNyZWRlbnRpYWw6eA",
              MARKER));
    }
  }

  @Test
  void nothingSecretIsInMetricsOrHealth(Stack stack) {
    Settings settings = Settings.of(stack);
    try (Instance instance = Instance.ready(settings);
        Sender sender = new Sender()) {
      sender.send(Sender.shapes(instance, Sender.shape("f", MARKER)));
      sender.send(
          Sender.request(instance.url() + "/webhooks/generations/wrong", Sender.shape("f", MARKER))
              .build());

      assertAbsent(
          instance.metrics() + instance.health("ready").body(),
          List.of(Settings.SHAPES_SECRET, Settings.CSM_TOKEN, Sender.SHAPES_TOKEN, MARKER));
    }
  }

  /** Without AssertJ's description, which would print the log with the secret. */
  private static void assertAbsent(String text, List<String> secrets) {
    for (int i = 0; i < secrets.size(); i++) {
      int at = text.indexOf(secrets.get(i));
      if (at >= 0) {
        int start = text.lastIndexOf('\n', at) + 1;
        throw new AssertionError(
            "secret " + i + " stands in: " + text.substring(start, Math.min(at, start + 200)));
      }
    }
  }

  @Test
  void aSecretFileIsReadAgainWhileBothAreListed(Stack stack, @TempDir Path directory)
      throws IOException {
    Path old = Files.writeString(directory.resolve("old"), "old-secret-of-shapes\n");
    Path fresh = Files.writeString(directory.resolve("new"), "not-yet-known\n");
    Settings settings =
        Settings.of(stack)
            .withText("{env: SHAPES_SECRET}", "{file: " + old + "}, {file: " + fresh + "}");
    try (Instance instance = Instance.ready(settings);
        Sender sender = new Sender()) {
      String oldToken = Sender.hash("old-secret-of-shapes");
      String newToken = Sender.hash("new-secret-of-shapes");
      assertThat(status(instance, sender, oldToken)).isEqualTo(200);
      assertThat(status(instance, sender, newToken)).isEqualTo(401);

      Path next = Files.writeString(directory.resolve("next"), "new-secret-of-shapes\n");
      Files.move(next, fresh, java.nio.file.StandardCopyOption.ATOMIC_MOVE);

      await()
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(() -> assertThat(status(instance, sender, newToken)).isEqualTo(200));
      assertThat(status(instance, sender, oldToken)).isEqualTo(200);
      assertThat(instance.metric("penstock_secret_reloads_total", "outcome=\"reloaded\""))
          .isEqualTo(1);
      assertThat(instance.metric("penstock_secret_matches_total", "entry=\"1\"")).isPositive();

      Files.writeString(old, "something-else\n");
      await()
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(() -> assertThat(status(instance, sender, oldToken)).isEqualTo(401));
      assertThat(status(instance, sender, newToken)).isEqualTo(200);
    }
  }

  private static int status(Instance instance, Sender sender, String token) {
    return sender
        .send(
            Sender.request(
                    instance.url() + "/webhooks/shapes",
                    Sender.shape("f", UUID.randomUUID().toString()))
                .header("x-smartshape-token", token)
                .build())
        .statusCode();
  }

  @Test
  void secretsThatCannotBeFoundEndTheStartAndAreAllNamed(Stack stack) {
    Settings settings =
        Settings.of(stack)
            .withText("{env: SHAPES_SECRET}", "{env: NOBODY_SET_THIS}")
            .withText("{env: CSM_URL_TOKEN}", "{file: /no/such/file}");
    try (Instance instance = Instance.launch(settings)) {
      assertThat(instance.waitForEnd()).isEqualTo(1);
      assertThat(instance.log()).contains("NOBODY_SET_THIS").contains("/no/such/file");
    }
  }
}
