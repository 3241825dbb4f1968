package io.penstock.ingest.lookup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.delivery.DeduplicationId;
import io.penstock.ingest.delivery.Reason;
import io.penstock.ingest.landing.LandingHeaders;
import io.penstock.ingest.landing.LandingRecord;
import io.penstock.ingest.provider.ProviderCatalog;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class IdMatchTest {

  private static final String EVENT_ID = "0123456789abcdef0123456789abcdef";
  private static final String RECEIPT = "01939d2e-0000-7000-8000-000000000001";

  private static final String BODY =
      "{\"file\":\"f-1\",\"event\":\"file_uploaded\",\"uuid\":\"u-1\",\"note\":\"seen-in-a-note\"}";

  private static LandingRecord.Event event(String provider, String key, String body) {
    return new LandingRecord.Event(
        new LandingRecord.LandingEnvelope(
            "shapes",
            provider,
            RECEIPT,
            0,
            key,
            "application/json",
            null,
            Map.of("svix-id", "msg_1"),
            body.getBytes(UTF_8)),
        new DeduplicationId(EVENT_ID),
        null);
  }

  private static ConsumerRecord<byte[], byte[]> record(LandingRecord landing) {
    ConsumerRecord<byte[], byte[]> record =
        new ConsumerRecord<>("t", 0, 0, landing.key().getBytes(UTF_8), landing.body());
    LandingHeaders.write(
        landing, (name, value) -> record.headers().add(name, value.getBytes(UTF_8)));
    return record;
  }

  private static boolean matches(String id, LandingRecord landing) {
    IdMatch match = new IdMatch(ProviderCatalog.known(), id);
    return match.mayBe(record(landing)) && match.is(landing);
  }

  @Test
  void aLandingRecordIsFoundByEachOfItsIds() {
    LandingRecord landing = event("smartshape", "f-1", BODY);
    assertThat(matches(RECEIPT, landing)).as("receipt").isTrue();
    assertThat(matches(EVENT_ID, landing)).as("event").isTrue();
    assertThat(matches("f-1", landing)).as("entity").isTrue();
    assertThat(matches("msg_1", landing)).as("a kept header").isTrue();
    assertThat(matches("u-1", landing)).as("what identifies it in the body").isTrue();
  }

  @Test
  void anIdIsFoundHoweverItsBodyWritesIt() {
    for (String written :
        List.of("a/b-\u00fc", "a\\/b-\u00fc", "a\\u002Fb-\\u00FC", "a/b-\\u00fc")) {
      LandingRecord landing = event("smartshape", "f-1", BODY.replace("u-1", written));
      assertThat(matches("a/b-\u00fc", landing)).as(written).isTrue();
      assertThat(matches("a/b-u", landing)).as(written).isFalse();
      LandingRecord.Refusal refusal =
          new LandingRecord.Refusal(
              event("smartshape", RECEIPT, "{\"uuid\":\"" + written + "\"").envelope(),
              Reason.MALFORMED_JSON,
              null);
      assertThat(matches("a/b-\u00fc", refusal)).as(written).isTrue();
      assertThat(matches("a/b-u", refusal)).as(written).isFalse();
    }
    for (String id : List.of("\u65e5\u672c", "x\ty\u001b", " ", "\ud83d\ude00")) {
      String written = id.codePoints().mapToObj(IdMatchTest::escaped).collect(Collectors.joining());
      assertThat(matches(id, event("smartshape", "f-1", BODY.replace("u-1", written))))
          .as(written)
          .isTrue();
    }
  }

  private static String escaped(int c) {
    if (Character.isLetterOrDigit(c) && c < 0x80) {
      return Character.toString(c);
    }
    return Character.toString(c)
        .chars()
        .mapToObj("\\u%04x"::formatted)
        .collect(Collectors.joining());
  }

  @Test
  void whatMerelyStandsInABodyOrInAHeaderOfOursIsNoIdOfIt() {
    LandingRecord landing = event("smartshape", "f-1", BODY);
    assertThat(matches("seen-in-a-note", landing)).isFalse();
    assertThat(matches("shapes", landing)).isFalse();
    assertThat(matches("application/json", landing)).isFalse();
    assertThat(matches("u-2", landing)).isFalse();
    assertThat(matches("1", landing)).isFalse();
  }

  @Test
  void aRefusedDeliveryIsFoundByWhatItHas() {
    LandingRecord.Refusal refusal =
        new LandingRecord.Refusal(
            event("smartshape", RECEIPT, "{\"uuid\":\"u-9\"").envelope(),
            Reason.MALFORMED_JSON,
            null);
    assertThat(matches("u-9", refusal)).isTrue();
    assertThat(matches("u-8", refusal)).isFalse();
  }

  @Test
  void anIdIsFoundWhereverItStandsInTheBytes() {
    String id = "abcabd";
    for (String text : new String[] {"abcabd", "xabcabd", "abcabdx", "abcabcabd", "ababcabcabd"}) {
      assertThat(
              new IdMatch(ProviderCatalog.known(), id)
                  .mayBe(new ConsumerRecord<>("t", 0, 0, null, text.getBytes(UTF_8))))
          .as(text)
          .isTrue();
    }
    for (String text : new String[] {"", "abcab", "abcabc", "dbacba"}) {
      assertThat(
              new IdMatch(ProviderCatalog.known(), id)
                  .mayBe(new ConsumerRecord<>("t", 0, 0, null, text.getBytes(UTF_8))))
          .as(text)
          .isFalse();
    }
  }
}
