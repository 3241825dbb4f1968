package io.penstock.ingest.cli;

import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.lookup.PlainText;
import io.penstock.ingest.observability.FailureText;
import io.penstock.ingest.pausing.PauseControl;
import io.penstock.ingest.pausing.PauseControl.Change;
import io.penstock.ingest.pausing.PausedSources;
import io.penstock.ingest.pausing.SourceState;
import io.penstock.ingest.pausing.SourceState.Decision;
import io.penstock.ingest.service.StartException;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands by which an operator pauses and resumes sources. */
@Command(
    name = "sources",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description =
        "Lists sources, has the publication of their events wait or go on, and drafts new ones.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      SourcesCommand.ListSources.class,
      SourcesCommand.Pause.class,
      SourcesCommand.Resume.class,
      DraftCommand.class
    })
final class SourcesCommand {

  private SourcesCommand() {}

  private static String told(SourceState state) {
    return "since "
        + state.since()
        + " by "
        + PlainText.of(state.by())
        + (state.reason() == null ? "" : ": " + PlainText.of(state.reason()));
  }

  /** A command that reads or writes the control topic. */
  abstract static class SourcesSubcommand extends Subcommand {

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private ConfigFile config;

    @Override
    public final Integer call() throws StartException, InterruptedException {
      Configuration configuration = config.read().configuration();
      try {
        return work(configuration, new PauseControl(configuration, InstantSource.system()));
      } catch (KafkaException e) {
        throw new StartException(List.of("Kafka: " + FailureText.of(e)));
      }
    }

    /**
     * Does the command's work.
     *
     * @return the exit status
     */
    abstract int work(Configuration configuration, PauseControl control)
        throws StartException, InterruptedException;
  }

  /** Prints one line for each source. */
  @Command(
      name = "list",
      description =
          "Lists the sources, one a line: name, provider, paused or running, since when,"
              + " by whom and why.")
  static final class ListSources extends SourcesSubcommand {

    @Override
    int work(Configuration configuration, PauseControl control) throws StartException {
      return switch (control.read()) {
        case PausedSources.Unavailable unavailable -> {
          err().println("warning: sources cannot be paused: " + unavailable.why());
          err().flush();
          print(configuration, Map.of());
          yield 0;
        }
        case PausedSources.Known known -> {
          print(configuration, known.sorted());
          yield 0;
        }
      };
    }

    private void print(Configuration configuration, Map<String, SourceState> states) {
      Map<String, String> providers = new LinkedHashMap<>();
      configuration.sources().forEach(source -> providers.put(source.name(), source.provider()));
      // One that was removed from the configuration may be paused still.
      states.keySet().forEach(source -> providers.putIfAbsent(source, "(not configured)"));
      PrintWriter out = out();
      providers.forEach(
          (source, provider) -> {
            SourceState state = states.get(source);
            out.printf(
                "%-24s %-16s %-8s %s%n",
                source,
                provider,
                (state == null ? Decision.RUNNING : state.decision()).word(),
                state == null ? "" : told(state));
          });
      out.flush();
    }
  }

  /** A command that decides about one source. */
  abstract static class Deciding extends SourcesSubcommand {

    @Parameters(paramLabel = "NAME", description = "The source's name in the configuration.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String source;

    @Option(
        names = "--reason",
        paramLabel = "TEXT",
        description = "Why, for those who look at it later.")
    private @Nullable String reason;

    @Option(
        names = "--by",
        paramLabel = "TEXT",
        description = "Who decides; otherwise the user and the name of this machine.")
    private @Nullable String by;

    private final Decision decision;

    Deciding(Decision decision) {
      this.decision = decision;
    }

    @Override
    int work(Configuration configuration, PauseControl control)
        throws StartException, InterruptedException {
      Change change;
      try {
        change = control.decide(decision, source, by == null ? user() : by, reason);
      } catch (IllegalArgumentException e) {
        throw new StartException(List.of(String.valueOf(e.getMessage())));
      }
      switch (change) {
        case Change.Made made -> out().println(made(made.state()));
        case Change.Already already ->
            out()
                .println(
                    source + " is " + word(already.state()) + " already " + told(already.state()));
        case Change.NeverPaused never -> out().println(source + " is not paused");
        case Change.Unknown unknown ->
            throw new StartException(
                List.of(
                    "no source has this name; the configuration has: "
                        + String.join(", ", unknown.configured())));
        case Change.Unavailable unavailable ->
            throw new StartException(List.of("sources cannot be paused: " + unavailable.why()));
      }
      out().flush();
      return 0;
    }

    private static String word(SourceState state) {
      return state.decision().word();
    }

    private static String made(SourceState state) {
      String source = state.source();
      return state.isPaused()
          ? source
              + " is paused. Deliveries are still taken and acknowledged; events wait from now on."
              + System.lineSeparator()
              + "Each pipeline instance follows within about a second, and publishes until then."
              + " This command does not see it: when penstock_source_paused{source=\""
              + source
              + "\"} is 1 at each instance, all have."
          : source
              + " is resumed. Events that wait are published in their order, new ones behind them."
              + System.lineSeparator()
              + "Each pipeline instance begins within about two seconds. This command does not see"
              + " it: when penstock_parked_events{source=\""
              + source
              + "\"} is 0 at each instance, none waits any more.";
    }

    private String user() {
      String user = System.getProperty("user.name", "");
      String host = environment().getOrDefault("HOSTNAME", "");
      String name = (user.isBlank() ? "unknown" : user) + (host.isBlank() ? "" : "@" + host);
      return name.length() <= SourceState.MOST_BY ? name : name.substring(0, SourceState.MOST_BY);
    }
  }

  /** Pauses a source. */
  @Command(
      name = "pause",
      description = {
        "Pauses a source: its deliveries are taken, acknowledged and landed as before, copies are"
            + " removed, and the publication of its events waits until it is resumed, at every"
            + " instance and across restarts. Other sources do not wait.",
        "Dead letters are written at once. See docs/pausing.md."
      })
  static final class Pause extends Deciding {
    Pause() {
      super(Decision.PAUSED);
    }
  }

  /** Resumes a source. */
  @Command(
      name = "resume",
      description =
          "Resumes a source: events that wait are published in their order, and new ones behind"
              + " them.")
  static final class Resume extends Deciding {
    Resume() {
      super(Decision.RUNNING);
    }
  }
}
