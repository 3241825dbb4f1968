package io.penstock.ingest.pipeline;

import io.penstock.ingest.observability.LastingWarning;
import io.penstock.ingest.registry.SchemaIds;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the schema registry for the ids of all schemas: before the pipeline starts until it has
 * them, and now and then while it runs, since the registry may have been restored or replaced.
 * Belongs to the pipeline's supervisor; {@link #doubt} may be asked by any thread.
 */
final class SchemaResolution {

  private static final Logger log = LoggerFactory.getLogger(SchemaResolution.class);

  private static final Duration POLL = Duration.ofMillis(50);

  private final SchemaIds schemaIds;
  private final StopSignal stop;
  private final Duration retry;
  private final LastingWarning wait = new LastingWarning(log, System::nanoTime);
  private final LastingWarning unconfirmed = new LastingWarning(log, System::nanoTime);

  /** The latest answer, or the one that is waited for. */
  private CompletableFuture<SchemaIds.Result> answer =
      CompletableFuture.failedFuture(new IllegalStateException("not asked yet"));

  private volatile String doubt = "";

  /**
   * @param retry how long to wait before the registry is asked again
   */
  SchemaResolution(SchemaIds schemaIds, StopSignal stop, Duration retry) {
    this.schemaIds = schemaIds;
    this.stop = stop;
    this.retry = retry;
  }

  /**
   * Asks until all schemas have their ids, or the pipeline is to stop.
   *
   * @param waiting hears what is waited for, for people
   */
  void resolve(Consumer<String> waiting) throws InterruptedException {
    waiting.accept("the schema registry");
    while (!stop.isGiven()) {
      CompletableFuture<SchemaIds.Result> asked = ask();
      while (!asked.isDone() && !stop.await(POLL)) {
        // It may take as long as its time-outs; a shutdown does not wait for it.
      }
      if (!asked.isDone()) {
        return;
      }
      if (!(asked.join() instanceof SchemaIds.Result.Unresolved unresolved)) {
        wait.ends("The schema registry has all schemas");
        return;
      }
      String problems = String.join("; ", unresolved.problems());
      waiting.accept("the schema registry: " + problems);
      wait.holds(
          "Publication waits for the schema registry; deliveries are acknowledged meanwhile",
          "problems",
          problems);
      stop.await(retry);
    }
  }

  /**
   * Asks on a thread of its own: nothing ends a request that hangs, and no other thread waits for
   * it. While one request is under way, there is no other.
   *
   * @return fails if something is wrong with the client's configuration
   */
  CompletableFuture<SchemaIds.Result> ask() {
    if (!answer.isDone()) {
      return answer;
    }
    CompletableFuture<SchemaIds.Result> asked = new CompletableFuture<>();
    answer = asked;
    Thread.ofPlatform()
        .daemon()
        .name("registry")
        .start(
            () -> {
              try {
                asked.complete(schemaIds.resolve());
              } catch (RuntimeException | Error e) {
                asked.completeExceptionally(e);
              }
            });
    return asked;
  }

  /** Takes note of an answer that came while the pipeline runs. */
  void confirmed(CompletableFuture<SchemaIds.Result> done) {
    String problem = "";
    if (done.isCompletedExceptionally()) {
      problem = done.exceptionNow().toString();
    } else if (done.resultNow() instanceof SchemaIds.Result.Unresolved unresolved) {
      problem = String.join("; ", unresolved.problems());
    }
    doubt = problem;
    if (problem.isEmpty()) {
      unconfirmed.ends("The schema registry confirms the schemas again");
    } else {
      unconfirmed.holds(
          "The schema registry could not confirm the schemas; publication goes on",
          "problem",
          problem);
    }
  }

  /** What the registry said when it could not confirm the schemas; empty where it could. */
  String doubt() {
    return doubt;
  }
}
