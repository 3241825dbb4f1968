package io.penstock.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.ConfigurationReader;
import io.penstock.ingest.config.Units;
import io.penstock.ingest.deadletter.DeadLetter;
import io.penstock.ingest.deadletter.DeadLetters;
import io.penstock.ingest.deadletter.Redrive;
import io.penstock.ingest.deadletter.Selection;
import io.penstock.ingest.landing.LandingRecord;
import io.penstock.ingest.provider.Providers;
import io.penstock.ingest.registry.RegistryUnavailableException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What an operator does with dead letters. */
@Command(
    name = "dead-letters",
    mixinStandardHelpOptions = true,
    versionProvider = Penstock.Version.class,
    description = "Lists dead letters, shows them, and sends them through the pipeline again.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DeadLetterCommands.ListThem.class,
      DeadLetterCommands.Show.class,
      DeadLetterCommands.Drive.class
    })
final class DeadLetterCommands {

  private DeadLetterCommands() {}

  /** The options by which letters are chosen. */
  static final class Choice {

    @Option(
        names = "--config",
        required = true,
        paramLabel = "FILE",
        description = "The configuration: which Kafka, registry and topics.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path file;

    @Option(names = "--source", paramLabel = "NAME", description = "Of this source; repeatable.")
    private List<String> sources = List.of();

    @Option(
        names = "--reason",
        paramLabel = "REASON",
        description = "For this reason, such as undecodable; repeatable.")
    private List<String> reasons = List.of();

    @Option(
        names = "--receipt-id",
        paramLabel = "ID",
        description = "Of the delivery with this receipt id; repeatable.")
    private List<String> receiptIds = List.of();

    @Option(
        names = "--since",
        paramLabel = "DURATION",
        description = "Landed within the last 30m, 12h, 3d, ...",
        converter = Ago.class)
    private @Nullable Duration since;

    @Parameters(
        paramLabel = "POSITION",
        arity = "0..*",
        description = "Those at these places of the topic, PARTITION-OFFSET as list prints them.",
        converter = Place.class)
    private List<DeadLetter.Position> positions = List.of();

    Selection selection(InstantSource clock) {
      return new Selection(
          positions,
          Set.copyOf(sources),
          Set.copyOf(reasons),
          Set.copyOf(receiptIds),
          since == null ? null : clock.instant().minus(since));
    }
  }

  /** A duration as the configuration writes them. */
  static final class Ago implements CommandLine.ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      return Units.millis(text)
          .map(Duration::ofMillis)
          .orElseThrow(
              () ->
                  new CommandLine.TypeConversionException(
                      text + " is no duration such as 30m, 12h or 3d"));
    }
  }

  /** A position as {@code list} prints it. */
  static final class Place implements CommandLine.ITypeConverter<DeadLetter.Position> {
    @Override
    public DeadLetter.Position convert(String text) {
      try {
        return DeadLetter.Position.parse(text);
      } catch (IllegalArgumentException e) {
        throw new CommandLine.TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }

  /** What the three commands have in common. */
  abstract static class OnLetters implements Callable<Integer> {

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Choice choice;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
      PrintWriter err = err();
      switch (Console.configurationReader(System.getenv()).read(choice.file)) {
        case ConfigurationReader.Result.Invalid invalid -> {
          Console.print(err, "error", invalid.problems());
          return 1;
        }
        case ConfigurationReader.Result.Valid valid -> {
          Configuration configuration = valid.configuration();
          if (configuration.schemaRegistry().url().isEmpty()) {
            err.println("error: schema-registry.url is needed to read dead letters");
            return 1;
          }
          try (DeadLetters letters = new DeadLetters(configuration)) {
            return work(configuration, letters, choice.selection(InstantSource.system()));
          } catch (KafkaException | RegistryUnavailableException e) {
            err.println(problem(e));
            return 1;
          }
        }
      }
    }

    /**
     * Does it.
     *
     * @return the exit status
     */
    abstract int work(Configuration configuration, DeadLetters letters, Selection selection)
        throws InterruptedException;

    static String problem(RuntimeException e) {
      return "error: "
          + (e instanceof KafkaException ? "Kafka: " + Console.describe(e) : e.getMessage());
    }

    PrintWriter out() {
      return spec.commandLine().getOut();
    }

    PrintWriter err() {
      return spec.commandLine().getErr();
    }

    /** A visitor that tells of what cannot be read, and remembers that there was some. */
    abstract class Reporting implements DeadLetters.Visitor {

      boolean complete = true;

      @Override
      public void unreadable(DeadLetter.Position position, String problem) {
        complete = false;
        err().println("error: " + position + ": " + problem);
        err().flush();
      }

      @Override
      public void unreadable(int partition, String problem) {
        complete = false;
        err().println("error: partition " + partition + " was not read: " + problem);
        err().flush();
      }
    }
  }

  /** One line a letter; no bodies. */
  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      versionProvider = Penstock.Version.class,
      description = "Lists dead letters, one a line, without their bodies.")
  static final class ListThem extends OnLetters {

    @Option(
        names = "--limit",
        paramLabel = "N",
        defaultValue = "1000",
        description = "At most so many lines; ${DEFAULT-VALUE} unless given.")
    private int limit;

    @Override
    int work(Configuration configuration, DeadLetters letters, Selection selection) {
      PrintWriter out = out();
      Map<String, Integer> reasons = new TreeMap<>();
      Reporting list =
          new Reporting() {
            private int listed;

            @Override
            public void accept(DeadLetter letter) {
              if (listed++ < limit) {
                out.printf(
                    "%-12s %s  %-20s %-18s %s %9d B  %s%n",
                    letter.position(),
                    letter.receivedAt(),
                    letter.source(),
                    letter.reason(),
                    letter.receiptId(),
                    letter.body().length,
                    letter.detail() == null ? "" : letter.detail());
              }
              reasons.merge(letter.reason(), 1, Integer::sum);
            }
          };
      letters.visit(selection, list);
      int all = reasons.values().stream().mapToInt(Integer::intValue).sum();
      out.flush();
      err().println(all + " dead letters" + (reasons.isEmpty() ? "" : ": " + reasons));
      if (all > limit) {
        err().println("the first " + limit + " were listed; --limit lists more");
      }
      err().flush();
      return list.complete ? 0 : 1;
    }
  }

  /** Everything of each letter, with its body. */
  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      versionProvider = Penstock.Version.class,
      description = "Prints dead letters as JSON lines, with their bodies as text and as base64.")
  static final class Show extends OnLetters {

    private static final ObjectMapper JSON = new ObjectMapper();

    @Option(
        names = "--body",
        description = "Print nothing but the body's bytes, of the one letter that is chosen.")
    private boolean bodyAlone;

    @Override
    int work(Configuration configuration, DeadLetters letters, Selection selection) {
      Reporting show =
          new Reporting() {
            private int shown;

            @Override
            public void accept(DeadLetter letter) {
              shown++;
              if (bodyAlone) {
                print(letter.body());
              } else {
                out().println(line(letter));
                out().flush();
              }
            }

            @Override
            public boolean isDone() {
              return bodyAlone && shown > 0;
            }
          };
      letters.visit(selection, show);
      return show.complete ? 0 : 1;
    }

    private static void print(byte[] body) {
      PrintStream bytes = System.out;
      bytes.write(body, 0, body.length);
      bytes.flush();
    }

    private static String line(DeadLetter letter) {
      ObjectNode line = JSON.createObjectNode();
      line.put("position", letter.position().toString());
      line.put("source", letter.source());
      line.put("provider", letter.provider());
      line.put("reason", letter.reason());
      line.put("detail", letter.detail());
      line.put("receiptId", letter.receiptId());
      line.put("receivedAt", letter.receivedAt().toString());
      line.put("eventId", letter.eventId());
      line.put("entityKey", letter.entityKey());
      line.put("landed", letter.landed() == null ? null : letter.landed().toString());
      ObjectNode headers = line.putObject("headers");
      new TreeMap<>(letter.headers()).forEach(headers::put);
      line.put("text", new String(letter.body(), UTF_8));
      line.put("base64", letter.body());
      try {
        return JSON.writeValueAsString(line);
      } catch (IOException e) {
        throw new IllegalStateException("a tree of texts can be written", e);
      }
    }
  }

  /** Sends letters through the pipeline again. */
  @Command(
      name = "redrive",
      mixinStandardHelpOptions = true,
      versionProvider = Penstock.Version.class,
      description = {
        "Appends dead letters to the landing log again, where today's rules make events of them.",
        "They keep their ids: what has become an event within the deduplication window is removed"
            + " as a copy. Letters stay in their topic; driving them again is harmless within that"
            + " window, and publishes them a second time beyond it.",
        "Status 0 if every chosen letter was driven or is a copy of one that was, 1 if not, 3 if"
            + " Kafka or the registry was lost on the way: run it again then."
      })
  static final class Drive extends OnLetters {

    private static final int STOPPED = 3;

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
      try (Redrive redrive = new Redrive(configuration, Providers::byName, letters)) {
        Driver driver = new Driver(redrive);
        try {
          letters.visit(selection, driver);
        } catch (KafkaException | RegistryUnavailableException e) {
          driver.failure = problem(e);
        }
        out().flush();
        if (driver.failure != null) {
          err().println(driver.failure);
        }
        err()
            .println(
                (dryRun ? "would drive " : "drove ")
                    + driver.driven
                    + ", kept "
                    + driver.kept
                    + " dead letters"
                    + (driver.copies == 0 ? "" : ", left out " + driver.copies + " copies"));
        if (driver.failure != null) {
          err()
              .println(
                  "stopped before the end. Run it again: what was driven is removed as a copy if"
                      + " that is within the deduplication window, "
                      + Units.format(configuration.deduplication().window()));
        }
        err().flush();
        if (driver.interrupted) {
          throw new InterruptedException();
        }
        if (driver.failure != null) {
          return STOPPED;
        }
        return driver.complete && driver.kept == 0 ? 0 : 1;
      }
    }

    private final class Driver extends Reporting {

      private final Redrive redrive;
      private int driven;
      private int kept;
      private int copies;
      private @Nullable String failure;
      private boolean interrupted;

      Driver(Redrive redrive) {
        this.redrive = redrive;
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
              append(letter, ready.record());
            }
          }
        }
      }

      private void append(DeadLetter letter, LandingRecord record) {
        try {
          switch (redrive.append(record)) {
            case Redrive.Appended.Done done -> driven(letter);
            case Redrive.Appended.Refused refused -> keep(letter, refused.why());
            case Redrive.Appended.Failed failed -> {
              say(letter, "unknown: Kafka did not say whether it has it");
              failure = "error: Kafka: " + failed.why();
            }
          }
        } catch (InterruptedException e) {
          interrupted = true;
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

      /** At once: whoever interrupts the command knows then how far it came. */
      private void say(DeadLetter letter, String what) {
        out().println(letter.position() + " " + letter.receiptId() + " " + what);
        out().flush();
      }

      @Override
      public boolean isDone() {
        return interrupted || failure != null;
      }
    }
  }
}
