package io.penstock.ingest.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** The order in which an instance ends. */
class PartsTest {

  private final List<String> happened = new CopyOnWriteArrayList<>();
  private final Parts parts = new Parts();

  private final class Named implements Parts.Part {
    private final String name;

    Named(String name) {
      this.name = name;
    }

    @Override
    public void announceEnd() {
      happened.add("announced to " + name);
    }

    @Override
    public void close(Parts.Ending ending) {
      happened.add("closed " + name + " " + ending);
    }
  }

  @Test
  void everyPartHearsOfTheEndBeforeTheFirstIsClosedAndTheLastOpenedClosesFirst() {
    parts.add(new Named("first"));
    parts.add("resource", resource -> happened.add("closed " + resource));
    parts.add(new Named("last"));

    parts.close(Parts.Ending.ORDERLY);
    parts.close(Parts.Ending.ORDERLY);

    assertThat(happened)
        .containsExactly(
            "announced to last",
            "announced to first",
            "closed last ORDERLY",
            "closed resource",
            "closed first ORDERLY");
  }

  @Test
  void aPartThatFailsOrIsInterruptedDoesNotKeepTheOthersOpen() {
    parts.add(new Named("first"));
    parts.add(
        "broken",
        resource -> {
          throw new IllegalStateException(resource);
        });
    parts.add(
        ending -> {
          throw new InterruptedException();
        });
    parts.add(
        "worse",
        resource -> {
          throw new NoClassDefFoundError(resource);
        });

    assertThatThrownBy(() -> parts.close(Parts.Ending.FAILED))
        .isInstanceOf(NoClassDefFoundError.class)
        .satisfies(
            thrown ->
                assertThat(thrown.getSuppressed())
                    .hasExactlyElementsOfTypes(IllegalStateException.class));

    assertThat(happened).contains("closed first FAILED");
    assertThat(Thread.interrupted()).isTrue();
  }

  /** What is in the background ends while the other parts still work, and is waited for. */
  @Test
  void theBackgroundBeginsToCloseAtOnce() {
    CountDownLatch left = new CountDownLatch(1);
    Background background = parts.add(new Background());
    background
        .parts()
        .add(
            "the pipeline",
            pipeline -> {
              happened.add("closed " + pipeline);
              left.countDown();
            });
    parts.add(
        ending -> {
          left.await();
          happened.add("answered those inside");
        });

    parts.close(Parts.Ending.ORDERLY);

    assertThat(happened).containsExactly("closed the pipeline", "answered those inside");
  }
}
