package io.penstock.ingest.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.tracing.Tracing;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.streams.errors.StreamsException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records that could stop the pipeline or spoil the one that comes after them. */
class HostileLandingsTest {

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

  private GenericRecord deadLetter() {
    var letters = pipeline.deadLetters();
    assertThat(letters).hasSize(1);
    return PipelineDriver.letter(letters.get(0));
  }

  private void assertThatTheNextIsPublished() {
    pipeline.alpha.decodes((body, headers) -> pipeline.alpha.decoded(body));
    pipeline.lands(Landed.delivery("next").body("next"));
    assertThat(pipeline.texts()).containsExactly("next");
  }

  @Test
  void anEventThatDoesNotFitItsSchemaCostsItsRecordAlone() {
    // given
    pipeline.alpha.decodes(
        (body, headers) -> {
          var decoded = pipeline.alpha.decoded(body);
          decoded.event().put("text", 42);
          return decoded;
        });
    // when
    pipeline.lands(Landed.delivery("id"));
    // then
    assertThat(deadLetter().get("detail")).hasToString("the event did not fit its schema");
    assertThatTheNextIsPublished();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz",
        "                                ",
        "0123456789ABCDEF0123456789ABCDEF"
      })
  void aDeduplicationIdThatIsNoneCostsItsRecordAlone(String id) {
    // when
    pipeline.lands(Landed.delivery("id").header("penstock-deduplication-id", id));
    // then
    assertThat(deadLetter().get("detail")).asString().contains("penstock-deduplication-id");
    assertThatTheNextIsPublished();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "9223372036854775807",
        "-9223372036854775808",
        "-1",
        "253402300800000",
        "92233720368547758070",
        "2026-11-20",
        "",
        " 1"
      })
  void aTimeOfReceiptThatIsNoneCostsItsRecordAlone(String time) {
    // when
    pipeline.lands(Landed.delivery("id").header("penstock-received-at", time));
    // then
    assertThat(deadLetter().get("detail")).asString().contains("penstock-received-at");
    assertThatTheNextIsPublished();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "-9223372036854775808", "x", "9223372036854775808"})
  void aTimeOfEqualityThatIsNoneCostsItsRecordAlone(String time) {
    // when
    pipeline.lands(Landed.delivery("id").header("penstock-equal-within", time));
    // then
    assertThat(deadLetter().get("detail")).asString().contains("penstock-equal-within");
    assertThatTheNextIsPublished();
  }

  @Test
  void anyTimesThatCanBeWrittenArePublished() {
    // given
    for (Instant time :
        List.of(
            Instant.EPOCH, Instant.parse("9999-12-31T23:59:59.999Z"), Instant.MIN.plusMillis(1))) {
      pipeline.alpha.decodes((body, headers) -> pipeline.alpha.decoded(body, "type", time));
      pipeline.lands(
          Landed.delivery(time.toString())
              .header("penstock-received-at", "0")
              .header("penstock-equal-within", "9223372036854775807"));
      pipeline.lands(
          Landed.delivery(time + " later").header("penstock-received-at", "253402300799999"));
    }
    // then
    pipeline.texts();
    pipeline.deadLetters();
    assertThatTheNextIsPublished();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "00-zz",
        "",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-zz",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-and-more",
        "\u00e4\u00f6\u00fc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-\u00df\u00df"
      })
  void aTraceContextThatIsNoneIsPassedOver(String traceparent) {
    // given
    pipeline.close();
    try (Tracing tracing =
        Tracing.of(new Configuration.TracingConfig("http://127.0.0.1:1/v1/traces", 1))) {
      pipeline = new PipelineDriver(stateDirectory, tracing);
      pipeline.alpha.decodes((body, headers) -> pipeline.alpha.decoded(body));
      // when
      pipeline.lands(Landed.delivery("id").header("traceparent", traceparent));
      // then
      assertThat(pipeline.events(pipeline.alpha))
          .singleElement()
          .satisfies(
              event ->
                  assertThat(PipelineDriver.headers(event).get("traceparent"))
                      .matches("00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}"));
    }
    pipeline.close();
    pipeline = new PipelineDriver(stateDirectory);
    pipeline.alpha.decodes((body, headers) -> pipeline.alpha.decoded(body));
    pipeline.lands(Landed.delivery("other").header("traceparent", traceparent));
    assertThat(pipeline.events(pipeline.alpha))
        .singleElement()
        .satisfies(
            event -> assertThat(PipelineDriver.headers(event)).doesNotContainKey("traceparent"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"penstock-source", "penstock-provider", "penstock-receipt-id"})
  void aNameThatNoConfigurationAllowsCostsItsRecordAlone(String header) {
    for (String name : List.of("", "a".repeat(10_000), "a\nb", "a b", "\u0000", "\u00e4")) {
      // when
      pipeline.lands(Landed.delivery("id").header(header, name));
      // then
      assertThat(deadLetter().get("detail")).asString().contains(header).hasSizeLessThan(200);
    }
    assertThatTheNextIsPublished();
  }

  @Test
  void aHeaderThatIsNoTextCostsItsRecordAlone() {
    // given
    var record = Landed.delivery("id").record();
    record.headers().remove("penstock-source").add("penstock-source", new byte[] {(byte) 0xFF});
    // when
    pipeline.lands(record);
    // then
    assertThat(deadLetter().get("detail")).asString().contains("penstock-source");
    assertThatTheNextIsPublished();
  }

  @Test
  void strangersSourcesMakeNoMetersWithoutEnd() {
    // when
    for (int i = 0; i < 500; i++) {
      pipeline.lands(Landed.delivery("id").source("stranger-" + i, "id"));
    }
    // then
    assertThat(
            pipeline.meters.find("penstock.events.published").counters().stream()
                .map(counter -> counter.getId().getTag("source"))
                .distinct()
                .count())
        .isLessThan(30);
    assertThat(pipeline.count("penstock.events.published", "source", "other")).isPositive();
  }

  @Test
  void aFaultOfThePipelinesOwnMakesADeadLetterOfTheRawRecord() {
    // given
    pipeline.alpha.decodes((body, headers) -> pipeline.alpha.decoded(body));
    pipeline.fails(2);
    // when
    pipeline.lands(Landed.delivery("id").key("entity").body("raw"));
    // then
    assertThat(pipeline.texts()).isEmpty();
    GenericRecord letter = deadLetter();
    assertThat(letter.get("reason")).hasToString("undecodable");
    assertThat(letter.get("detail")).hasToString("the pipeline failed: IllegalStateException");
    assertThat(letter.get("source")).hasToString("first");
    assertThat(PipelineDriver.body(letter)).asString().isEqualTo("raw");
    assertThat(pipeline.count("penstock.pipeline.failures")).isEqualTo(1);
    assertThatTheNextIsPublished();
    // it was not marked as seen, so that it can be driven through again
    pipeline.lands(Landed.delivery("id").key("entity").body("raw"));
    assertThat(pipeline.texts()).containsExactly("raw");
  }

  @Test
  void whatNobodyCanWriteStopsRatherThanGettingLost() {
    // given
    pipeline.alpha.decodes((body, headers) -> pipeline.alpha.decoded(body));
    pipeline.fails(Integer.MAX_VALUE);
    // then
    assertThatThrownBy(() -> pipeline.lands(Landed.delivery("id")))
        .isInstanceOf(StreamsException.class);
    pipeline.fails(0);
  }

  @Test
  void aTimeThatDoesNotFitItsFieldCostsItsRecordAlone() {
    for (Instant time : List.of(Instant.MAX, Instant.MIN)) {
      // given
      pipeline.alpha.decodes((body, headers) -> pipeline.alpha.decoded(body, "type", time));
      // when
      pipeline.lands(Landed.delivery("id"));
      // then
      assertThat(deadLetter().get("reason")).hasToString("undecodable");
    }
    assertThatTheNextIsPublished();
  }

  @Test
  void aDecoderThatReturnsNothingCostsItsRecordAlone() {
    // given
    pipeline.alpha.decodes((body, headers) -> nothing());
    // when
    pipeline.lands(Landed.delivery("id"));
    // then
    assertThat(deadLetter().get("reason")).hasToString("undecodable");
    assertThatTheNextIsPublished();
  }

  @SuppressWarnings("NullAway") // what no implementation may do, and some may all the same
  private static io.penstock.ingest.provider.Decoding nothing() {
    return null;
  }

  @Test
  void aDeadLetterWithoutItsBodyAndWithoutWordsSaysWhereTheBodyIs() {
    // given
    pipeline.limits("test.dead-letter", 2000);
    // when
    pipeline.lands(Landed.delivery("id").refused("malformed-json", null).body("x".repeat(2000)));
    // then
    assertThat(deadLetter().get("detail")).asString().startsWith("the body was too large");
  }

  @Test
  void aLargeRecordThatFailsHoldsUpNoOther() {
    // given
    String large = "x".repeat(2_000_000);
    pipeline.limits("test.alpha", 8_000_000);
    pipeline.limits("test.dead-letter", 8_000_000);
    pipeline.alpha.decodes(
        (body, headers) -> {
          throw new IllegalStateException("as a decoder's bug would");
        });
    // when
    pipeline.lands(Landed.delivery("large").body(large));
    pipeline.alpha.decodes((body, headers) -> pipeline.alpha.decoded(body));
    pipeline.lands(Landed.delivery("next").body(large));
    // then
    assertThat(deadLetter().get("detail")).asString().contains("IllegalStateException");
    assertThat(pipeline.texts()).containsExactly(large);
  }
}
