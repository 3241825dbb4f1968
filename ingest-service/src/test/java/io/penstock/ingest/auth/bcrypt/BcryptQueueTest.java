package io.penstock.ingest.auth.bcrypt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BcryptQueueTest {

  private static <T> List<T> drain(BcryptQueue<T> queue) {
    List<T> all = new ArrayList<>();
    for (T next = queue.poll(); next != null; next = queue.poll()) {
      all.add(next);
    }
    return all;
  }

  @Test
  void addressesTakeTurns() {
    BcryptQueue<String> queue = new BcryptQueue<>(100, 100);
    for (String thing : List.of("a1", "a2", "a3", "a4", "b1", "b2", "c1")) {
      assertThat(queue.offer(thing.substring(0, 1), thing)).isNull();
    }

    assertThat(queue.size()).isEqualTo(7);
    assertThat(drain(queue)).containsExactly("a1", "b1", "c1", "a2", "b2", "a3", "a4");
    assertThat(queue.size()).isZero();
  }

  @Test
  void whoeverComesBackStandsAtTheEnd() {
    BcryptQueue<String> queue = new BcryptQueue<>(100, 100);
    queue.offer("a", "a1");
    queue.offer("b", "b1");
    queue.offer("b", "b2");
    assertThat(queue.poll()).isEqualTo("a1");

    queue.offer("a", "a2");

    assertThat(drain(queue)).containsExactly("b1", "a2", "b2");
  }

  @Test
  void aLineIsBounded() {
    BcryptQueue<String> queue = new BcryptQueue<>(100, 2);
    queue.offer("a", "a1");
    queue.offer("a", "a2");

    assertThat(queue.offer("a", "a3")).isEqualTo("a3");
    assertThat(queue.offer("b", "b1")).isNull();
    assertThat(drain(queue)).containsExactly("a1", "b1", "a2");
  }

  @Test
  void whenFullTheLongestLineGivesWay() {
    BcryptQueue<String> queue = new BcryptQueue<>(4, 4);
    for (String thing : List.of("a1", "b1", "b2", "b3")) {
      queue.offer(thing.substring(0, 1), thing);
    }

    assertThat(queue.offer("c", "c1")).isEqualTo("b3");
    assertThat(queue.offer("d", "d1")).isEqualTo("b2");
    assertThat(queue.offer("e", "e1")).as("all are as short as this one").isEqualTo("e1");
    assertThat(queue.offer("a", "a2")).as("no gain in fairness").isEqualTo("a2");
    assertThat(drain(queue)).containsExactly("a1", "b1", "c1", "d1");
  }

  @Test
  void everythingComesOutOnceAndNoBoundIsEverPassed() {
    Random random = new Random(7);
    BcryptQueue<Integer> queue = new BcryptQueue<>(20, 5);
    Map<String, Integer> lengths = new HashMap<>();
    Map<Integer, String> owners = new HashMap<>();
    List<Integer> out = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      Integer gone;
      if (random.nextInt(3) > 0) {
        String from = "address" + (int) Math.abs(random.nextGaussian() * 6);
        owners.put(i, from);
        lengths.merge(from, 1, Integer::sum);
        gone = queue.offer(from, i);
      } else {
        gone = queue.poll();
      }
      if (gone != null) {
        out.add(gone);
        lengths.merge(owners.getOrDefault(gone, ""), -1, Integer::sum);
      }
      assertThat(queue.size()).isLessThanOrEqualTo(20);
      assertThat(lengths.values()).allMatch(length -> length >= 0 && length <= 5);
    }
    out.addAll(queue.clear());
    assertThat(queue.size()).isZero();
    assertThat(out).doesNotHaveDuplicates().hasSameSizeAs(owners.keySet());
  }
}
