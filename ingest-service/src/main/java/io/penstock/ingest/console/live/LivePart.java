package io.penstock.ingest.console.live;

import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.console.ConsolePart;
import io.penstock.ingest.console.ConsoleRoutes;
import io.penstock.ingest.console.PageAnswer;
import io.penstock.ingest.console.Visit;
import io.penstock.ingest.lookup.Pauses;
import io.penstock.ingest.pausing.PauseFollower;
import io.penstock.ingest.pausing.PausedSources;
import io.penstock.ingest.pausing.SourceState;
import io.penstock.ingest.provider.ProviderCatalog;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The place Live: deliveries as they land, with what becomes of them. */
public final class LivePart implements ConsolePart {

  /** How many deliveries are kept. */
  private static final int ROWS = 50_000;

  /** How much of the heap they take at most, in bytes; of a small heap a sixteenth. */
  private static final long BYTES = 40L << 20;

  /** How many rows the page has before its stream begins. */
  private static final int FIRST = 100;

  private final Vertx vertx;
  private final Configuration configuration;
  private final LiveBoard board;
  private final PauseFollower pauses;
  private final LiveFeed feed;
  private final LiveStreams streams;

  /** Connects to nothing before its paths are added. */
  public LivePart(Vertx vertx, Configuration configuration, InstantSource clock) {
    this.vertx = vertx;
    this.configuration = configuration;
    long bytes = Math.min(BYTES, Runtime.getRuntime().maxMemory() / 16);
    board = new LiveBoard(ROWS, bytes, configuration.deduplication().window(), clock);
    pauses = new PauseFollower(configuration, unread -> {});
    feed =
        new LiveFeed(
            configuration, ProviderCatalog.of(configuration).all(), board, this::paused, clock);
    streams = new LiveStreams(board, clock);
  }

  /** What the console has seen. */
  public LiveBoard board() {
    return board;
  }

  /** Which sources are paused, for traces. */
  public Pauses pauses() {
    return source -> Pauses.of(pauses.get()).of(source);
  }

  private Set<String> paused() {
    return pauses.get() instanceof PausedSources.Known known
        ? known.states().values().stream()
            .filter(SourceState::isPaused)
            .map(SourceState::source)
            .collect(Collectors.toSet())
        : Set.of();
  }

  @Override
  public void addTo(ConsoleRoutes routes) {
    pauses.start();
    feed.start();
    streams.start();
    routes.page("/", this::page).stream(
        "/live/stream",
        (request, visit) -> streams.begin(vertx, request, LiveFilter.of(visit.query()::get)));
  }

  private PageAnswer page(Visit visit) {
    LiveFilter filter = LiveFilter.of(visit.query()::get);
    LiveSummary summary = board.summary();
    List<RowView> rows = board.newest(filter, FIRST).stream().map(RowView::of).toList();
    Map<String, Object> model = new HashMap<>();
    model.put("filter", filter);
    model.put("filtered", !filter.isEmpty());
    model.put("rows", rows);
    model.put("plots", Plots.of(summary.hours()));
    model.put("following", FollowingWords.of(summary.following()));
    model.put("skipped", summary.skipped());
    model.put(
        "sources",
        configuration.sources().stream().map(Configuration.SourceConfig::name).sorted().toList());
    model.put("outcomes", OUTCOMES);
    model.put("firsts", FirstDelivery.of(configuration));
    return PageAnswer.page("live", model);
  }

  /** In the order of the page's list. */
  private static final List<OutcomeWords> OUTCOMES =
      List.of(
          new OutcomeWords("published", "●", "published", "", ""),
          new OutcomeWords("copy", "○", "copy", "", ""),
          new OutcomeWords("dead-letter", "▲", "dead letter", "", ""),
          new OutcomeWords("refused", "✕", "refused", "", ""),
          new OutcomeWords("waiting", "▮", "waiting", "", ""),
          new OutcomeWords("paused", "‖", "paused", "", ""));

  @Override
  public void close() {
    streams.close();
    feed.close();
    pauses.close();
  }
}
