package io.penstock.ingest.pipeline;

import io.penstock.ingest.cluster.Topics;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of a stream thread that has thrown. An exception concerns every record (what
 * concerns one record becomes a dead letter), so the thread is replaced, after a pause. An error,
 * such as lack of memory, ends the pipeline for good. Called by stream threads.
 */
final class StreamFailures implements StreamsUncaughtExceptionHandler {

  private static final Logger log = LoggerFactory.getLogger(StreamFailures.class);

  private final Topics topics;
  private final Pause pause;
  private final AtomicReference<@Nullable Error> fatal = new AtomicReference<>();

  /** What happens before a thread is replaced. */
  interface Pause {
    /**
     * Waits a while.
     *
     * @return false if the pipeline is to stop, so that nothing is replaced
     */
    boolean beforeReplacement() throws InterruptedException;
  }

  StreamFailures(Topics topics, Pause pause) {
    this.topics = topics;
    this.pause = pause;
  }

  /** The error that has ended the pipeline; null where none has. */
  @Nullable Error fatal() {
    return fatal.get();
  }

  @Override
  public StreamThreadExceptionResponse handle(Throwable cause) {
    Error error = find(cause, Error.class);
    if (error != null) {
      log.error("A stream thread died of an error, and the process ends", cause);
      fatal.compareAndSet(null, error);
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }
    log.error("A stream thread stopped, and another takes over", cause);
    if (find(cause, InvalidTimestampException.class) != null) {
      log.atError()
          .addKeyValue("changelog", topics.changelog())
          .addKeyValue("limit", Long.MAX_VALUE)
          .log(
              "A broker refuses the time of what is published, and its partition waits: set"
                  + " message.timestamp.after.max.ms and message.timestamp.before.max.ms of the"
                  + " topics of events, the dead letters and the changelog to the limit, or fix the"
                  + " brokers' clocks");
    }
    try {
      if (!pause.beforeReplacement()) {
        return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }
    // Kafka Streams ends a replaced thread by throwing once more what was just logged. That must
    // not reach the default handler, which ends the process.
    Thread.currentThread()
        .setUncaughtExceptionHandler(
            (thread, again) -> log.debug("A replaced stream thread ended", again));
    return StreamThreadExceptionResponse.REPLACE_THREAD;
  }

  private static <T extends Throwable> @Nullable T find(Throwable cause, Class<T> kind) {
    for (Throwable e = cause; e != null; e = e.getCause()) {
      if (kind.isInstance(e)) {
        return kind.cast(e);
      }
    }
    return null;
  }
}
