package io.penstock.ingest.console.live;

import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.console.ConsolePart;
import io.penstock.ingest.console.ConsoleRoutes;
import io.penstock.ingest.console.PageAnswer;
import io.penstock.ingest.console.Recent;
import io.penstock.ingest.console.Visit;
import io.penstock.ingest.console.letters.OpenLetters;
import io.penstock.ingest.lookup.Pauses;
import io.penstock.ingest.pausing.PauseFollower;
import io.penstock.ingest.pausing.PausedSources;
import io.penstock.ingest.pausing.SourceState;
import io.penstock.ingest.provider.ProviderCatalog;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The place Live: deliveries as they land, with what becomes of them, and what does not land. */
public final class LivePart implements ConsolePart, LiveListener, LiveSides {

  private static final Logger log = LoggerFactory.getLogger(LivePart.class);

  /** How many deliveries are kept. */
  private static final int ROWS = 50_000;

  /** How much of the heap they take at most, in bytes; of a small heap a sixteenth. */
  private static final long BYTES = 40L << 20;

  /** How many rows the page has before its stream begins. */
  private static final int FIRST = 100;

  /** How often the instances are asked while a page is open. */
  private static final Duration LOOK = Duration.ofSeconds(2);

  /** How long a page that is loaded waits for them. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final Vertx vertx;
  private final Configuration configuration;
  private final InstantSource clock;
  private final LiveBoard board;
  private final PauseFollower pauses;
  private final LiveFeed feed;
  private final LiveStreams streams;
  private final LiveMeters meters;
  private final OpenLetters letters;
  private final Outside outside;
  private final RefusalTally tally = new RefusalTally();
  private final Recent<Boolean> looks;

  /**
   * What is known of the instances.
   *
   * @param unlanded asks them; blocks for a few seconds at most
   * @param refused by source, the refusals of each of the last 60 minutes, the oldest first
   */
  public record Outside(Supplier<Unlanded> unlanded, Supplier<Map<String, int[]>> refused) {}

  /**
   * Connects to nothing before its paths are added.
   *
   * @param letters told of what the feed reads; not closed with this
   */
  public LivePart(
      Vertx vertx,
      Configuration configuration,
      InstantSource clock,
      MeterRegistry registry,
      OpenLetters letters,
      Outside outside) {
    this.vertx = vertx;
    this.configuration = configuration;
    this.clock = clock;
    this.letters = letters;
    this.outside = outside;
    long bytes = Math.min(BYTES, Runtime.getRuntime().maxMemory() / 16);
    board = new LiveBoard(ROWS, bytes, configuration.deduplication().window(), clock);
    pauses = new PauseFollower(configuration, unread -> {});
    feed =
        new LiveFeed(
            configuration,
            ProviderCatalog.of(configuration).all(),
            board,
            this::paused,
            this,
            clock);
    streams = new LiveStreams(board, this, clock);
    meters = new LiveMeters(registry);
    meters.watch(board, streams);
    looks = new Recent<>(LOOK, System::nanoTime, this::lookNow, PATIENCE, () -> false);
  }

  /** What the console has seen. */
  public LiveBoard board() {
    return board;
  }

  /** Which sources are paused, for traces. */
  public Pauses pauses() {
    return Pauses.of(pauses);
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
    var unused = looks.get();
    LiveFilter filter = LiveFilter.of(visit.query()::get);
    LiveSummary summary = board.summary();
    List<RowView> rows = board.newest(filter, FIRST).stream().map(RowView::of).toList();
    Map<String, Object> model = new HashMap<>();
    model.put("filter", filter);
    model.put("filtered", !filter.isEmpty());
    model.put("rows", rows);
    model.put("plots", plots());
    model.put("following", FollowingWords.of(summary.following()));
    model.put("skipped", summary.skipped());
    model.put("unlanded", summary.unlanded());
    model.put("sources", sources());
    model.put("outcomes", OutcomeWords.FILTERS);
    model.put("firsts", FirstDelivery.of(configuration));
    return PageAnswer.page("live", model);
  }

  /** What a filter can name: the last stands for requests whose address names no source. */
  private List<String> sources() {
    return Stream.concat(
            configuration.sources().stream().map(Configuration.SourceConfig::name).sorted(),
            Stream.of(RowView.UNKNOWN))
        .toList();
  }

  // What is not in Kafka.

  @Override
  public void look() {
    looks.begin();
  }

  private boolean lookNow() {
    try {
      Unlanded seen = outside.unlanded().get();
      tally.rises(seen.refusals(), clock.millis()).forEach(board::refused);
      board.unlanded(UnlandedWords.of(seen));
      return true;
    } catch (RuntimeException e) {
      log.debug("The instances were not asked", e);
      board.unlanded("The instances could not be asked: refusals and spools are not known.");
      return false;
    }
  }

  @Override
  public List<Plots.Plot> plots() {
    return Plots.of(board.hours(), outside.refused().get());
  }

  @Override
  public void unshown(long rows) {
    meters.unshown(rows);
  }

  // What the feed meets.

  @Override
  public void letter() {
    letters.letter();
  }

  @Override
  public void published(String eventId) {
    letters.published(eventId);
  }

  @Override
  public void leftOut(long deliveries) {
    meters.skipped(deliveries);
  }

  @Override
  public void unread() {
    letters.unread();
  }

  @Override
  public void behind(long landing, long others) {
    meters.behind(landing + others);
  }

  @Override
  public void close() {
    streams.close();
    feed.close();
    pauses.close();
  }
}
