package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.ingest.subscription.FakeMatterport;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
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

  private static final String USUAL = "auth: [{type: url-token, tokens: [{env: CSM_URL_TOKEN}]}]";

  /** A source for each kind of authentication that the usual settings do not have. */
  private static final String OTHERS =
      String.join(
          "\n  - ",
          USUAL,
          other("signed", "move", "standard-webhooks, secrets: [{env: MOVE_SECRET}]"),
          other("hashed", "smartshape", "hmac, preset: stripe, secrets: [{env: SHAPES_SECRET}]"),
          other("named", "smartshape", "basic, username: u, passwords: [{env: SHAPES_SECRET}]"),
          other("borne", "smartshape", "bearer, tokens: [{env: SHAPES_SECRET}]"),
          other("headed", "smartshape", "header, name: x-key, values: [{env: SHAPES_SECRET}]"),
          other("asked", "smartshape", "query, parameter: key, values: [{env: SHAPES_SECRET}]"),
          other("bodily", "smartshape", "body-field, field: key, values: [{env: SHAPES_SECRET}]"));

  private static String other(String name, String provider, String auth) {
    return "{name: " + name + ", provider: " + provider + ", auth: [{type: " + auth + "}]}";
  }

  /** A refused request: its source's address, its headers, and the words for the operator. */
  private record Fault(String path, List<String> headers, String why) {}

  @Test
  void everyRefusalSaysWhyAndNothingSecretIsOnTheManagementPort(Stack stack) {
    Settings settings =
        Settings.of(stack).withText(USUAL, OTHERS).with("MOVE_SECRET", MoveSettings.SECRET);
    String wrong = "wrong-" + UUID.randomUUID();
    String old = Long.toString(Instant.now().minus(Duration.ofMinutes(7)).getEpochSecond());
    String now = Long.toString(Instant.now().getEpochSecond());
    String signature = "v1," + "A".repeat(43) + "=";
    String hex = "0123456789abcdef".repeat(4);
    List<Fault> faults =
        List.of(
            new Fault("/shapes", List.of(), "the header x-smartshape-token is missing"),
            new Fault(
                "/shapes",
                List.of("x-smartshape-token", Sender.hash(wrong)),
                "the hash in the header x-smartshape-token was made of another secret"),
            new Fault(
                "/generations/" + wrong,
                List.of(),
                "the token in the address is of no configured secret"),
            new Fault(
                "/signed",
                List.of("svix-id", wrong, "svix-timestamp", old, "svix-signature", signature),
                "the timestamp in the header svix-timestamp is 7 minutes old, and the source allows"
                    + " 5 minutes"),
            new Fault(
                "/signed",
                List.of("svix-id", wrong, "svix-timestamp", now, "svix-signature", signature),
                "the signature was made with another secret, or over another body than the one that"
                    + " came, as when a proxy changes it"),
            new Fault(
                "/hashed",
                List.of("stripe-signature", "t=" + now + ",v1=" + hex),
                "the signature is of another secret, or of another body than the one that came, as"
                    + " when a proxy changes it"),
            new Fault(
                "/named",
                List.of("authorization", "Basic dTp3cm9uZw=="),
                "the password in the header authorization is of no configured secret"),
            new Fault(
                "/borne",
                List.of("authorization", "Bearer " + wrong),
                "the token in the header authorization is of no configured secret"),
            new Fault(
                "/headed",
                List.of("x-key", wrong),
                "the value of the header x-key is of no configured secret"),
            new Fault(
                "/asked?key=" + wrong,
                List.of(),
                "the value of the parameter key in the address is of no configured secret"),
            new Fault("/bodily", List.of(), "the member key of the body is missing"),
            new Fault(
                "/shapes/" + wrong,
                List.of(),
                "the source shapes takes no token in its address (it has no url-token in auth)"),
            new Fault(
                "/" + wrong,
                List.of(),
                "no source has the name in the address, which has 42 characters"));
    try (Instance instance = Instance.ready(settings);
        Sender sender = new Sender()) {
      byte[] body = Sender.shape("f", MARKER);
      assertThat(sender.send(Sender.shapes(instance, body)).statusCode()).isEqualTo(200);
      for (Fault fault : faults) {
        HttpRequest.Builder request =
            Sender.request(instance.url() + "/webhooks" + fault.path(), body)
                .header("cookie", "session=" + wrong);
        for (int i = 0; i < fault.headers().size(); i += 2) {
          request.header(fault.headers().get(i), fault.headers().get(i + 1));
        }
        assertThat(sender.send(request.build()).statusCode()).as(fault.why()).isIn(401, 404);
      }
      // What is refused is noted once its answer is on its way.
      await()
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(
              () ->
                  assertThat(
                          page(instance, sender, "/refusals").getJsonArray("refusals").stream()
                              .map(each -> ((JsonObject) each).getString("why")))
                      .containsExactlyInAnyOrderElementsOf(
                          faults.stream().map(Fault::why).toList()));
      JsonObject signed = page(instance, sender, "/refusals?source=signed");
      assertThat(signed.getJsonArray("refusals")).hasSize(2);
      assertThat(signed.getJsonArray("refusals").getJsonObject(0).getString("authenticator"))
          .isEqualTo("standard-webhooks");
      JsonObject shapes =
          page(instance, sender, "/sources?source=shapes").getJsonArray("sources").getJsonObject(0);
      assertThat(shapes.getJsonObject("acknowledged").getInteger("count")).isEqualTo(1);
      assertThat(shapes.getJsonArray("authentication").getJsonObject(0).getInteger("matched-last"))
          .isEqualTo(1);

      assertAbsent(
          instance.metrics()
              + instance.health("ready").body()
              + page(instance, sender, "/refusals")
              + page(instance, sender, "/sources"),
          List.of(
              Settings.SHAPES_SECRET,
              Settings.CSM_TOKEN,
              MoveSettings.SECRET,
              Sender.SHAPES_TOKEN,
              wrong,
              signature,
              hex,
              "dTp3cm9uZw",
              MARKER));
    }
  }

  @Test
  void noCommandAboutRegistrationsShowsASecretAtAnyLevel(Stack stack, @TempDir Path directory)
      throws Exception {
    String password = "password-" + UUID.randomUUID();
    String token = "url-token-" + UUID.randomUUID();
    try (FakeMatterport matterport = new FakeMatterport()) {
      Settings settings =
          Settings.of(stack)
              .withText("provider: csm", "provider: matterport")
              .withText(
                  USUAL,
                  "auth: [{type: url-token, tokens: [{env: URL_TOKEN}]}, {type: basic, username: u,"
                      + " passwords: [{env: PASSWORD}]}]\n    subscription: {callback-url:"
                      + " https://hooks.example.com/webhooks/generations, api: {url: '"
                      + matterport.url()
                      + "', credentials: [{env: ID}, {env: SECRET}]}}")
              .with("URL_TOKEN", token)
              .with("PASSWORD", password)
              .with("ID", FakeMatterport.TOKEN_ID)
              .with("SECRET", FakeMatterport.TOKEN_SECRET)
              .with("PENSTOCK_LOG_LEVEL", "trace")
              .with("PENSTOCK_LOG_LEVEL_ROOT", "trace");
      for (String command :
          List.of("plan", "apply --yes", "list", "apply --renew --yes", "ping", "remove --yes")) {
        List<String> line = new ArrayList<>(List.of("subscriptions"));
        line.addAll(List.of(command.split(" ", -1)));
        Path err = directory.resolve("err");
        Process process = Command.start(settings, directory, err, line);
        String out = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(command).isEqualTo(command.equals("plan") ? 2 : 0);
        assertAbsent(
            out + Files.readString(err),
            List.of(
                password,
                token,
                FakeMatterport.TOKEN_ID,
                FakeMatterport.TOKEN_SECRET,
                matterport.authorization()));
      }
      assertThat(matterport.callbacks()).isEmpty();
      assertThat(matterport.faults()).isEmpty();
    }
  }

  private static JsonObject page(Instance instance, Sender sender, String path) {
    HttpResponse<String> answer =
        sender.send(
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + instance.managementPort() + path))
                .timeout(Duration.ofMinutes(2))
                .build());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return new JsonObject(answer.body());
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
