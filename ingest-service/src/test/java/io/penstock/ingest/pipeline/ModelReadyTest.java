package io.penstock.ingest.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.config.ModelReadyConfig;
import io.penstock.ingest.delivery.DeduplicationId;
import io.penstock.ingest.provider.Identification.Identified;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.Providers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The pipeline's own topology, and what it publishes of models. */
@SuppressWarnings("NullAway.Init") // set before each test
class ModelReadyTest {

  private static final Provider MATTERPORT = Providers.byName("matterport").orElseThrow();
  private static final Duration RETENTION = Duration.ofDays(90);
  private static final Instant TIME = Instant.parse("2026-11-01T00:00:00Z");

  @TempDir private Path directory;
  private PipelineDriver driver;

  @BeforeEach
  void start() {
    driver = driver(null);
  }

  private PipelineDriver driver(@Nullable Instant ignoreBefore) {
    return PipelineDriver.ofModels(
        directory, MATTERPORT, new ModelReadyConfig(true, RETENTION, ignoreBefore));
  }

  @AfterEach
  void stop() {
    driver.close();
  }

  /** An event of version 2 that happened at its version's second. */
  private static String event(String type, long version, String body) {
    return """
    {"modelId": "m1", "version": %d, "webhookId": "w", "timestamp": "%s", "type": "%s", "body": %s}\
    """
        .formatted(version, TIME.plusSeconds(version), type, body);
  }

  private static String processed(long version) {
    return event("processed", version, "{\"status\": \"succeeded\"}");
  }

  private static String failed(long version) {
    return event("processed", version, "{\"status\": \"failed\", \"error\": \"no space\"}");
  }

  private static String state(long version, String state) {
    return event(
        "activation_state_changed",
        version,
        "{\"previous\": {\"state\": \"pending\"}, \"current\": {\"state\": \"%s\"}}"
            .formatted(state));
  }

  private static String deleted(long version) {
    return event("deleted", version, "{}");
  }

  private static String id(String body) {
    return id("twins", body);
  }

  private static String id(String source, String body) {
    Identified identified = (Identified) MATTERPORT.identify(body.getBytes(UTF_8), Map.of());
    return DeduplicationId.of(source, identified.entityKey(), identified.uniqueParts(), "r").hex();
  }

  private static Landed landed(String source, String body) {
    Identified identified = (Identified) MATTERPORT.identify(body.getBytes(UTF_8), Map.of());
    return Landed.delivery("id")
        .provider("matterport")
        .header("penstock-source", source)
        .header("penstock-deduplication-id", id(source, body))
        .key(identified.entityKey())
        .body(body);
  }

  private void lands(String... bodies) {
    for (String body : bodies) {
      driver.lands(landed("twins", body));
    }
  }

  private void landsAfter(Duration time, String body) {
    driver.lands(landed("twins", body).after(time));
  }

  private List<GenericRecord> published() {
    return driver.models().stream()
        .map(record -> PipelineDriver.value(record, driver.modelSchema()))
        .toList();
  }

  /** Each as its type, its version and what was last. */
  private List<String> told() {
    return published().stream()
        .map(
            event ->
                metadata(event).get("type")
                    + " "
                    + event.get("version")
                    + " "
                    + event.get("lastType"))
        .toList();
  }

  private static GenericRecord metadata(GenericRecord event) {
    return (GenericRecord) Objects.requireNonNull(event.get("metadata"));
  }

  private double count(String meter, String... tags) {
    return driver.count(meter, tags);
  }

  @Test
  void aModelIsReadyOnceWhenItIsProcessedAndThenActive() {
    lands(processed(3));
    assertThat(published()).isEmpty();
    lands(state(4, "active"));

    assertThat(told()).containsExactly("model_ready 4 activation_state_changed");
    assertThat(count("penstock.model.ready.events", "outcome", "ready")).isEqualTo(1);
  }

  @Test
  void aModelIsReadyOnceWhenItIsActiveAndThenProcessed() {
    lands(state(2, "active"));
    assertThat(published()).isEmpty();
    lands(processed(3));

    assertThat(told()).containsExactly("model_ready 3 processed");
  }

  @Test
  void theEventNamesBothAndTheModel() {
    lands(state(2, "pending"), processed(3));
    lands(state(4, "active"));

    TestRecord<byte[], byte[]> record = driver.models().getFirst();
    GenericRecord event = PipelineDriver.value(record, driver.modelSchema());
    String id =
        DeduplicationId.ofModelReady("twins", "m1", id(processed(3)), id(state(4, "active"))).hex();
    assertThat(new String(Objects.requireNonNull(record.key()), UTF_8)).isEqualTo("m1");
    assertThat(event.get("modelId")).hasToString("m1");
    assertThat(event.get("processedEventId")).hasToString(id(processed(3)));
    assertThat(event.get("activationEventId")).hasToString(id(state(4, "active")));
    assertThat(event.get("processedAt")).isEqualTo(TIME.plusSeconds(3).toEpochMilli());
    assertThat(event.get("activatedAt")).isEqualTo(TIME.plusSeconds(4).toEpochMilli());
    assertThat(event.get("withdrawnEventId")).isNull();
    assertThat(metadata(event).get("eventId")).hasToString(id);
    assertThat(metadata(event).get("occurredAt")).isEqualTo(TIME.plusSeconds(4).toEpochMilli());
    assertThat(PipelineDriver.headers(record))
        .containsEntry("ce_id", id)
        .containsEntry("ce_type", "io.penstock.matterport.model_ready")
        .containsEntry("ce_source", "/webhooks/twins")
        .containsEntry("ce_subject", "m1")
        .containsEntry("ce_time", TIME.plusSeconds(4).toString());
  }

  @Test
  void copiesChangeNothing() {
    lands(processed(3), processed(3), state(4, "active"), state(4, "active"), processed(3));

    assertThat(told()).hasSize(1);
  }

  /** After the window a copy is published again; it is no new processing. */
  @Test
  void copiesAfterTheWindowChangeNothing() {
    lands(processed(3), state(4, "active"));
    landsAfter(Duration.ofDays(3), processed(3));
    landsAfter(Duration.ofDays(3), state(4, "active"));

    assertThat(told()).hasSize(1);
  }

  /** Two registrations of one address differ in webhookId alone. */
  @Test
  void theSameEventByAnotherRegistrationChangesNothing() {
    lands(processed(3), state(4, "active"));
    lands(
        processed(3).replace("\"w\"", "\"other\""),
        state(4, "active").replace("\"w\"", "\"other\""));

    assertThat(told()).hasSize(1);
  }

  @Test
  void anotherProcessingOfAnActiveModelIsAnotherReadiness() {
    lands(processed(3), state(4, "active"), processed(7));

    assertThat(told())
        .containsExactly("model_ready 4 activation_state_changed", "model_ready 7 processed");
  }

  @Test
  void anotherActivationOfAReadyModelIsNone() {
    lands(processed(3), state(4, "active"), state(6, "active"));

    assertThat(told()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"inactive", "pending", "archived", "frozen"})
  void aModelThatIsNoLongerActiveIsWithdrawnAndReadyAgainOnceItIs(String state) {
    lands(processed(3), state(4, "active"));
    String ready = metadata(published().getFirst()).get("eventId").toString();

    lands(state(5, state));
    GenericRecord withdrawn = published().getFirst();
    lands(state(6, "active"));

    assertThat(metadata(withdrawn).get("type")).hasToString("model_withdrawn");
    assertThat(withdrawn.get("withdrawnEventId")).hasToString(ready);
    assertThat(withdrawn.get("withdrawnByEventId")).hasToString(id(state(5, state)));
    assertThat(withdrawn.get("withdrawnState")).hasToString(state);
    assertThat(withdrawn.get("version")).isEqualTo(5L);
    assertThat(told()).containsExactly("model_ready 6 activation_state_changed");
  }

  @ParameterizedTest
  @ValueSource(strings = {"deleted", "transferred_out"})
  void aModelThatIsGoneIsWithdrawnAndNeedsBothAgain(String type) {
    lands(processed(3), state(4, "active"), event(type, 5, "{\"destination\": \"o\"}"));
    assertThat(told())
        .containsExactly("model_ready 4 activation_state_changed", "model_withdrawn 5 " + type);

    lands(state(6, "active"));
    assertThat(published()).isEmpty();
    lands(processed(7));
    assertThat(told()).containsExactly("model_ready 7 processed");
  }

  @Test
  void whatWasNeverReadyIsNotWithdrawn() {
    lands(processed(3), state(4, "inactive"), deleted(5));

    assertThat(published()).isEmpty();
  }

  @Test
  void whatIsOlderThanADeletionDoesNotRevive() {
    lands(deleted(5), processed(3), state(4, "active"));

    assertThat(published()).isEmpty();
    assertThat(count("penstock.model.ready.late", "source", "twins")).isEqualTo(2);
  }

  @Test
  void aDeletionThatIsOlderThanTheModelsReadinessChangesNothing() {
    lands(processed(6), state(7, "active"), deleted(5));

    assertThat(told()).hasSize(1);
  }

  @Test
  void aFailedProcessingIsNone() {
    lands(state(2, "active"), failed(3));
    assertThat(published()).isEmpty();
    lands(processed(4), failed(5));
    assertThat(told()).containsExactly("model_ready 4 processed");
  }

  @Test
  void aProcessingThatFailedLaterHoldsBackAReadiness() {
    lands(processed(3), failed(4), state(5, "active"));
    assertThat(published()).isEmpty();
    lands(processed(6));
    assertThat(told()).containsExactly("model_ready 6 processed");
  }

  @Test
  void anOlderStateThatArrivesLateChangesNothing() {
    lands(processed(3), state(6, "active"), state(5, "inactive"));
    assertThat(told()).hasSize(1);

    lands(state(8, "inactive"), state(7, "active"));
    assertThat(told()).containsExactly("model_withdrawn 8 activation_state_changed");
  }

  @Test
  void withoutVersionsTheTimesDecide() {
    String active = state(4, "active").replace("\"version\": 4, ", "");
    String inactive = state(3, "inactive").replace("\"version\": 3, ", "");
    lands(processed(2), active, inactive);

    assertThat(told()).hasSize(1);
  }

  /** Whatever the order of arrival, the last state is the one that was told last. */
  @Test
  void anyOrderEndsInTheSameStateAndIsReadyNeverTooEarly() {
    List<String> events =
        List.of(
            state(1, "pending"),
            processed(2),
            state(3, "active"),
            state(4, "inactive"),
            state(5, "active"),
            processed(6));
    for (int seed = 0; seed < 200; seed++) {
      String model = "m" + seed;
      List<String> shuffled = new ArrayList<>(events);
      shuffled.addAll(events.subList(1, 4)); // copies
      Collections.shuffle(shuffled, new Random(seed));
      boolean isProcessed = false;
      boolean isActive = false;
      List<String> ids = new ArrayList<>();
      String last = "";
      for (String body : shuffled) {
        lands(body.replace("\"m1\"", "\"" + model + "\""));
        isProcessed |= body.contains("succeeded");
        isActive |= body.contains("\"current\": {\"state\": \"active\"");
        for (GenericRecord event : published()) {
          assertThat(isProcessed && isActive).as("seed %d: not too early", seed).isTrue();
          ids.add(metadata(event).get("eventId").toString());
          last = metadata(event).get("type") + " " + event.get("processedEventId");
        }
      }
      assertThat(ids).as("seed %d", seed).isNotEmpty().doesNotHaveDuplicates();
      assertThat(last)
          .as("seed %d", seed)
          .isEqualTo("model_ready " + id(processed(6).replace("\"m1\"", "\"" + model + "\"")));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"status\": null} | processed | no-status",
        "{} | activation_state_changed | no-state",
        "{\"status\": \"odd\"} | processed | unknown-status",
        "{\"current\": {\"state\": \"odd\"}} | activation_state_changed | unknown-state",
      })
  void whatLacksAFieldIsCountedAndNeverGuessed(String body, String type, String reason) {
    lands(processed(1), event(type, 2, body), state(3, "pending"));

    assertThat(published()).isEmpty();
    assertThat(count("penstock.model.ready.unclear", "reason", reason)).isEqualTo(1);
  }

  @Test
  void anEventWithoutAModelIsCounted() {
    lands(processed(3).replace("\"modelId\": \"m1\", ", ""));

    assertThat(count("penstock.model.ready.unclear", "reason", "no-model")).isEqualTo(1);
  }

  /** Registered with both versions, an account would send each processing twice. */
  @Test
  void theProcessingOfVersionOneDoesNotCountAndItsDeletionDoes() {
    lands(
        state(2, "active"),
        "{\"type\":\"processed\",\"modelId\":\"m1\",\"timestamp\":1793491210000,"
            + "\"data\":{\"success\":\"true\"}}");
    assertThat(published()).isEmpty();
    assertThat(count("penstock.model.ready.unclear", "reason", "version-1")).isEqualTo(1);

    lands(
        processed(3),
        "{\"type\":\"deleted\",\"modelId\":\"m1\",\"timestamp\":1893491210000,\"data\":{}}");
    assertThat(told()).containsExactly("model_ready 3 processed", "model_withdrawn null deleted");
  }

  @Test
  void sourcesAndModelsAreApart() {
    driver.lands(landed("twins", processed(3)));
    driver.lands(landed("others", state(4, "active")));
    lands(state(4, "active").replace("\"m1\"", "\"m2\""));

    assertThat(published()).isEmpty();
  }

  @Test
  void eventsOfAPausedSourceCountWhenTheyAreReleased() {
    driver.pauses("twins");
    lands(processed(3), state(4, "active"));
    assertThat(published()).isEmpty();

    driver.pauses();
    driver.waits(Duration.ofSeconds(2));

    assertThat(told()).containsExactly("model_ready 4 activation_state_changed");
  }

  @Test
  void whatIsKnownIsForgottenAfterTheRetention() {
    lands(processed(3));
    landsAfter(RETENTION.plusHours(1), state(4, "active"));
    assertThat(published()).isEmpty();

    landsAfter(RETENTION.plusHours(2), processed(5));
    assertThat(told()).containsExactly("model_ready 5 processed");
  }

  @Test
  void theStoreIsBoundedByTheRetention() {
    for (int i = 0; i < 50; i++) {
      lands(processed(3).replace("\"m1\"", "\"m" + i + "\""));
    }
    assertThat(driver.gauge("penstock.model.ready.states")).isEqualTo(50);
    landsAfter(RETENTION.plusHours(1), processed(3).replace("\"m1\"", "\"new\""));
    landsAfter(RETENTION.plusHours(3), processed(4).replace("\"m1\"", "\"new\""));

    assertThat(driver.gauge("penstock.model.ready.states")).isEqualTo(1);
    assertThat(driver.modelStates()).isEqualTo(1);
  }

  /** What was known before the time in which nothing was judged must not decide. */
  @Test
  void whatWasBeforeTheConfiguredTimeDoesNotCount() {
    driver.close();
    driver = driver(PipelineDriver.START.plus(Duration.ofHours(1)));
    lands(processed(3));
    landsAfter(Duration.ofHours(2), state(4, "active"));
    assertThat(published()).isEmpty();

    landsAfter(Duration.ofHours(3), processed(5));
    assertThat(told()).containsExactly("model_ready 5 processed");
  }

  @Test
  void aModelIdThatIsTooLongForAKeyIsLeftOut() {
    String longId = "m".repeat(300);
    lands(
        processed(3).replace("\"m1\"", "\"" + longId + "\""),
        state(4, "active").replace("\"m1\"", "\"" + longId + "\""));

    GenericRecord event = published().getFirst();
    assertThat(event.get("modelId")).isNull();
    assertThat(metadata(event).get("entityKey").toString()).startsWith("sha256:");
  }
}
