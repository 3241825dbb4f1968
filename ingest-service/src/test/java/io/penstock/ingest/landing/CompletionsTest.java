package io.penstock.ingest.landing;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** What ends on other threads goes on where it belongs. */
class CompletionsTest {

  private static final Vertx vertx = Vertx.vertx();

  private final Completions completions = new Completions();

  @AfterAll
  static void close() throws Exception {
    vertx.close().await(120, TimeUnit.SECONDS);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(120, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void everythingRunsInOrderOnItsOwnContextAlsoAfterOneThatThrows() {
    ContextInternal first = (ContextInternal) vertx.getOrCreateContext();
    ContextInternal second = first.duplicate();
    List<Integer> order = Collections.synchronizedList(new ArrayList<>());
    List<Context> contexts = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch busy = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(101);
    first.exceptionHandler(cause -> done.countDown());
    first.runOnContext(nothing -> await(busy));
    for (int i = 0; i < 100; i++) {
      int number = i;
      if (i == 50) {
        completions.run(
            first,
            () -> {
              throw new IllegalStateException("a fault of a continuation");
            });
      }
      completions.run(
          i % 2 == 0 ? first : second,
          () -> {
            order.add(number);
            contexts.add(Vertx.currentContext());
            done.countDown();
          });
    }
    busy.countDown();
    await(done);
    assertThat(order).containsExactlyElementsOf(IntStream.range(0, 100).boxed().toList());
    assertThat(contexts.get(0)).isSameAs(first);
    assertThat(contexts.get(1)).isSameAs(second);
  }

  @Test
  void whatIsAddedByWhatRunsIsRunToo() {
    ContextInternal context = (ContextInternal) vertx.getOrCreateContext();
    CountDownLatch done = new CountDownLatch(2);
    completions.run(
        context,
        () -> {
          done.countDown();
          completions.run(context, done::countDown);
        });
    await(done);
  }
}
