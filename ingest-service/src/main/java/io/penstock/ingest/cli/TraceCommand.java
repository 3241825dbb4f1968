package io.penstock.ingest.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.lookup.Pauses;
import io.penstock.ingest.lookup.PlainText;
import io.penstock.ingest.lookup.ReadProgress;
import io.penstock.ingest.lookup.ShownJson;
import io.penstock.ingest.lookup.Trace;
import io.penstock.ingest.lookup.TraceJson;
import io.penstock.ingest.lookup.TraceQuery;
import io.penstock.ingest.lookup.TraceSearch;
import io.penstock.ingest.pausing.PausedSources;
import io.penstock.ingest.registry.RegistryUnavailableException;
import io.penstock.ingest.service.StartException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tells what became of a delivery. */
@Command(
    name = "trace",
    description = {
      "Tells what became of a delivery: when it was received, where it landed, and whether it was"
          + " published, removed as a copy, or became a dead letter.",
      "Looks through everything that Kafka keeps unless a time is given. Status 0 if something was"
          + " found, 1 if not."
    })
final class TraceCommand extends Subcommand {

  @Mixin
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private ConfigFile config;

  @Parameters(
      paramLabel = "ID",
      description =
          "A receipt id, an event id, an id of the provider's own (such as a uuid, svix-id, session"
              + " or model), or a position, TOPIC/PARTITION@OFFSET.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private String id;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      description = "Landed since then: 30m, 12h, 3d ago, or 2026-11-26T12:00:00Z.",
      converter = When.Converter.class)
  private @Nullable When since;

  @Option(
      names = "--until",
      paramLabel = "TIME",
      description = "Landed before then, in the same forms.",
      converter = When.Converter.class)
  private @Nullable When until;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "20",
      description = "At most so many deliveries, the newest; ${DEFAULT-VALUE} unless given.")
  private int limit;

  @Option(names = "--json", description = "Print one JSON document instead of lines.")
  private boolean json;

  @Override
  public Integer call() throws StartException {
    if (id.isEmpty() || id.length() > TraceQuery.MOST_ID || limit < 1) {
      err()
          .println(
              "error: an id has 1 to " + TraceQuery.MOST_ID + " characters; a limit is above 0");
      return 2;
    }
    Configuration configuration = config.read().configuration();
    if (configuration.schemaRegistry().url().isEmpty()) {
      throw new StartException(List.of("schema-registry.url is needed to read events"));
    }
    Instant now = InstantSource.system().instant();
    if (since != null && until != null && !since.at(now).isBefore(until.at(now))) {
      err().println("error: --since is not before --until");
      return 2;
    }
    TraceQuery query =
        new TraceQuery(
            id, since == null ? null : since.at(now), until == null ? null : until.at(now), limit);
    // Read while the search goes on, which needs it last.
    CompletableFuture<PausedSources> paused =
        CompletableFuture.supplyAsync(
            () -> PausedSources.read(configuration), task -> Thread.ofVirtual().start(task));
    try (TraceSearch search = new TraceSearch(configuration, Pauses.of(() -> joined(paused)))) {
      return UntilSignal.run(
          search::wakeup,
          () -> {
            Listening listening = new Listening();
            TraceSearch.Found found = search.find(query, listening);
            print(configuration, found);
            err().println(looked(query, found));
            err().flush();
            return found.traces().isEmpty() || !listening.complete ? 1 : 0;
          });
    } catch (KafkaException | RegistryUnavailableException e) {
      throw new StartException(List.of(LettersCommand.problem(e)));
    }
  }

  private static PausedSources joined(CompletableFuture<PausedSources> paused) {
    try {
      return paused.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private void print(Configuration configuration, TraceSearch.Found found) {
    if (json) {
      var document = JsonNodeFactory.instance.objectNode();
      document.put("looked", found.looked());
      document.put("more", found.more());
      var deliveries = document.putArray("deliveries");
      found.traces().forEach(trace -> deliveries.add(TraceJson.of(trace)));
      out().println(ShownJson.line(document));
    } else {
      TraceText text = new TraceText(configuration);
      for (Trace trace : found.traces()) {
        text.lines(trace).forEach(out()::println);
      }
    }
    out().flush();
  }

  private static String looked(TraceQuery query, TraceSearch.Found found) {
    String range =
        query.since() == null && query.until() == null
            ? "everything that Kafka keeps"
            : "what was landed "
                + (query.since() == null ? "" : "since " + query.since() + " ")
                + (query.until() == null ? "" : "before " + query.until());
    return (found.traces().isEmpty() ? "nothing was found" : found.traces().size() + " found")
        + "; looked at "
        + found.looked()
        + " records of "
        + range.strip()
        + (found.more() ? "; there are older ones, see --limit and --until" : "");
  }

  private final class Listening implements TraceSearch.Listener {

    private final ScanReport report = new ScanReport(err(), System::nanoTime);
    private boolean complete = true;

    @Override
    public void progress(String where, ReadProgress progress) {
      report.note(where, progress);
    }

    @Override
    public void unreadable(String problem) {
      complete = false;
      err().println("error: " + PlainText.of(problem));
      err().flush();
    }
  }
}
