package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.ingest.subscription.FakeMatterport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is registered at a provider leads to the running service, and is accepted by it. */
@ExtendWith(Stack.Shared.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // set before all tests
class SubscriptionsIT {

  private static final String PASSWORD = "twins-password-" + UUID.randomUUID();
  private static final String KEY = "twins-key-" + UUID.randomUUID();

  private static final String SOURCE =
      """
      sources:
        - name: twins
          provider: matterport
          auth:
            - {type: basic, username: penstock, passwords: [{env: TWINS_PASSWORD}]}
            - {type: header, name: x-twins, values: [{env: TWINS_KEY}]}
            - {type: query, parameter: key, values: [{env: TWINS_KEY}]}
          subscription:
            callback-url: http://127.0.0.1:9/webhooks/twins
            events: [created, processed]
            api: {url: API, credentials: [{env: TOKEN_ID}, {env: TOKEN_SECRET}]}
      """;

  private final FakeMatterport matterport = new FakeMatterport();
  private Settings settings;
  private Instance instance;
  private Sender sender;

  @TempDir private Path directory;

  @BeforeAll
  void start(Stack stack) {
    settings =
        Settings.of(stack)
            .withText("sources:\n", SOURCE.replace("API", "'" + matterport.url() + "'"))
            .with("TWINS_PASSWORD", PASSWORD)
            .with("TWINS_KEY", KEY)
            .with("TOKEN_ID", FakeMatterport.TOKEN_ID)
            .with("TOKEN_SECRET", FakeMatterport.TOKEN_SECRET);
    instance = Instance.ready(settings);
    sender = new Sender();
    settings.with(
        "PENSTOCK_SOURCES_0_SUBSCRIPTION_CALLBACK_URL", instance.url() + "/webhooks/twins");
    matterport.sendPings();
  }

  @AfterAll
  void stop() {
    sender.close();
    instance.close();
    matterport.close();
    assertThat(matterport.faults()).isEmpty();
  }

  private static String hidden(String text) {
    for (String secret :
        List.of(PASSWORD, KEY, FakeMatterport.TOKEN_ID, FakeMatterport.TOKEN_SECRET)) {
      if (text.contains(secret)) {
        throw new AssertionError("a secret is printed");
      }
    }
    return text;
  }

  private Command.Ended run(String... arguments) {
    Command.Ended ended = Command.run(settings, directory, List.of(arguments));
    hidden(ended.out() + ended.err());
    return ended;
  }

  @Test
  void aPingArrivesAndIsVisible() {
    assertThat(run("subscriptions", "apply", "--yes").status()).isZero();

    Command.Ended pinged = run("subscriptions", "ping");
    assertThat(pinged.status()).as(pinged.err()).isZero();

    await()
        .atMost(Duration.ofMinutes(2))
        .until(
            () ->
                run("tail", "--source", "twins", "--no-follow").lines().stream()
                    .anyMatch(line -> line.contains("\"type\":\"ping\"")));
    assertThat(run("subscriptions", "plan").status()).isZero();
    assertThat(run("subscriptions", "remove", "--yes").status()).isZero();
    assertThat(matterport.callbacks()).isEmpty();
  }

  private void deliver(String model) {
    byte[] body =
        ("{\"modelId\":\""
                + model
                + "\",\"version\":1,\"webhookId\":\"w\",\"timestamp\":\"2026-01-01T00:00:00Z\","
                + "\"type\":\"created\",\"body\":{\"type\":\"copy\"}}")
            .getBytes(UTF_8);
    String basic = Base64.getEncoder().encodeToString(("penstock:" + PASSWORD).getBytes(UTF_8));
    assertThat(
            sender
                .send(
                    Sender.request(instance.url() + "/webhooks/twins?key=" + KEY, body)
                        .header("authorization", "Basic " + basic)
                        .header("x-twins", KEY)
                        .build())
                .statusCode())
        .isEqualTo(200);
  }

  private Process listen(Path out, Path err, String... more) throws IOException {
    List<String> line =
        new java.util.ArrayList<>(
            List.of(
                "listen",
                "--source",
                "twins",
                "--events",
                "created",
                "--state-directory",
                directory.resolve("state").toString()));
    line.addAll(List.of(more));
    Process process = Command.start(settings, directory, err, line);
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                Files.copy(process.getInputStream(), out);
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    return process;
  }

  private static String text(Path file) throws IOException {
    return Files.exists(file) ? hidden(Files.readString(file)) : "";
  }

  /** Delivers until a line is printed: where the reading begins depends on the machine. */
  private void awaitLine(Path out, String model) {
    await()
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofSeconds(1))
        .until(
            () -> {
              deliver(model + "-" + UUID.randomUUID());
              return text(out).contains(model);
            });
  }

  @Test
  void whatIsRegisteredToListenIsRemovedAtItsEnd() throws Exception {
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    Process listening = listen(out, err);
    try {
      awaitLine(out, "heard");
      assertThat(matterport.callbacks()).hasSize(1);
      listening.destroy(); // SIGTERM
      assertThat(listening.waitFor(2, TimeUnit.MINUTES)).isTrue();
      assertThat(text(err)).contains("registered made", "removed made");
      assertThat(matterport.callbacks()).isEmpty();
    } finally {
      listening.destroyForcibly();
    }

    // killed: the next one finds what is left
    Path killedOut = directory.resolve("killed-out");
    Process killed = listen(killedOut, directory.resolve("killed-err"));
    try {
      awaitLine(killedOut, "killed");
    } finally {
      killed.destroyForcibly().waitFor();
    }
    assertThat(matterport.callbacks()).hasSize(1);

    Path nextErr = directory.resolve("next-err");
    Path nextOut = directory.resolve("next-out");
    Process next = listen(nextOut, nextErr, "--yes", "--limit", "1");
    try {
      awaitLine(nextOut, "next");
      assertThat(next.waitFor(2, TimeUnit.MINUTES)).isTrue();
    } finally {
      next.destroyForcibly();
    }
    assertThat(text(nextErr))
        .contains("an earlier 'penstock listen' has left registered: made", "It is removed.");
    assertThat(matterport.callbacks()).isEmpty();
    try (var left = Files.list(directory.resolve("state"))) {
      assertThat(left).isEmpty();
    }
  }
}
