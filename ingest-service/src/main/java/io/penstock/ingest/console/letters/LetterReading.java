package io.penstock.ingest.console.letters;

import io.penstock.ingest.deadletter.DeadLetter;
import io.penstock.ingest.deadletter.DeadLetters;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Reads chosen letters until there are enough or it takes too long. For one thread. */
final class LetterReading implements DeadLetters.Visitor {

  private static final int MOST_PROBLEMS = 20;

  private final LetterChoice choice;
  private final Consumer<DeadLetter> letters;
  private final BooleanSupplier isEnough;
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final List<String> problems = new ArrayList<>();
  private long unreadable;

  LetterReading(LetterChoice choice, Consumer<DeadLetter> letters, BooleanSupplier isEnough) {
    this.choice = choice;
    this.letters = letters;
    this.isEnough = isEnough;
  }

  /** Whether it ended before everything was read. */
  boolean isStopped() {
    return stopped.get();
  }

  /** How many records or partitions could not be read. */
  long unreadable() {
    return unreadable;
  }

  /** The first of the problems, in words. */
  List<String> problems() {
    return List.copyOf(problems);
  }

  @Override
  public void accept(DeadLetter letter) {
    if (choice.has(letter)) {
      letters.accept(letter);
    }
  }

  @Override
  public void unreadable(DeadLetter.Position position, String problem) {
    report(position + ": " + problem);
  }

  @Override
  public void unreadable(int partition, String problem) {
    report("partition " + partition + " was not read: " + problem);
  }

  private void report(String problem) {
    unreadable++;
    if (problems.size() < MOST_PROBLEMS) {
      problems.add(problem);
    }
  }

  @Override
  public boolean isDone() {
    if (isEnough.getAsBoolean()) {
      stopped.set(true);
    }
    return stopped.get();
  }
}
