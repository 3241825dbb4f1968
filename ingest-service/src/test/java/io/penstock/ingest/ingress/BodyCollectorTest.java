package io.penstock.ingest.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BodyCollectorTest {

  private final Random random = new Random(20261121);

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  /** The whole in chunks of any length, zero included. */
  private byte[] collected(BodyCollector collector, byte[] whole, int largestChunk) {
    int at = 0;
    while (at < whole.length) {
      int next = Math.min(whole.length, at + random.nextInt(largestChunk + 1));
      collector.add(Buffer.buffer(Arrays.copyOfRange(whole, at, next)));
      at = next;
    }
    return collector.body();
  }

  @Test
  void howeverABodyIsCutItIsTheSame() {
    for (int i = 0; i < 500; i++) {
      // given
      byte[] whole = bytes(random.nextInt(200_000));
      long declared = random.nextBoolean() ? -1 : whole.length;
      // when
      byte[] body = collected(new BodyCollector(declared), whole, 1 + random.nextInt(70_000));
      // then
      assertThat(body).isEqualTo(whole);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 999, 1001, 65_536, 65_537, 10_000_000, Long.MAX_VALUE})
  void aDeclaredLengthThatLiesChangesNothing(long declared) {
    // given
    byte[] whole = bytes(1000);
    // when
    byte[] body = collected(new BodyCollector(declared), whole, 100);
    // then
    assertThat(body).isEqualTo(whole);
  }

  @Test
  void noBodyIsAnEmptyOne() {
    assertThat(new BodyCollector(0).body()).isEmpty();
    assertThat(new BodyCollector(-1).body()).isEmpty();
    assertThat(new BodyCollector(50).body()).isEmpty();
  }

  @Test
  void keepsNothingOfABufferThatIsUsedAgain() {
    // given
    Buffer chunk = Buffer.buffer("first");
    BodyCollector collector = new BodyCollector(5);
    // when
    collector.add(chunk);
    chunk.setString(0, "other");
    // then
    assertThat(collector.body()).asString().isEqualTo("first");
  }
}
