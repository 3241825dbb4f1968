package io.penstock.ingest.landing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.penstock.ingest.delivery.DeduplicationId;
import io.penstock.ingest.delivery.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LandingHeadersTest {

  private static final DeduplicationId ID =
      DeduplicationId.of("source", "entity", List.of("id"), "receipt");
  private static final String TRACEPARENT =
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  private static final byte[] KEY = "Entität-😀".getBytes(UTF_8);
  private static final byte[] BODY = {0, (byte) 0xff, '{'};

  private static LandingRecord accepted(Map<String, String> headers) {
    return new LandingRecord.Event(
        new LandingRecord.LandingEnvelope(
            "quelle-2",
            "csm",
            "receipt",
            1_763_683_200_123L,
            "Entität-😀",
            "application/json; charset=\"ü\"",
            TRACEPARENT,
            headers,
            BODY),
        ID,
        null);
  }

  private static LandingRecord.LandingEnvelope bare() {
    return new LandingRecord.LandingEnvelope(
        "s", "p", "r", 0, "Entität-😀", null, null, Map.of(), BODY);
  }

  private static Headers written(LandingRecord record) {
    Headers headers = new RecordHeaders();
    LandingHeaders.write(record, (name, value) -> headers.add(name, value.getBytes(UTF_8)));
    return headers;
  }

  private static LandingRecord read(Headers headers) {
    return LandingHeaders.read(KEY, BODY, headers);
  }

  private static Headers with(String name, byte @Nullable [] value) {
    Headers headers = written(accepted(Map.of("svix-id", "msg")));
    headers.remove(name);
    if (value != null) {
      headers.add(name, value);
    }
    return headers;
  }

  @Test
  void anAcceptedDeliveryIsReadAsItWasWritten() {
    // given
    LandingRecord record = accepted(Map.of("svix-id", "msg_ü😀", "x-empty", ""));
    // when
    LandingRecord read = read(written(record));
    // then
    assertThat(read).usingRecursiveComparison().isEqualTo(record);
  }

  @Test
  void aDeliveryWithNothingThatMayBeAbsentIsReadAsItWasWritten() {
    // given
    LandingRecord record = new LandingRecord.Event(bare(), ID, null);
    // when
    LandingRecord read = read(written(record));
    // then
    assertThat(read).usingRecursiveComparison().isEqualTo(record);
  }

  @ParameterizedTest
  @EnumSource(Reason.class)
  void aRefusedDeliveryIsReadAsItWasWritten(Reason reason) {
    // given
    LandingRecord record = new LandingRecord.Refusal(bare(), reason, "détail");
    // when
    LandingRecord read = read(written(record));
    // then
    assertThat(read).usingRecursiveComparison().isEqualTo(record);
  }

  @Test
  void theNamesAreThoseThatOlderRecordsHave() {
    assertThat(written(accepted(Map.of("svix-id", "msg"))))
        .extracting(header -> header.key() + "=" + new String(header.value(), UTF_8))
        .containsExactlyInAnyOrder(
            "penstock-source=quelle-2",
            "penstock-provider=csm",
            "penstock-receipt-id=receipt",
            "penstock-received-at=1763683200123",
            "penstock-deduplication-id=" + ID.hex(),
            "content-type=application/json; charset=\"ü\"",
            "traceparent=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "http-svix-id=msg");
  }

  @Test
  void theNamesOfARefusalAreThoseThatOlderRecordsHave() {
    assertThat(
            written(new LandingRecord.Refusal(bare(), Reason.MISSING_IDENTITY, "no member type")))
        .extracting(header -> header.key() + "=" + new String(header.value(), UTF_8))
        .containsExactlyInAnyOrder(
            "penstock-source=s",
            "penstock-provider=p",
            "penstock-receipt-id=r",
            "penstock-received-at=0",
            "penstock-refusal=missing-identity",
            "penstock-refusal-detail=no member type");
  }

  @Test
  void aTimeWithinWhichEqualBodiesAreCopiesIsReadAsItWasWritten() {
    // given
    LandingRecord record = new LandingRecord.Event(bare(), ID, Duration.ofMillis(1500));
    // when
    Headers headers = written(record);
    // then
    assertThat(headers.lastHeader("penstock-equal-within").value()).asString().isEqualTo("1500");
    assertThat(read(headers)).usingRecursiveComparison().isEqualTo(record);
  }

  /** As an older version wrote them, header by header. */
  private static Headers older(String... namesAndValues) {
    Headers headers = new RecordHeaders();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      headers.add(namesAndValues[i], namesAndValues[i + 1].getBytes(UTF_8));
    }
    return headers;
  }

  @Test
  void anEventThatAnOlderVersionLandedIsRead() {
    // when
    LandingRecord read =
        read(
            older(
                "penstock-source", "shapes",
                "penstock-provider", "smartshape",
                "penstock-receipt-id", "0198f0f3-7c5e-7c5e-8c5e-7c5e7c5e7c5e",
                "penstock-received-at", "1763683200123",
                "penstock-deduplication-id", ID.hex(),
                "penstock-equal-within", "60000",
                "content-type", "application/json",
                "traceparent", TRACEPARENT,
                "http-svix-id", "msg_1"));
    // then
    assertThat(read)
        .usingRecursiveComparison()
        .isEqualTo(
            new LandingRecord.Event(
                new LandingRecord.LandingEnvelope(
                    "shapes",
                    "smartshape",
                    "0198f0f3-7c5e-7c5e-8c5e-7c5e7c5e7c5e",
                    1_763_683_200_123L,
                    "Entität-😀",
                    "application/json",
                    TRACEPARENT,
                    Map.of("svix-id", "msg_1"),
                    BODY),
                ID,
                Duration.ofMinutes(1)));
  }

  @Test
  void aRefusalThatAnOlderVersionLandedIsRead() {
    // when
    LandingRecord read =
        read(
            older(
                "penstock-source", "shapes",
                "penstock-provider", "smartshape",
                "penstock-receipt-id", "r-1",
                "penstock-received-at", "1763683200123",
                "penstock-refusal", "malformed-json",
                "penstock-refusal-detail", "not JSON at byte 7"));
    // then
    assertThat(read)
        .usingRecursiveComparison()
        .isEqualTo(
            new LandingRecord.Refusal(
                new LandingRecord.LandingEnvelope(
                    "shapes",
                    "smartshape",
                    "r-1",
                    1_763_683_200_123L,
                    "Entität-😀",
                    null,
                    null,
                    Map.of(),
                    BODY),
                Reason.MALFORMED_JSON,
                "not JSON at byte 7"));
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
  void aMissingHeaderIsNamed(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read(with(name, null)))
        .withMessageContaining(name);
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
  void aHeaderWithoutAValueIsAMissingOne(String name) {
    // given
    Headers headers = with(name, null).add(name, null);
    // then
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read(headers))
        .withMessageContaining(name);
  }

  @ParameterizedTest
  @CsvSource({
    "penstock-received-at, ''",
    "penstock-received-at, soon",
    "penstock-received-at, 99999999999999999999",
    "penstock-deduplication-id, abc"
  })
  void aMalformedHeaderIsRefused(String name, String value) {
    assertThatIllegalArgumentException().isThrownBy(() -> read(with(name, value.getBytes(UTF_8))));
  }

  @Test
  void anUnknownReasonIsRefused() {
    // given
    Headers headers =
        with("penstock-deduplication-id", null).add("penstock-refusal", "mood".getBytes(UTF_8));
    // then
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read(headers))
        .withMessageContaining("penstock-refusal");
  }

  @Test
  void aRecordCannotBeBothRefusedAndNot() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read(with("penstock-refusal", "malformed-json".getBytes(UTF_8))))
        .withMessageContainingAll("penstock-refusal", "penstock-deduplication-id");
  }

  @Test
  void aRecordWithoutKeyOrValueIsRefused() {
    // given
    Headers headers = written(accepted(Map.of()));
    // then
    assertThatIllegalArgumentException().isThrownBy(() -> LandingHeaders.read(null, BODY, headers));
    assertThatIllegalArgumentException().isThrownBy(() -> LandingHeaders.read(KEY, null, headers));
  }

  @Test
  void whatElseIsInTheHeadersIsLeftThere() {
    // given
    Headers headers =
        written(accepted(Map.of())).add("x-tracing", "1".getBytes(UTF_8)).add("http-none", null);
    // when
    LandingRecord read = read(headers);
    // then
    assertThat(read.envelope().headers()).isEmpty();
  }

  @Test
  void aRecordsTextHoldsNothingOfTheDelivery() {
    assertThat(accepted(Map.of("authorization", "secret")))
        .asString()
        .doesNotContain("secret", "Entität");
  }
}
