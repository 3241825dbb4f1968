package io.penstock.ingest.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ReceiptIdsTest {

  private static final Instant NOW = Instant.parse("2026-11-21T12:34:56.789Z");

  private final AtomicLong millis = new AtomicLong(NOW.toEpochMilli());
  private final InstantSource clock = () -> Instant.ofEpochMilli(millis.get());
  private final SecureRandom random = new SecureRandom();
  private final ReceiptIds ids = new ReceiptIds(clock, random);

  @Test
  void areUuidsOfVersion7WithTheTimeInFront() {
    // when
    UUID id = UUID.fromString(ids.next());
    // then
    assertThat(id.version()).isEqualTo(7);
    assertThat(id.variant()).isEqualTo(2);
    assertThat(id.getMostSignificantBits() >>> 16).isEqualTo(NOW.toEpochMilli());
  }

  @Test
  void millionsOfOneMillisecondAreUniqueAndSorted() {
    // more than the counter's lower part holds
    String last = ids.next();
    for (int i = 0; i < (1 << 22) + 1000; i++) {
      String next = ids.next();
      if (next.compareTo(last) <= 0) {
        assertThat(next).isGreaterThan(last);
      }
      last = next;
    }
  }

  @Test
  void sortByTime() {
    // given
    String earlier = ids.next();
    // when
    millis.incrementAndGet();
    // then
    assertThat(ids.next()).isGreaterThan(earlier);
  }

  @Test
  void areUniqueAcrossProcessesAtTheSameTime() {
    // given
    ReceiptIds other = new ReceiptIds(clock, random);
    // when
    Set<String> all = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      all.add(ids.next());
      all.add(other.next());
    }
    // then
    assertThat(all).hasSize(2000);
  }

  @Test
  void areUniqueAcrossThreads() throws Exception {
    // given
    Callable<List<String>> draw =
        () -> {
          List<String> drawn = new ArrayList<>();
          for (int i = 0; i < 50_000; i++) {
            drawn.add(ids.next());
          }
          return drawn;
        };
    Set<String> all = new HashSet<>();
    // when
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (Future<List<String>> drawn : threads.invokeAll(List.of(draw, draw, draw, draw))) {
        all.addAll(drawn.get());
      }
    }
    // then
    assertThat(all).hasSize(200_000);
  }
}
