package io.penstock.ingest.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.delivery.DeduplicationId;
import io.penstock.ingest.provider.Decoding;
import io.penstock.ingest.provider.Decoding.Undecodable;
import io.penstock.ingest.provider.EventSchemas;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.internal.AbstractRecords;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written for each kind of landing record, and that the next one is always processed. */
class PublicationsTest {

  private static final long RECEIVED_AT = Landed.RECEIVED_AT.toEpochMilli();
  private static final String ID = Landed.deduplicationId("first", "id");

  @TempDir private Path stateDirectory;
  private PipelineDriver pipeline;

  @BeforeEach
  void open() {
    pipeline = new PipelineDriver(stateDirectory);
  }

  @AfterEach
  void close() {
    pipeline.close();
  }

  private static String letterId(long offset, String receiptId) {
    return DeduplicationId.ofDeadLetter("test.inbound", 0, offset, receiptId).hex();
  }

  private TestRecord<byte[], byte[]> event() {
    List<TestRecord<byte[], byte[]>> events = pipeline.events(pipeline.alpha);
    assertThat(events).hasSize(1);
    return events.get(0);
  }

  private TestRecord<byte[], byte[]> deadLetter() {
    List<TestRecord<byte[], byte[]>> letters = pipeline.deadLetters();
    assertThat(letters).hasSize(1);
    return letters.get(0);
  }

  private void assertThatTheNextIsPublished() {
    pipeline.alpha.decodes((body, headers) -> pipeline.alpha.decoded(body));
    pipeline.lands(Landed.delivery("next").body("next"));
    assertThat(pipeline.texts()).containsExactly("next");
  }

  private static Map<String, Object> fields(GenericRecord record) {
    Map<String, Object> fields = new HashMap<>();
    record
        .getSchema()
        .getFields()
        .forEach(
            field -> {
              Object value = record.get(field.pos());
              fields.put(field.name(), value instanceof CharSequence ? value.toString() : value);
            });
    return fields;
  }

  // Events.

  @Test
  void anEventHasTheLandingsKeyAndItsSchemasId() {
    // when
    pipeline.lands(Landed.delivery("id").key("entity-ü").after(Duration.ofSeconds(5)));
    // then
    TestRecord<byte[], byte[]> event = event();
    assertThat(event.key()).isEqualTo("entity-ü".getBytes(UTF_8));
    assertThat(event.value()[0]).isZero();
    assertThat(PipelineDriver.schemaId(event)).isEqualTo(11);
    assertThat(event.getRecordTime()).isEqualTo(PipelineDriver.START.plusSeconds(5));
  }

  @Test
  void anEventGoesToItsProvidersTopic() {
    // when
    pipeline.lands(Landed.delivery("id").provider("beta"));
    // then
    assertThat(pipeline.events(pipeline.beta))
        .singleElement()
        .satisfies(event -> assertThat(PipelineDriver.schemaId(event)).isEqualTo(12));
    assertThat(pipeline.events(pipeline.alpha)).isEmpty();
  }

  @Test
  void anEventsMetadataSayWhatIsKnownOfTheDelivery() {
    // when
    pipeline.lands(Landed.delivery("id").body("{\"ä\": 1}"));
    // then
    GenericRecord event = PipelineDriver.value(event(), pipeline.alpha.schema());
    assertThat(event.get("json")).hasToString("{\"ä\": 1}");
    assertThat(fields((GenericRecord) event.get("metadata")))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "eventId",
                ID,
                "entityKey",
                "entity",
                "source",
                "first",
                "provider",
                "alpha",
                "type",
                ScriptedProvider.KNOWN_TYPE,
                "occurredAt",
                ScriptedProvider.OCCURRED_AT.toEpochMilli(),
                "receivedAt",
                RECEIVED_AT,
                "receiptId",
                "receipt-id"));
  }

  @Test
  void anEventsHeadersAreThoseOfACloudEventAndNoOthers() {
    // given
    String traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    // when
    pipeline.lands(
        Landed.delivery("id")
            .header("traceparent", traceparent)
            .header("content-type", "application/json")
            .header("http-x-some", "thing"));
    // then
    Map<String, String> headers = PipelineDriver.headers(event());
    assertThat(headers)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "ce_specversion", "1.0",
                "ce_id", ID,
                "ce_source", "/webhooks/first",
                "ce_type", "io.penstock.alpha.thing.done",
                "ce_time", "2026-11-20T23:59:59.500Z",
                "ce_dataschema", EventSchemas.uri(pipeline.alpha.schema()),
                "ce_subject", "entity",
                "ce_partitionkey", "entity",
                "content-type", "application/avro; framing=confluent",
                "traceparent", traceparent));
  }

  @Test
  void anEventWithoutATimeOfItsOwnHasTheTimeOfItsReceiptInItsHeaderAlone() {
    // given
    pipeline.alpha.decodes((body, headers) -> pipeline.alpha.decoded(body, "some", null));
    // when
    pipeline.lands(Landed.delivery("id"));
    // then
    TestRecord<byte[], byte[]> event = event();
    assertThat(PipelineDriver.headers(event))
        .containsEntry("ce_time", "2026-11-20T23:59:59.900Z")
        .doesNotContainKey("traceparent");
    GenericRecord value = PipelineDriver.value(event, pipeline.alpha.schema());
    assertThat(fields((GenericRecord) value.get("metadata"))).containsEntry("occurredAt", null);
  }

  @Test
  void aTypeThatNobodyKnowsIsPublishedVerbatimAndCounted() {
    // given
    pipeline.alpha.decodes(
        (body, headers) ->
            pipeline.alpha.decoded(body, "Brand new: ünknown", ScriptedProvider.OCCURRED_AT));
    // when
    pipeline.lands(Landed.delivery("id"));
    // then
    assertThat(PipelineDriver.headers(event()))
        .containsEntry("ce_type", "io.penstock.alpha.Brand new: ünknown");
    assertThat(pipeline.count("penstock.events.unknown.type", "source", "first")).isEqualTo(1);
  }

  @Test
  void aTypeIsKnownIfItsEventHasAFieldForItHoweverItIsSpelt() {
    // given
    pipeline.alpha.decodes(
        (body, headers) -> {
          Decoding.Decoded decoded =
              pipeline.alpha.decoded(body, "another.name", ScriptedProvider.OCCURRED_AT);
          Schema known = decoded.event().getSchema().getField("known").schema().getTypes().get(1);
          decoded.event().put("known", new GenericData.Record(known));
          return decoded;
        });
    // when
    pipeline.lands(Landed.delivery("id"));
    // then
    assertThat(PipelineDriver.headers(event()))
        .containsEntry("ce_type", "io.penstock.alpha.another.name");
    assertThat(pipeline.count("penstock.events.unknown.type", "source", "first")).isEqualTo(0);
  }

  @Test
  void aDecoderSeesTheProvidersHeaders() {
    // given
    pipeline.alpha.decodes(
        (body, headers) -> pipeline.alpha.decoded(headers.toString().getBytes(UTF_8)));
    // when
    pipeline.lands(Landed.delivery("id").header("http-svix-id", "msg_ü"));
    // then
    assertThat(pipeline.texts()).containsExactly("{svix-id=msg_ü}");
  }

  @Test
  void aByteOrderMarkIsTakenFromTheJson() {
    // when
    pipeline.lands(Landed.delivery("id").body("\ufeff{\"a\": \"\ufeff\"}"));
    // then
    assertThat(PipelineDriver.value(event(), pipeline.alpha.schema()).get("json"))
        .hasToString("{\"a\": \"\ufeff\"}");
  }

  // Dead letters.

  @ParameterizedTest
  @CsvSource({"malformed-json, 'not JSON: line 1'", "missing-identity, uuid is missing"})
  void whatTheIngressRefusedIsADeadLetterWithItsReasonItsWordsAndItsBytes(
      String reason, String detail) {
    // given
    byte[] body = {(byte) 0xff, 0, 'x'};
    // when
    pipeline.lands(
        Landed.delivery("id")
            .refused(reason, detail)
            .key("receipt-id")
            .header("http-svix-id", "msg")
            .body(body)
            .after(Duration.ofSeconds(7)));
    // then
    TestRecord<byte[], byte[]> record = deadLetter();
    assertThat(record.key()).isEqualTo("receipt-id".getBytes(UTF_8));
    assertThat(record.getRecordTime()).isEqualTo(PipelineDriver.START.plusSeconds(7));
    assertThat(PipelineDriver.schemaId(record)).isEqualTo(PipelineDriver.DEAD_LETTER_SCHEMA);
    GenericRecord letter = PipelineDriver.letter(record);
    assertThat(PipelineDriver.body(letter)).isEqualTo(body);
    assertThat(letter.get("headers")).hasToString("{svix-id=msg}");
    assertThat(fields(letter))
        .containsEntry("source", "first")
        .containsEntry("provider", "alpha")
        .containsEntry("reason", reason)
        .containsEntry("detail", detail)
        .containsEntry("receiptId", "receipt-id")
        .containsEntry("receivedAt", RECEIVED_AT)
        .containsEntry("eventId", null)
        .containsEntry("entityKey", null)
        .containsEntry("inboundTopic", "test.inbound")
        .containsEntry("inboundPartition", 0)
        .containsEntry("inboundOffset", 0L);
    assertThat(PipelineDriver.headers(record))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "ce_specversion", "1.0",
                "ce_id", letterId(0, "receipt-id"),
                "ce_source", "/webhooks/first",
                "ce_type", "io.penstock.dead-letter." + reason,
                "ce_time", "2026-11-20T23:59:59.900Z",
                "ce_dataschema", EventSchemas.uri(EventSchemas.deadLetter()),
                "ce_partitionkey", "receipt-id",
                "content-type", "application/avro; framing=confluent"));
    assertThat(pipeline.count("penstock.dead.letters", "source", "first", "reason", reason))
        .isEqualTo(1);
  }

  @Test
  void whatCannotBeDecodedIsADeadLetterThatNamesItsEvent() {
    // given
    pipeline.alpha.decodes((body, headers) -> new Undecodable("payload is no object"));
    // when
    pipeline.lands(Landed.delivery("id").body("[1]"));
    // then
    TestRecord<byte[], byte[]> record = deadLetter();
    assertThat(PipelineDriver.headers(record))
        .containsEntry("ce_id", letterId(0, "receipt-id"))
        .containsEntry("ce_type", "io.penstock.dead-letter.undecodable")
        .containsEntry("ce_subject", "entity");
    GenericRecord letter = PipelineDriver.letter(record);
    assertThat(PipelineDriver.body(letter)).isEqualTo("[1]".getBytes(UTF_8));
    assertThat(fields(letter))
        .containsEntry("reason", "undecodable")
        .containsEntry("detail", "payload is no object")
        .containsEntry("eventId", ID)
        .containsEntry("entityKey", "entity");
    assertThat(pipeline.events(pipeline.alpha)).isEmpty();
    assertThatTheNextIsPublished();
  }

  /** A change here is a breaking change, as for the ids of events. */
  @Test
  void theIdsOfDeadLettersNeverChange() {
    pipeline.lands(Landed.delivery("id").refused("malformed-json", "not JSON"));
    assertThat(PipelineDriver.headers(deadLetter()))
        .containsEntry("ce_id", "27f6d2d2397d52f3b2e97940e89840b3");
    pipeline.lands(Landed.delivery("id").header("penstock-source", null));
    assertThat(PipelineDriver.headers(deadLetter()))
        .containsEntry("ce_id", "bfe21a7fdba78313c56395fb40a5e6ba");
  }

  /** A consumer that removes copies by their ids would drop the event otherwise. */
  @Test
  void theEventThatBecomesOfADeadLetterHasAnotherIdThanTheLetter() {
    // given
    pipeline.alpha.decodes((body, headers) -> new Undecodable("not yet"));
    pipeline.lands(Landed.delivery("id"));
    TestRecord<byte[], byte[]> letter = deadLetter();
    // when it is driven again
    pipeline.alpha.decodes((body, headers) -> pipeline.alpha.decoded(body));
    pipeline.lands(Landed.delivery("id"));
    // then
    String eventId = PipelineDriver.headers(event()).get("ce_id");
    assertThat(eventId).isEqualTo(ID).isNotEqualTo(PipelineDriver.headers(letter).get("ce_id"));
    assertThat(PipelineDriver.letter(letter).get("eventId")).hasToString(eventId);
  }

  @Test
  void theLettersOfTwoCopiesAndOfADeliveryThatFailsAgainAreTold() {
    // given
    pipeline.alpha.decodes((body, headers) -> new Undecodable("never"));
    // when a delivery fails, its copy does, and it does again
    pipeline.lands(Landed.delivery("id"));
    pipeline.lands(Landed.delivery("id").header("penstock-receipt-id", "receipt-of-the-copy"));
    pipeline.lands(Landed.delivery("id"));
    // then
    assertThat(pipeline.deadLetters())
        .hasSize(3)
        .extracting(letter -> PipelineDriver.headers(letter).get("ce_id"))
        .doesNotHaveDuplicates()
        .doesNotContain(ID);
  }

  @Test
  void aDecoderThatThrowsCostsItsRecordAlone() {
    // given
    pipeline.alpha.decodes(
        (body, headers) -> {
          throw new IndexOutOfBoundsException("secret of the body");
        });
    // when
    pipeline.lands(Landed.delivery("id"));
    // then
    GenericRecord letter = PipelineDriver.letter(deadLetter());
    assertThat(letter.get("reason")).hasToString("undecodable");
    assertThat(letter.get("detail")).hasToString("the decoder failed: IndexOutOfBoundsException");
    assertThat(pipeline.count("penstock.dead.letters", "source", "first", "reason", "undecodable"))
        .isEqualTo(1);
    assertThatTheNextIsPublished();
  }

  @Test
  void aDecoderThatNestsTooDeepCostsItsRecordAlone() {
    // given
    pipeline.alpha.decodes(
        (body, headers) -> {
          throw new StackOverflowError();
        });
    // when
    pipeline.lands(Landed.delivery("id"));
    // then
    assertThat(PipelineDriver.letter(deadLetter()).get("reason")).hasToString("undecodable");
    assertThatTheNextIsPublished();
  }

  @Test
  void aProviderThatThisVersionLacksCostsItsRecordsAlone() {
    // when
    pipeline.lands(Landed.delivery("id").provider("gamma").body("x"));
    // then
    GenericRecord letter = PipelineDriver.letter(deadLetter());
    assertThat(PipelineDriver.body(letter)).isEqualTo("x".getBytes(UTF_8));
    assertThat(fields(letter))
        .containsEntry("provider", "gamma")
        .containsEntry("reason", "undecodable")
        .containsEntry("entityKey", "entity");
    assertThatTheNextIsPublished();
  }

  @Test
  void anEventThatItsTopicDoesNotTakeIsADeadLetter() {
    // given
    pipeline.limits("test.alpha", 2000);
    // when
    pipeline.lands(Landed.delivery("id").body("x".repeat(2000)));
    // then
    GenericRecord letter = PipelineDriver.letter(deadLetter());
    assertThat(letter.get("reason")).hasToString("payload-too-large");
    assertThat(letter.get("detail")).asString().contains("2000");
    assertThat(PipelineDriver.body(letter)).hasSize(2000);
    assertThat(pipeline.events(pipeline.alpha)).isEmpty();
    pipeline.lands(Landed.delivery("small").body("small"));
    assertThat(pipeline.texts()).containsExactly("small");
  }

  /** What is too large by its typed fields alone is whole in its JSON. */
  @Test
  void anEventThatFitsItsTopicUntypedIsPublishedSo() {
    // given
    pipeline.limits("test.alpha", 3500);
    // when
    pipeline.lands(Landed.delivery("id").body("x".repeat(2000)));
    // then
    GenericRecord event = PipelineDriver.value(event(), pipeline.alpha.schema());
    assertThat(event.get("text")).isNull();
    assertThat(event.get("json")).hasToString("x".repeat(2000));
    assertThat(event.get("metadata").toString()).contains(ScriptedProvider.KNOWN_TYPE, ID);
    assertThat(pipeline.count("penstock.events.untyped", "source", "first")).isEqualTo(1);
    assertThat(pipeline.count("penstock.events.published", "source", "first")).isEqualTo(1);
    assertThat(pipeline.deadLetters()).isEmpty();
  }

  @Test
  void noEventIsLargerThanItsTopicTakes() {
    // given
    int limit = 2000;
    pipeline.limits("test.alpha", limit);
    // when bodies of every size around the limit land, which stand twice in an event that is typed
    for (int size = 0; size < 2400; size++) {
      pipeline.lands(Landed.delivery("id-" + size).body("x".repeat(size)));
    }
    // then
    List<TestRecord<byte[], byte[]>> events = pipeline.events(pipeline.alpha);
    assertThat(events.size() + pipeline.deadLetters().size()).isEqualTo(2400);
    assertThat(events).hasSizeGreaterThan(100);
    int largest =
        events.stream()
            .mapToInt(
                event ->
                    AbstractRecords.estimateSizeInBytesUpperBound(
                        RecordBatch.CURRENT_MAGIC_VALUE,
                        CompressionType.NONE,
                        event.key(),
                        event.value(),
                        event.headers().toArray()))
            .max()
            .orElseThrow();
    assertThat(largest).isBetween(limit / 2, limit);
  }

  @Test
  void aDeadLetterThatItsTopicDoesNotTakeGoesWithoutItsBody() {
    // given
    pipeline.limits("test.alpha", 10);
    pipeline.limits("test.dead-letter", 2000);
    // when
    pipeline.lands(Landed.delivery("id").body("x".repeat(2000)));
    // then
    GenericRecord letter = PipelineDriver.letter(deadLetter());
    assertThat(PipelineDriver.body(letter)).isEmpty();
    assertThat(letter.get("detail"))
        .asString()
        .startsWith("the event would take")
        .contains("stands in the landing log at the position given here");
    assertThat(letter.get("inboundOffset")).isEqualTo(0L);
  }

  // What no ingress wrote.

  @Test
  void aRecordWithoutHeadersIsADeadLetterUnderItsPosition() {
    // given
    pipeline.lands(Landed.delivery("before"));
    // when
    pipeline.lands(
        new TestRecord<>(
            "key".getBytes(UTF_8),
            "value".getBytes(UTF_8),
            new RecordHeaders(),
            PipelineDriver.START));
    // then
    TestRecord<byte[], byte[]> record = deadLetter();
    assertThat(record.key()).isEqualTo("key".getBytes(UTF_8));
    GenericRecord letter = PipelineDriver.letter(record);
    assertThat(PipelineDriver.body(letter)).isEqualTo("value".getBytes(UTF_8));
    assertThat(fields(letter))
        .containsEntry("source", "unknown")
        .containsEntry("provider", "unknown")
        .containsEntry("reason", "undecodable")
        .containsEntry("receiptId", "test.inbound-0-1")
        .containsEntry("receivedAt", PipelineDriver.START.toEpochMilli())
        .containsEntry("inboundOffset", 1L);
    assertThat(PipelineDriver.headers(record))
        .containsEntry("ce_id", letterId(1, "test.inbound-0-1"))
        .containsEntry("ce_source", "/webhooks/unknown");
  }

  @Test
  void aRecordWithoutAKeyIsADeadLetterUnderItsPosition() {
    // when
    pipeline.lands(Landed.delivery("id").withoutKey());
    // then
    assertThat(deadLetter().key()).isEqualTo("test.inbound-0-0".getBytes(UTF_8));
    assertThatTheNextIsPublished();
  }

  @Test
  void aRecordWithoutAValueIsADeadLetterWithoutABody() {
    // when
    pipeline.lands(Landed.delivery("id").body((byte[]) null));
    // then
    assertThat(PipelineDriver.body(PipelineDriver.letter(deadLetter()))).isEmpty();
    assertThatTheNextIsPublished();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "penstock-source",
        "penstock-provider",
        "penstock-receipt-id",
        "penstock-received-at",
        "penstock-deduplication-id"
      })
  void aRecordThatLacksAHeaderIsADeadLetterThatNamesIt(String header) {
    // when
    pipeline.lands(Landed.delivery("id").header(header, null));
    // then
    assertThat(PipelineDriver.letter(deadLetter()).get("detail")).asString().contains(header);
    assertThatTheNextIsPublished();
  }

  @Test
  void sourcesThatStrangersMakeUpDoNotMakeLabelsWithoutEnd() {
    // when
    for (int i = 0; i < 1200; i++) {
      pipeline.lands(Landed.delivery("id-" + i).source("made-up-" + i, "id"));
    }
    // then
    assertThat(pipeline.meters.find("penstock.events.published").counters()).hasSize(21);
    assertThat(pipeline.count("penstock.events.published", "source", "other")).isEqualTo(1180);
  }
}
