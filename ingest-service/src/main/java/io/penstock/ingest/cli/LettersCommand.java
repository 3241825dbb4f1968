package io.penstock.ingest.cli;

import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.deadletter.DeadLetter;
import io.penstock.ingest.deadletter.DeadLetters;
import io.penstock.ingest.deadletter.Selection;
import io.penstock.ingest.observability.FailureText;
import io.penstock.ingest.registry.RegistryUnavailableException;
import io.penstock.ingest.service.StartException;
import java.time.InstantSource;
import java.util.List;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Mixin;

/** A command that reads the topic of dead letters. */
abstract class LettersCommand extends Subcommand {

  @Mixin
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private ConfigFile config;

  @Mixin
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private LetterSelection selected;

  @Override
  public final Integer call() throws StartException, InterruptedException {
    Configuration configuration = config.read().configuration();
    if (configuration.schemaRegistry().url().isEmpty()) {
      throw new StartException(List.of("schema-registry.url is needed to read dead letters"));
    }
    try (DeadLetters letters = new DeadLetters(configuration)) {
      return work(configuration, letters, selected.selection(InstantSource.system()));
    } catch (KafkaException | RegistryUnavailableException e) {
      throw new StartException(List.of(problem(e)));
    }
  }

  /**
   * Does the command's work.
   *
   * @return the exit status
   */
  abstract int work(Configuration configuration, DeadLetters letters, Selection selection)
      throws InterruptedException;

  static String problem(RuntimeException e) {
    return e instanceof KafkaException
        ? "Kafka: " + FailureText.of(e)
        : String.valueOf(e.getMessage());
  }

  /** A visitor that reports what cannot be read, and remembers whether everything was read. */
  abstract class Reporting implements DeadLetters.Visitor {

    private boolean complete = true;

    /** Whether every selected letter was read. */
    final boolean isComplete() {
      return complete;
    }

    @Override
    public final void unreadable(DeadLetter.Position position, String problem) {
      report(position + ": " + problem);
    }

    @Override
    public final void unreadable(int partition, String problem) {
      report("partition " + partition + " was not read: " + problem);
    }

    private void report(String problem) {
      complete = false;
      err().println("error: " + problem);
      err().flush();
    }
  }
}
