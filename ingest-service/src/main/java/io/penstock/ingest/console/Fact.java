package io.penstock.ingest.console;

import io.penstock.ingest.observability.FailureText;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Callable;

/**
 * Something that a page shows and that may not be readable now: the rest of the page works all the
 * same.
 */
public sealed interface Fact<T> {

  /**
   * It was read.
   *
   * @param at when
   */
  record Known<T>(T value, Instant at) implements Fact<T> {}

  /**
   * It could not be read.
   *
   * @param why a sentence for people
   */
  record Unknown<T>(String why, Instant at) implements Fact<T> {}

  /** When it was read, or could not be. */
  Instant at();

  /** How long a page waits for a part that is not essential to it. */
  Duration PATIENCE = Duration.ofSeconds(2);

  /**
   * One that a page does without where Kafka or the like takes longer than {@link #PATIENCE}.
   *
   * @param what the subject of the sentence that says why it cannot be read
   * @param life how long it is kept
   * @param reader ends by itself
   */
  static <T> Recent<Fact<T>> recent(
      String what, Duration life, Callable<T> reader, InstantSource clock) {
    return new Recent<>(
        life,
        System::nanoTime,
        () -> read(what, reader, clock),
        PATIENCE,
        () ->
            new Unknown<>(
                what
                    + " has not answered within "
                    + PATIENCE.toSeconds()
                    + " s, and is still being asked: reload",
                clock.instant()));
  }

  /** For templates, which ask before they show. */
  default boolean isKnown() {
    return this instanceof Known;
  }

  /**
   * Reads it now.
   *
   * @param what the subject of the sentence that says why it cannot be read
   */
  static <T> Fact<T> read(String what, Callable<T> reader, InstantSource clock) {
    try {
      return new Known<>(reader.call(), clock.instant());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Unknown<>(what + " was not read in time", clock.instant());
    } catch (NotReadableException e) {
      return new Unknown<>(e.sentence(), clock.instant());
    } catch (Exception e) {
      return new Unknown<>(what + ": " + FailureText.of(e), clock.instant());
    }
  }
}
