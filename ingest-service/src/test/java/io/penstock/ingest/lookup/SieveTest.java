package io.penstock.ingest.lookup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.provider.ProviderCatalog;
import java.nio.ByteBuffer;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SieveTest {

  private static final Headers NONE = new RecordHeaders();

  private final Sieve sieve = new Sieve();

  private byte[] value(@Nullable String key, Headers headers, String value) {
    if (key != null) {
      assertThat(sieve.keys().deserialize("t", headers, buffer(key)))
          .isEqualTo(key.getBytes(UTF_8));
    }
    return sieve.values().deserialize("t", headers, buffer(value));
  }

  /** A part of a larger buffer, as Kafka's client has it. */
  private static ByteBuffer buffer(String text) {
    byte[] bytes = ("id before, " + text + ", id behind").getBytes(UTF_8);
    return ByteBuffer.wrap(bytes, 11, text.getBytes(UTF_8).length).slice();
  }

  @Test
  void withoutASearchEachRecordHasItsValue() {
    assertThat(value("k", NONE, "text")).asString(UTF_8).isEqualTo("text");
    assertThat(sieve.values().deserialize("t", NONE, (ByteBuffer) null)).isNull();
    assertThat(sieve.passed()).isZero();
  }

  @Test
  void duringASearchOnlyWhatHasTheIdHasItsValue() {
    sieve.lets(new IdMatch(ProviderCatalog.known(), "id"));
    assertThat(value("k", NONE, "text")).isNull();
    assertThat(value("k", NONE, "an id in it")).asString(UTF_8).isEqualTo("an id in it");
    assertThat(value("id", NONE, "text")).as("the key is the id").isNotNull();
    assertThat(value("k", NONE, "text")).as("the next one's is not").isNull();
    assertThat(value("k", new RecordHeaders().add("h", "id".getBytes(UTF_8)), "text"))
        .as("a header is the id")
        .isNotNull();
    assertThat(value(null, NONE, "text")).isNull();
    assertThat(sieve.values().deserialize("t", NONE, (ByteBuffer) null)).isNull();
    ByteBuffer direct = ByteBuffer.allocateDirect(2).put("id".getBytes(UTF_8)).flip();
    assertThat(sieve.values().deserialize("t", NONE, direct)).as("no array behind it").isNotNull();
    assertThat(sieve.passed()).isEqualTo(4);

    sieve.letsAll();
    assertThat(value("k", NONE, "text")).isNotNull();
  }
}
