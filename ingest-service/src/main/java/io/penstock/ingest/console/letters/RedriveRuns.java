package io.penstock.ingest.console.letters;

import io.penstock.ingest.config.Configuration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The runs that drive letters again: one at a time in this process, each to its end whether a page
 * looks or not. The reports of the last ones are kept until the process ends. Safe for several
 * threads.
 */
final class RedriveRuns implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(RedriveRuns.class);

  private static final int KEPT = 20;

  private final Configuration configuration;
  private final InstantSource clock;
  private final AtomicBoolean closing = new AtomicBoolean();
  private final Map<String, RedriveRun> runs = new LinkedHashMap<>();
  private long next = 1;

  private final ExecutorService worker =
      Executors.newSingleThreadExecutor(
          work -> {
            Thread thread = new Thread(work, "penstock-console-redrive");
            thread.setDaemon(true);
            return thread;
          });

  RedriveRuns(Configuration configuration, InstantSource clock) {
    this.configuration = configuration;
    this.clock = clock;
  }

  /**
   * Begins a run.
   *
   * @return empty while another one goes on
   */
  synchronized Optional<RunReport> begin(LetterChoice choice, String user) {
    if (runs.values().stream().anyMatch(run -> run.report().isRunning())) {
      return Optional.empty();
    }
    String id = Long.toString(next++);
    RedriveRun run = new RedriveRun(configuration, choice, id, user, true, clock);
    runs.put(id, run);
    if (runs.size() > KEPT) {
      runs.remove(runs.keySet().iterator().next());
    }
    worker.execute(
        () -> {
          run.work(closing::get);
          RunReport report = run.report();
          log.atInfo()
              .addKeyValue("user", user)
              .addKeyValue("chosen", report.what())
              .addKeyValue("driven", report.driven())
              .addKeyValue("copies", report.copies())
              .addKeyValue("kept", report.keptCount())
              .addKeyValue("failed", report.isFailed())
              .log("A user of the console has driven dead letters again");
        });
    return Optional.of(run.report());
  }

  /** The report of a run; empty where there is none of this id any longer. */
  synchronized Optional<RunReport> byId(String id) {
    return Optional.ofNullable(runs.get(id)).map(RedriveRun::report);
  }

  /** All reports, the newest first. */
  synchronized List<RunReport> all() {
    return new ArrayList<>(runs.values()).reversed().stream().map(RedriveRun::report).toList();
  }

  /** Ends the run that goes on behind its current letter, and waits for that a few seconds. */
  @Override
  public void close() {
    closing.set(true);
    worker.shutdown();
    try {
      if (!worker.awaitTermination(5, TimeUnit.SECONDS)) {
        worker.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
