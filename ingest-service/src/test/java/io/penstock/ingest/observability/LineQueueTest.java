package io.penstock.ingest.observability;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LineQueueTest {

  private static final byte[] LINE = "a line\n".getBytes(US_ASCII);

  private final ByteArrayOutputStream written = new ByteArrayOutputStream();

  @Test
  void allThatWasAddedIsWrittenInItsOrderBeforeTheEnd() {
    // given
    LineQueue queue = LineQueue.to((lines, length) -> written.write(lines, 0, length));
    StringBuilder expected = new StringBuilder();
    // when
    for (int i = 0; i < 50_000; i++) {
      byte[] line = (i + "\n").getBytes(US_ASCII);
      queue.add(line, line.length);
      expected.append(i).append('\n');
    }
    queue.close();
    // then
    assertThat(written.toString(US_ASCII)).isEqualTo(expected.toString());
    assertThat(queue.dropped()).isZero();
  }

  @Test
  void whatFindsNoRoomIsDroppedAndCountedAndNobodyWaits() throws InterruptedException {
    // given a reader that does not read
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch reads = new CountDownLatch(1);
    LineQueue queue =
        LineQueue.to(
            (lines, length) -> {
              begun.countDown();
              awaitUninterruptibly(reads);
              written.write(lines, 0, length);
            });
    queue.add(LINE, LINE.length);
    assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
    // when
    byte[] large = new byte[1024 * 1024];
    for (int i = 0; i < 6; i++) {
      queue.add(large, large.length);
    }
    // then
    assertThat(queue.dropped()).isEqualTo(2);
    // when it reads again
    reads.countDown();
    queue.close();
    // then
    assertThat(written.size()).isEqualTo(LINE.length + 4 * large.length);
  }

  @Test
  void whatComesAfterTheEndIsDroppedAndCounted() {
    // given
    LineQueue queue = LineQueue.to((lines, length) -> written.write(lines, 0, length));
    queue.close();
    // when
    queue.add(LINE, LINE.length);
    // then
    assertThat(written.size()).isZero();
    assertThat(queue.dropped()).isEqualTo(1);
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
