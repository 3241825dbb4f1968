package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.EmptyWebhookSecretException;
import com.standardwebhooks.exceptions.WebhookSigningException;
import io.penstock.ingest.it.Outsider.Read;
import io.penstock.ingest.provider.Sample;
import io.penstock.ingest.provider.move.Move;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Every sample of Move's through HTTP, Kafka and the registry; and what is refused on the way. */
@ExtendWith(Stack.Shared.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // set before all tests
class MoveIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final InstantSource CLOCK = InstantSource.system();

  private Settings settings;
  private Instance instance;
  private Sender sender;
  private Outsider outsider;

  @BeforeAll
  void start(Stack stack) {
    settings = MoveSettings.of(stack);
    instance = Instance.ready(settings);
    sender = new Sender();
    outsider = new Outsider(settings);
  }

  @AfterAll
  void stop() {
    outsider.close();
    sender.close();
    instance.close();
  }

  private HttpResponse<String> send(String id, byte[] body) {
    return send(instance, MoveSettings.SECRET, "svix-", id, CLOCK.instant(), body);
  }

  /** Signs with the library of Standard Webhooks. */
  private HttpResponse<String> send(
      Instance to, String secret, String set, String id, Instant at, byte[] body) {
    try {
      String signature = new Webhook(secret).sign(id, at.getEpochSecond(), new String(body, UTF_8));
      return sender.send(
          Sender.request(to.url() + "/webhooks/captures", body)
              .header(set + "id", id)
              .header(set + "timestamp", Long.toString(at.getEpochSecond()))
              .header(set + "signature", signature)
              .build());
    } catch (EmptyWebhookSecretException | WebhookSigningException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void everySampleComesOutTypedOnceAndWhole() throws IOException {
    List<Sample> samples = new Move().samples();
    for (Sample sample : samples) {
      String id = "msg_" + sample.name().replace('.', '_');
      assertThat(send(id, sample.body()).statusCode()).isEqualTo(200);
      HttpResponse<String> retry =
          send(
              instance,
              MoveSettings.SECRET,
              "webhook-",
              id,
              CLOCK.instant().minusSeconds(7),
              sample.body());
      assertThat(retry.statusCode()).isEqualTo(200);
      assertThat(retry.body()).isEqualTo("{\"success\": true}");
    }

    List<Read> events = outsider.readAll(MoveSettings.topic(settings));

    for (Sample sample : samples) {
      JsonNode json = JSON.readTree(sample.body());
      JsonNode detail = json.path("detail");
      String type = json.path("event_name").asText();
      Instant occurredAt = Instant.parse(json.path("timestamp").asText());
      assertThat(events)
          .filteredOn(
              event ->
                  event.value().get("json").toString().equals(new String(sample.body(), UTF_8)))
          .as(sample.name())
          .singleElement()
          .satisfies(
              event -> {
                GenericRecord metadata = event.metadata();
                assertThat(metadata.get("source")).hasToString("captures");
                assertThat(metadata.get("provider")).hasToString("move");
                assertThat(metadata.get("type")).hasToString(type);
                assertThat(metadata.get("occurredAt")).isEqualTo(occurredAt.toEpochMilli());
                assertThat(event.key())
                    .isEqualTo(
                        detail.has("job_id")
                            ? detail.path("job_id").asText()
                            : detail.at("/event_attributes/job/id").asText());
                assertThat(event.value().get("jobId")).hasToString(event.key());
                assertThat(event.value().get("messageId"))
                    .hasToString("msg_" + type.replace('.', '_'));
                assertThat(event.value().get(camelCase(type))).isNotNull();
                assertThat(event.headers())
                    .containsEntry("ce_specversion", "1.0")
                    .containsEntry("ce_id", metadata.get("eventId").toString())
                    .containsEntry("ce_source", "/webhooks/captures")
                    .containsEntry("ce_type", "io.penstock.move." + type)
                    .containsEntry("ce_time", occurredAt.toString())
                    .containsEntry("content-type", "application/avro; framing=confluent");
              });
    }
  }

  private static String camelCase(String type) {
    StringBuilder name = new StringBuilder();
    for (String word : type.split("\\.", -1)) {
      name.append(
          name.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
    }
    return name.toString();
  }

  @Test
  void aTypeThatNobodyKnowsIsPublished() {
    String id = "msg_" + UUID.randomUUID();
    String body = "{\"event_name\":\"volume.state.melted\",\"new\":[1],\"detail\":{\"x\":{}}}";

    assertThat(send(id, body.getBytes(UTF_8)).statusCode()).isEqualTo(200);

    assertThat(outsider.readAll(MoveSettings.topic(settings), event -> event.key().equals(id)))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.header("ce_type")).isEqualTo("io.penstock.move.volume.state.melted");
              assertThat(event.value().get("json")).hasToString(body);
            });
  }

  @Test
  void whatIsAuthenticButNoEventIsRefusedAndKept() {
    String array = "[{\"event_name\":\"job.state.started\",\"detail\":{\"job_id\":\"fifo\"}}]";
    HttpResponse<String> fifo = send("msg_fifo", array.getBytes(UTF_8));
    HttpResponse<String> empty = send("msg_empty", new byte[0]);

    assertThat(fifo.statusCode()).isEqualTo(400);
    assertThat(fifo.body()).contains("missing-identity", "FIFO");
    assertThat(empty.statusCode()).isEqualTo(400);
    assertThat(empty.body()).contains("malformed-json");
    assertThat(outsider.readAll(settings.deadLetter()))
        .extracting(
            read ->
                read.value().get("reason")
                    + " "
                    + UTF_8.decode(((ByteBuffer) read.value().get("body")).duplicate()))
        .contains("missing-identity " + array, "malformed-json ");
  }

  @Test
  void whoSendsACapturedRequestAgainIsAnsweredAndPublishesNothing() {
    byte[] body = "{\"event_name\":\"x\",\"detail\":{\"job_id\":\"captured\"}}".getBytes(UTF_8);
    Instant signed = CLOCK.instant();
    for (int i = 0; i < 5; i++) {
      assertThat(
              send(instance, MoveSettings.SECRET, "svix-", "msg_captured", signed, body)
                  .statusCode())
          .isEqualTo(200);
    }
    // A later event of the same job comes out after all of these.
    assertThat(send("msg_last", body).statusCode()).isEqualTo(200);
    assertThat(
            outsider.readAll(MoveSettings.topic(settings), event -> event.key().equals("captured")))
        .hasSize(2);
  }

  @Test
  void whatIsOldOrEarlyOrUnsignedIsRefusedAndNotKept() {
    byte[] body = "{\"event_name\":\"x\",\"detail\":{\"job_id\":\"stranger\"}}".getBytes(UTF_8);
    Instant now = CLOCK.instant();
    for (Duration off : List.of(Duration.ofMinutes(-6), Duration.ofMinutes(6))) {
      assertThat(
              send(instance, MoveSettings.SECRET, "svix-", "msg_off", now.plus(off), body)
                  .statusCode())
          .as("%s", off)
          .isEqualTo(401);
    }
    assertThat(
            send(instance, "whsec_" + "B".repeat(32), "svix-", "msg_wrong", now, body).statusCode())
        .isEqualTo(401);
    assertThat(
            outsider.readAll(MoveSettings.topic(settings), event -> event.key().equals("stranger")))
        .isEmpty();
  }

  @Test
  void aSecretIsReplacedInItsFileAndAMalformedOneIsNot(Stack stack, @TempDir Path directory)
      throws IOException {
    String first = "whsec_" + "A".repeat(32);
    String second = "whsec_" + "C".repeat(32);
    Path file = Files.writeString(directory.resolve("secret"), first + "\n");
    byte[] body = "{\"event_name\":\"x\"}".getBytes(UTF_8);
    try (Instance own = Instance.ready(MoveSettings.of(stack, "{file: " + file + "}"))) {
      assertThat(send(own, first, "svix-", "m1", CLOCK.instant(), body).statusCode())
          .isEqualTo(200);

      Files.writeString(file, "your-secret\n");
      await()
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(
              () ->
                  assertThat(own.metric("penstock_secret_reloads_total", "outcome=\"failed\""))
                      .isEqualTo(1));
      assertThat(own.log()).contains("is not base64").doesNotContain("your-secret");
      assertThat(send(own, first, "svix-", "m2", CLOCK.instant(), body).statusCode())
          .isEqualTo(200);

      Files.writeString(file, second + "\n");
      await()
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(
              () ->
                  assertThat(send(own, second, "svix-", "m3", CLOCK.instant(), body).statusCode())
                      .isEqualTo(200));
      assertThat(send(own, first, "svix-", "m4", CLOCK.instant(), body).statusCode())
          .isEqualTo(401);
    }
  }

  @Test
  void aMalformedSecretEndsTheStartAndIsNotShown(Stack stack) {
    try (Instance own = Instance.launch(MoveSettings.of(stack).with("MOVE_SECRET", "my-secret"))) {
      assertThat(own.waitForEnd()).isEqualTo(1);
      assertThat(own.log()).contains("MOVE_SECRET is not base64").doesNotContain("my-secret");
    }
  }
}
