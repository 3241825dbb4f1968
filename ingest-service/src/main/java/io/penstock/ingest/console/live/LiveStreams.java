package io.penstock.ingest.console.live;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the open Live pages what is new, as Server-Sent Events: twice a second, and at most 20 rows
 * a second to each, with the number of the others. A page has one message on its way at a time, so
 * a slow one costs no memory; one that takes nothing for long is dropped, and connects again by
 * itself.
 */
public final class LiveStreams implements AutoCloseable {

  /** How many pages may be open at a time. */
  static final int MOST = 100;

  /** How many new rows a page gets in a message. */
  static final int ROWS = 10;

  /** How many rows a page gets first. */
  static final int FIRST = 200;

  private static final Logger log = LoggerFactory.getLogger(LiveStreams.class);
  private static final int TICK_MILLIS = 500;

  /** After so many ticks without anything new, a page is told so. */
  private static final int QUIET = 10;

  /** For so many ticks a page may take nothing. */
  private static final int STUCK = 40;

  /** Every so many ticks the plots are sent. */
  private static final int PLOTS = 20;

  private final LiveBoard board;
  private final LiveSides sides;
  private final InstantSource clock;
  private final Set<Page> pages = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService ticker =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "penstock-live-pages");
            thread.setDaemon(true);
            return thread;
          });
  private long seenBefore;
  private long seenAtMillis;
  private double perSecond;

  /** Sends nothing before {@link #start}. */
  LiveStreams(LiveBoard board, LiveSides sides, InstantSource clock) {
    this.board = board;
    this.sides = sides;
    this.clock = clock;
  }

  /** Begins to send. */
  public void start() {
    seenBefore = board.seen();
    seenAtMillis = clock.millis();
    ScheduledFuture<?> ticking =
        ticker.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    if (ticking.isCancelled()) {
      throw new IllegalStateException("the streams have been closed");
    }
  }

  /** One open page. What is not final is for the ticker's thread. */
  private static final class Page {
    private final Context context;
    private final HttpServerResponse response;
    private final PageState state;
    private final AtomicBoolean busy = new AtomicBoolean();
    private boolean begun;
    private int quiet;
    private int stuck;
    private int untilPlots;

    Page(Context context, HttpServerResponse response, PageState state) {
      this.context = context;
      this.response = response;
      this.state = state;
    }
  }

  /** Begins a page's stream. On the event loop. */
  public void begin(Vertx vertx, HttpServerRequest request, LiveFilter filter) {
    HttpServerResponse response = request.response();
    if (pages.size() >= MOST) {
      response
          .setStatusCode(503)
          .putHeader("retry-after", "10")
          .putHeader("content-type", "text/plain; charset=utf-8")
          .end("as many pages are open as may be: " + MOST);
      return;
    }
    response
        .setChunked(true)
        .putHeader("content-type", "text/event-stream; charset=utf-8")
        .putHeader("x-accel-buffering", "no");
    Page page = new Page(vertx.getOrCreateContext(), response, new PageState(filter, board.now()));
    response.exceptionHandler(failure -> pages.remove(page));
    response.closeHandler(closed -> pages.remove(page));
    pages.add(page);
    // So that the browser knows at once that it is connected.
    response.write(": begun\n\n").onFailure(failure -> pages.remove(page));
  }

  /** How many pages are open. */
  public int open() {
    return pages.size();
  }

  private void tick() {
    try {
      measure();
      if (!pages.isEmpty()) {
        sides.look();
      }
      pages.forEach(this::tell);
    } catch (RuntimeException e) {
      log.atWarn().setCause(e).log("The open pages were not told what is new");
    }
  }

  private void measure() {
    long now = clock.millis();
    long seen = board.seen();
    long millis = now - seenAtMillis;
    if (millis >= 2_000 || millis < 0) {
      perSecond = millis <= 0 ? 0 : (seen - seenBefore) * 1000.0 / millis;
      seenBefore = seen;
      seenAtMillis = now;
    }
  }

  private void tell(Page page) {
    if (!page.busy.compareAndSet(false, true)) {
      if (++page.stuck > STUCK) {
        pages.remove(page);
        page.context.runOnContext(now -> page.response.reset());
      }
      return;
    }
    page.stuck = 0;
    JsonObject message = message(page);
    if (message.isEmpty() && ++page.quiet < QUIET) {
      page.busy.set(false);
      return;
    }
    page.quiet = 0;
    String text = "data: " + message.mergeIn(head()).encode() + "\n\n";
    page.context.runOnContext(
        now -> {
          if (page.response.closed()) {
            pages.remove(page);
          } else {
            page.response.write(text).onComplete(written -> page.busy.set(false));
          }
        });
  }

  private JsonObject message(Page page) {
    JsonObject message = new JsonObject();
    if (!page.begun) {
      page.begun = true;
      List<LiveRow> newest = page.state.begin(board, FIRST);
      message.put("start", rows(newest.reversed(), page.state.filter()));
    } else {
      LiveChanges changes = page.state.pull(board, ROWS);
      if (!changes.rows().isEmpty()) {
        message.put("rows", rows(changes.rows(), page.state.filter()));
      }
      long more = changes.more() + changes.lost();
      if (more > 0) {
        message.put("more", more);
        sides.unshown(more);
      }
    }
    if (page.untilPlots-- <= 0) {
      page.untilPlots = PLOTS;
      message.put("plots", Plots.json(sides.plots()));
    }
    return message;
  }

  private static JsonArray rows(List<LiveRow> rows, LiveFilter filter) {
    JsonArray array = new JsonArray();
    for (LiveRow row : rows) {
      JsonObject json = RowView.of(row).json();
      if (!filter.matches(row)) {
        json.put("gone", true);
      }
      array.add(json);
    }
    return array;
  }

  private JsonObject head() {
    LiveSummary summary = board.summary();
    return new JsonObject()
        .put("rate", Math.round(perSecond * 10) / 10.0)
        .put("skipped", summary.skipped())
        .put("unlanded", summary.unlanded())
        .put("following", FollowingWords.of(summary.following()));
  }

  /** Ends all streams. */
  @Override
  public void close() {
    ticker.shutdownNow();
    for (Page page : pages) {
      page.context.runOnContext(now -> page.response.reset());
    }
    pages.clear();
  }
}
