package io.penstock.ingest.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.provider.EventSchemas;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.Providers;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a header may hold, whatever a provider, or a stranger's landing record, says. */
class EventHeadersTest {

  private final Publishing publishing = new Publishing(Providers.all(), topic -> 10_000_000, null);

  private Map<String, String> headers(Landed landed) {
    return PipelineDriver.headers(publishing.publish(landed.record()).record());
  }

  private static Landed csm(String type) {
    return Landed.delivery("id")
        .provider("csm")
        .body("{\"type\":\"" + type + "\",\"payload\":{\"session_id\":\"s\"}}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          refine_done           | refine_done
          Brand new: ünknown 🎈 | Brand new: ünknown 🎈
          a\\u0000b\\nc         | a%00b%0Ac
          \\u007f\\u0085        | %7F%C2%85
          100%                  | 100%25
          \\ufffe\\ufdd0        | %EF%BF%BE%EF%B7%90
          \\ud83f\\udfff        | %F0%9F%BF%BF
          """)
  void aTypeOfAnyCharactersMakesAHeaderOfAllowedOnes(String type, String written) {
    Map<String, String> headers = headers(csm(type));

    assertThat(headers).containsEntry("ce_type", "io.penstock.csm." + written);
  }

  @Test
  void theVerbatimTypeStaysInTheEvent() {
    var record = publishing.publish(csm("a\\u0000b").record()).record();

    var event = PipelineDriver.value(record, Providers.byName("csm").orElseThrow().schema());
    assertThat(event.get("metadata").toString()).contains("\"type\": \"a\\u0000b\"");
  }

  @Test
  void noHeaderIsLongWhateverIsInTheBody() {
    Map<String, String> headers = headers(csm("t".repeat(100_000)));

    assertThat(headers.get("ce_type")).matches("io\\.penstock\\.csm\\.sha256:[0-9a-f]{64}");
    assertThat(headers(csm("t".repeat(100_001))).get("ce_type"))
        .isNotEqualTo(headers.get("ce_type"));
  }

  @Test
  void subjectAndPartitionKeyAreTheRecordsKey() {
    assertThat(headers(csm("t").key("SESSION_1")))
        .containsEntry("ce_subject", "SESSION_1")
        .containsEntry("ce_partitionkey", "SESSION_1");
    assertThat(headers(csm("t").key("a\r\nb")))
        .containsEntry("ce_subject", "a%0D%0Ab")
        .containsEntry("ce_partitionkey", "a%0D%0Ab");
  }

  /** Every header of every kind of record, over keys, ids and types of any characters. */
  @Test
  void noHeaderEverHoldsWhatCloudEventsForbids() {
    Random random = new Random(20261126);
    for (int i = 0; i < 2000; i++) {
      String text = text(random);
      List<Landed> landed =
          List.of(
              csm(json(text)).key(text + "k"),
              csm("t").key(text + "k").header("penstock-receipt-id", text),
              csm("t").key(text + "k").provider(text),
              csm("t").source(text, "id"),
              Landed.delivery("id").refused("malformed-json", text).key(text + "k"),
              Landed.delivery("id").header("penstock-source", null).key(text + "k"));
      for (Landed one : landed) {
        for (Header header : publishing.publish(one.record()).record().headers()) {
          String value = new String(header.value(), UTF_8);
          assertThat(value.codePoints().allMatch(EventHeadersTest::isAllowed))
              .as(header.key())
              .isTrue();
          assertThat(header.value().length).as(header.key()).isLessThan(2048);
        }
      }
    }
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(5) == 0 ? random.nextInt(3000) : random.nextInt(6);
    for (int i = 0; i <= length; i++) {
      int c = random.nextBoolean() ? random.nextInt(0x100) : random.nextInt(0x10FFFF);
      if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
        text.appendCodePoint(c);
      }
    }
    return text.toString();
  }

  private static String json(String text) {
    StringBuilder escaped = new StringBuilder();
    text.chars().forEach(c -> escaped.append(String.format("\\u%04x", c)));
    return escaped.toString();
  }

  /** As CloudEvents 1.0.2 says of its type String, in its own ranges. */
  private static boolean isAllowed(int c) {
    boolean isForbidden =
        (c >= 0x00 && c <= 0x1F)
            || (c >= 0x7F && c <= 0x9F)
            || (c >= 0xD800 && c <= 0xDFFF)
            || (c >= 0xFDD0 && c <= 0xFDEF)
            || c % 0x10000 == 0xFFFE
            || c % 0x10000 == 0xFFFF;
    return !isForbidden;
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://hooks.example.com", "urn:example:penstock:production"})
  void theSourceIsAbsoluteWhereTheOperatorSaysOfWhat(String base) {
    Publishing absolute = new Publishing(Providers.all(), topic -> 10_000_000, base);

    Map<String, String> event =
        PipelineDriver.headers(absolute.publish(csm("t").record()).record());
    Map<String, String> letter =
        PipelineDriver.headers(
            absolute
                .publish(Landed.delivery("id").refused("malformed-json", "x").record())
                .record());

    assertThat(event).containsEntry("ce_source", base + "/webhooks/first");
    assertThat(letter).containsEntry("ce_source", base + "/webhooks/first");
    assertThat(URI.create(event.get("ce_source")).isAbsolute()).isTrue();
    assertThat(headers(csm("t"))).containsEntry("ce_source", "/webhooks/first");
  }

  /** A consumer can compute it from the schema that the registry gives for the value's id. */
  @Test
  void theDataSchemaNamesTheSchemaThatTheValueIsWrittenWith() {
    for (Provider provider : Providers.all()) {
      String uri = EventSchemas.uri(provider.schema());
      assertThat(URI.create(uri).isAbsolute()).isTrue();
      assertThat(
              EventSchemas.uri(
                  new org.apache.avro.Schema.Parser().parse(provider.schema().toString())))
          .isEqualTo(uri);
    }
    assertThat(headers(csm("t")))
        .containsEntry(
            "ce_dataschema", EventSchemas.uri(Providers.byName("csm").orElseThrow().schema()));
    assertThat(headers(Landed.delivery("id").refused("malformed-json", "x")))
        .containsEntry("ce_dataschema", EventSchemas.uri(EventSchemas.deadLetter()));
  }
}
