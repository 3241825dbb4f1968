package io.penstock.ingest.cli;

import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.Units;
import io.penstock.ingest.deadletter.DeadLetter;
import io.penstock.ingest.deadletter.DeadLetters;
import io.penstock.ingest.deadletter.Redrive;
import io.penstock.ingest.deadletter.Selection;
import io.penstock.ingest.lookup.PlainText;
import io.penstock.ingest.provider.ProviderCatalog;
import io.penstock.ingest.registry.RegistryUnavailableException;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Sends dead letters through the pipeline again. */
@Command(
    name = "redrive",
    description = {
      "Appends dead letters to the landing log again, where today's rules make events of them.",
      "They keep their ids: what has become an event within the deduplication window is removed"
          + " as a copy. Letters stay in their topic; driving them again is harmless within that"
          + " window, and publishes them a second time beyond it.",
      "Status 0 if every chosen letter was driven or is a copy of one that was, 1 if not, 3 if"
          + " Kafka or the registry was lost on the way: run it again then."
    })
final class RedriveCommand extends LettersCommand {

  /** The exit status of a run that a lost Kafka or registry has ended. */
  private static final int LOST = 3;

  @Option(names = "--all", description = "Every letter, where nothing else says which.")
  private boolean all;

  @Option(names = "--dry-run", description = "Say what would be done, and do nothing.")
  private boolean dryRun;

  @Override
  int work(Configuration configuration, DeadLetters letters, Selection selection)
      throws InterruptedException {
    if (selection.isEmpty() && !all) {
      err().println("error: say which: a POSITION, --source, --reason, --since, ... or --all");
      return 2;
    }
    try (Redrive redrive =
        new Redrive(configuration, ProviderCatalog.of(configuration)::byName, letters)) {
      Driver driver = new Driver(redrive);
      try {
        letters.visit(selection, driver);
      } catch (KafkaException | RegistryUnavailableException e) {
        driver.run = new Run.Lost(problem(e));
      }
      out().flush();
      if (driver.run instanceof Run.Lost lost) {
        err().println("error: " + lost.problem());
      }
      err().println(driver.summary());
      if (driver.run instanceof Run.Lost) {
        err()
            .println(
                "stopped before the end. Run it again: what was driven is removed as a copy if"
                    + " that is within the deduplication window, "
                    + Units.format(configuration.deduplication().window()));
      }
      err().flush();
      return switch (driver.run) {
        case Run.Going going -> driver.isComplete() && driver.kept == 0 ? 0 : 1;
        case Run.Lost lost -> LOST;
        case Run.Interrupted interrupted -> throw new InterruptedException();
      };
    }
  }

  /** How a run over the letters goes. */
  private sealed interface Run {

    /** Letter after letter is driven. */
    record Going() implements Run {}

    /** Kafka or the registry was lost, and no more letters are driven. */
    record Lost(String problem) implements Run {}

    /** The command was interrupted, and no more letters are driven. */
    record Interrupted() implements Run {}
  }

  private final class Driver extends Reporting {

    private final Redrive redrive;
    private int driven;
    private int kept;
    private int copies;
    private Run run = new Run.Going();

    Driver(Redrive redrive) {
      this.redrive = redrive;
    }

    String summary() {
      return (dryRun ? "would drive " : "drove ")
          + driven
          + ", kept "
          + kept
          + " dead letters"
          + (copies == 0 ? "" : ", left out " + copies + " copies");
    }

    @Override
    public void accept(DeadLetter letter) {
      switch (redrive.plan(letter)) {
        case Redrive.Plan.Hopeless hopeless -> keep(letter, hopeless.why());
        case Redrive.Plan.Copy copy -> {
          copies++;
          say(letter, "left out: a copy of " + copy.first());
        }
        case Redrive.Plan.Ready ready -> {
          if (dryRun) {
            driven(letter);
          } else {
            append(letter, ready);
          }
        }
      }
    }

    private void append(DeadLetter letter, Redrive.Plan.Ready ready) {
      try {
        switch (redrive.append(ready.record())) {
          case Redrive.Appended.Done done -> driven(letter);
          case Redrive.Appended.Refused refused -> keep(letter, refused.why());
          case Redrive.Appended.Failed failed -> {
            say(letter, "unknown: Kafka did not say whether it has it");
            run = new Run.Lost("Kafka: " + failed.why());
          }
        }
      } catch (InterruptedException e) {
        run = new Run.Interrupted();
      }
    }

    private void driven(DeadLetter letter) {
      driven++;
      say(letter, "driven");
    }

    private void keep(DeadLetter letter, String why) {
      kept++;
      say(letter, "kept: " + why);
    }

    /** Prints at once, so that an operator who interrupts the command sees how far it came. */
    private void say(DeadLetter letter, String what) {
      out()
          .println(
              letter.position()
                  + " "
                  + PlainText.of(letter.receiptId())
                  + " "
                  + PlainText.of(what));
      out().flush();
    }

    @Override
    public boolean isDone() {
      return !(run instanceof Run.Going);
    }
  }
}
