package io.penstock.ingest.console.letters;

import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.deadletter.DeadLetter;
import io.penstock.ingest.deadletter.DeadLetters;
import io.penstock.ingest.deadletter.Redrive;
import io.penstock.ingest.lookup.PlainText;
import io.penstock.ingest.observability.FailureText;
import io.penstock.ingest.provider.ProviderCatalog;
import io.penstock.ingest.registry.RegistryUnavailableException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * Goes through chosen letters by the rules of the command line ({@link Redrive}): drives each
 * again, or says what would be done. One thread works; any may ask how far it is.
 */
final class RedriveRun {

  /** How many letters one run takes. */
  static final int MOST = 10_000;

  /** How many reasons why letters are kept are told apart. */
  private static final int MOST_REASONS = 50;

  private static final int LONGEST_REASON = 300;

  private final Configuration configuration;
  private final LetterChoice choice;
  private final String id;
  private final String user;
  private final boolean drives;
  private final InstantSource clock;
  private final Instant begun;
  private final Map<String, Long> kept = new TreeMap<>();
  private long driven;
  private long copies;
  private String failure = "";
  private boolean stopped;
  private List<String> problems = List.of();
  private @Nullable Instant ended;

  /**
   * @param drives whether letters are driven; otherwise it is only said what would be done
   */
  RedriveRun(
      Configuration configuration,
      LetterChoice choice,
      String id,
      String user,
      boolean drives,
      InstantSource clock) {
    this.configuration = configuration;
    this.choice = choice;
    this.id = id;
    this.user = user;
    this.drives = drives;
    this.clock = clock;
    begun = clock.instant();
  }

  /**
   * Works until the last letter, the bound, or a failure.
   *
   * @param isEnough asked before each letter
   */
  void work(BooleanSupplier isEnough) {
    LetterReading[] reading = new LetterReading[1];
    try (DeadLetters letters = new DeadLetters(configuration);
        Redrive redrive =
            new Redrive(configuration, ProviderCatalog.of(configuration)::byName, letters)) {
      LetterReading visitor =
          new LetterReading(
              choice, letter -> go(redrive, letter), () -> isEnough.getAsBoolean() || isOver());
      reading[0] = visitor;
      letters.visit(choice.selection(begun), visitor);
    } catch (KafkaException e) {
      fail("Kafka: " + FailureText.of(e));
    } catch (RegistryUnavailableException e) {
      fail(String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      fail("the console failed: " + e.getClass().getSimpleName());
    } finally {
      end(reading[0]);
    }
  }

  private synchronized boolean isOver() {
    return !failure.isEmpty() || driven + copies + total() >= MOST;
  }

  private long total() {
    return kept.values().stream().mapToLong(Long::longValue).sum();
  }

  private void go(Redrive redrive, DeadLetter letter) {
    switch (redrive.plan(letter)) {
      case Redrive.Plan.Hopeless hopeless -> keep(hopeless.why());
      case Redrive.Plan.Copy copy -> count(false);
      case Redrive.Plan.Ready ready -> {
        if (drives) {
          append(redrive, ready);
        } else {
          count(true);
        }
      }
    }
  }

  private void append(Redrive redrive, Redrive.Plan.Ready ready) {
    try {
      switch (redrive.append(ready.record())) {
        case Redrive.Appended.Done done -> count(true);
        case Redrive.Appended.Refused refused -> keep(refused.why());
        case Redrive.Appended.Failed failed ->
            fail("Kafka: " + failed.why() + "; whether it has the last letter is unknown");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      fail("the console was stopped");
    }
  }

  private synchronized void count(boolean drove) {
    if (drove) {
      driven++;
    } else {
      copies++;
    }
  }

  private synchronized void keep(String why) {
    String text = PlainText.of(why);
    String cut = text.length() > LONGEST_REASON ? text.substring(0, LONGEST_REASON) + "…" : text;
    kept.merge(
        kept.containsKey(cut) || kept.size() < MOST_REASONS ? cut : "(other reasons)",
        1L,
        Long::sum);
  }

  private synchronized void fail(String why) {
    if (failure.isEmpty()) {
      failure = why;
    }
  }

  private synchronized void end(@Nullable LetterReading reading) {
    if (reading != null) {
      stopped = reading.isStopped() && failure.isEmpty();
      problems = reading.problems();
    }
    ended = clock.instant();
  }

  /** How far it is. */
  synchronized RunReport report() {
    return new RunReport(
        id, choice.words(), user, begun, ended, driven, copies, kept, failure, stopped, problems);
  }
}
