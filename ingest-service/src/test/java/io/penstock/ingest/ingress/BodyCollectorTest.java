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
      BodyCollector collector =
          random.nextBoolean() ? BodyCollector.growing() : BodyCollector.exactly(whole.length);
      // when
      byte[] body = collected(collector, whole, 1 + random.nextInt(70_000));
      // then
      assertThat(body).isEqualTo(whole);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 999, 1001, 65_536, 65_537, 10_000_000})
  void aDeclaredLengthThatLiesChangesNothing(int declared) {
    // given
    byte[] whole = bytes(1000);
    // when
    byte[] body = collected(BodyCollector.exactly(declared), whole, 100);
    // then
    assertThat(body).isEqualTo(whole);
  }

  @Test
  void noBodyIsAnEmptyOne() {
    assertThat(BodyCollector.exactly(0).body()).isEmpty();
    assertThat(BodyCollector.growing().body()).isEmpty();
    assertThat(BodyCollector.exactly(50).body()).isEmpty();
  }

  @Test
  void aBodyOfTrustedLengthCostsItsLength() {
    // given
    BodyCollector collector = BodyCollector.exactly(300_000);
    // then
    assertThat(collector.cost(8192)).isEqualTo(300_000);
    collected(collector, bytes(300_000), 8192);
    assertThat(collector.cost(0)).isEqualTo(300_000);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 1023, 1024, 1025, 300_000})
  void aBodyOfTrustedLengthCostsItsLengthHoweverItIsCut(int length) {
    for (int largestChunk : new int[] {1, 100, 8192, 300_000}) {
      // given
      BodyCollector collector = BodyCollector.exactly(length);
      // when
      for (int at = 0; at < length; at += largestChunk) {
        int chunk = Math.min(largestChunk, length - at);
        // then
        assertThat(collector.cost(chunk)).isEqualTo(length);
        collector.add(Buffer.buffer(new byte[chunk]));
      }
    }
  }

  @Test
  void anyOtherCostsTwiceItsLengthHoweverItIsCut() {
    for (int largestChunk : new int[] {1, 100, 1500, 8192, 200_000}) {
      // given
      byte[] whole = bytes(300_000);
      BodyCollector collector = BodyCollector.growing();
      // when
      for (int at = 0; at < whole.length; at += largestChunk) {
        byte[] chunk = Arrays.copyOfRange(whole, at, Math.min(whole.length, at + largestChunk));
        // then
        assertThat(collector.cost(chunk.length)).isEqualTo(2L * (at + chunk.length));
        collector.add(Buffer.buffer(chunk));
        assertThat(collector.allocated())
            .as("what is allocated and not counted yet")
            .isLessThan(at + chunk.length + BodyCollector.SMALLEST_BLOCK + 1L);
      }
      assertThat(collector.body()).isEqualTo(whole);
    }
  }

  @Test
  void keepsNothingOfABufferThatIsUsedAgain() {
    // given
    Buffer chunk = Buffer.buffer("first");
    BodyCollector collector = BodyCollector.exactly(5);
    // when
    collector.add(chunk);
    chunk.setString(0, "other");
    // then
    assertThat(collector.body()).asString().isEqualTo("first");
  }
}
