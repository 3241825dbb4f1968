package io.penstock.ingest.landing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.penstock.ingest.delivery.DeduplicationId;
import io.penstock.ingest.delivery.Reason;
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
  private static final byte[] KEY = "Entität-😀".getBytes(UTF_8);
  private static final byte[] BODY = {0, (byte) 0xff, '{'};

  private static LandingRecord accepted(Map<String, String> headers) {
    return new LandingRecord(
        "quelle-2",
        "csm",
        "receipt",
        1_763_683_200_123L,
        "Entität-😀",
        ID,
        null,
        null,
        null,
        "application/json; charset=\"ü\"",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        headers,
        BODY);
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
    LandingRecord record =
        new LandingRecord(
            "s", "p", "r", 0, "Entität-😀", ID, null, null, null, null, null, Map.of(), BODY);
    // when
    LandingRecord read = read(written(record));
    // then
    assertThat(read).usingRecursiveComparison().isEqualTo(record);
  }

  @ParameterizedTest
  @EnumSource(Reason.class)
  void aRefusedDeliveryIsReadAsItWasWritten(Reason reason) {
    // given
    LandingRecord record =
        new LandingRecord(
            "s",
            "p",
            "r",
            1,
            "Entität-😀",
            null,
            null,
            reason,
            "détail",
            null,
            null,
            Map.of(),
            BODY);
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
    assertThat(read.headers()).isEmpty();
  }

  @Test
  void aRecordsTextHoldsNothingOfTheDelivery() {
    assertThat(accepted(Map.of("authorization", "secret")))
        .asString()
        .doesNotContain("secret", "Entität");
  }
}
