package io.penstock.ingest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.service.StartException;
import io.vertx.core.Vertx;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a start ends by, the process learns a status. */
class ProcessLifeTest {

  private static final String MARKER = "hunter2-marker";

  private final StringWriter err = new StringWriter();
  private final AtomicInteger logClosed = new AtomicInteger();
  private final ProcessLife life =
      new ProcessLife(new PrintWriter(err, true), logClosed::incrementAndGet);

  static Stream<Throwable> throwables() {
    return Stream.of(
        new OutOfMemoryError("Java heap space"),
        new NoClassDefFoundError("io/penstock/X"),
        new UnsatisfiedLinkError("librocksdbjni.so"),
        new ExceptionInInitializerError(new IllegalStateException(MARKER)),
        new StackOverflowError(),
        new AssertionError(MARKER),
        new IllegalStateException(MARKER));
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void sneak(Throwable throwable) throws T {
    throw (T) throwable;
  }

  @ParameterizedTest
  @MethodSource("throwables")
  void aStartThatFailsWithAnythingIsToldAndEndsWithOne(Throwable thrown) {
    int status =
        life.run(
            () -> {
              ProcessLifeTest.<RuntimeException>sneak(thrown);
              throw new IllegalStateException("not reached");
            });

    assertThat(status).isEqualTo(1);
    assertThat(err.toString())
        .startsWith("error: " + thrown.getClass().getName())
        .doesNotContain(MARKER);
    assertThat(logClosed).hasValue(1);
  }

  @Test
  void aStartThatIsRefusedTellsItsProblems() {
    int status =
        life.run(
            () -> {
              throw new StartException(List.of("one", "two"));
            });

    assertThat(status).isEqualTo(1);
    assertThat(err.toString().lines()).containsExactly("error: one", "error: two");
  }

  @Test
  void aStartThatIsInterruptedEndsWell() {
    int status =
        life.run(
            () -> {
              throw new InterruptedException();
            });

    assertThat(status).isZero();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(err.toString()).isEmpty();
  }

  /** What Vert.x's await throws is checked and undeclared. */
  @Test
  void anUndeclaredInterruptionIsOneToo() {
    int status =
        life.run(
            () -> {
              Thread.currentThread().interrupt();
              Vertx vertx = Vertx.vertx();
              try {
                vertx.timer(1_000_000).await();
              } finally {
                Thread.interrupted();
                vertx.close().await();
              }
              throw new IllegalStateException("not reached");
            });

    assertThat(status).isZero();
    assertThat(Thread.interrupted()).isTrue();
  }
}
