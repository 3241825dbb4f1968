package io.penstock.ingest.warmup;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.util.concurrent.TimeUnit;

/** Vert.x as the whole program uses it. */
public final class WarmVertx {

  /**
   * A Java property for tests, which no operator needs: the milliseconds that an event loop may be
   * busy before Vert.x complains, with a stack trace.
   */
  private static final String BLOCKED_THREAD_CHECK = "penstock.blocked-thread-check-millis";

  private WarmVertx() {}

  /** Makes one whose worker threads run already; to be closed by the caller. */
  public static Vertx create() {
    VertxOptions options = options();
    Long blocked = Long.getLong(BLOCKED_THREAD_CHECK);
    if (blocked != null) {
      options
          .setBlockedThreadCheckInterval(blocked)
          .setBlockedThreadCheckIntervalUnit(TimeUnit.MILLISECONDS)
          .setMaxEventLoopExecuteTime(blocked)
          .setMaxEventLoopExecuteTimeUnit(TimeUnit.MILLISECONDS)
          .setWarningExceptionTime(blocked)
          .setWarningExceptionTimeUnit(TimeUnit.MILLISECONDS);
    }
    Vertx vertx = Vertx.vertx(options);
    // An event loop that starts a worker thread waits until that thread runs, so all start here.
    for (int i = 0; i < options.getWorkerPoolSize(); i++) {
      vertx.executeBlocking(() -> true, false);
    }
    return vertx;
  }

  /** Without a directory for cached files: nothing is served from files. */
  static VertxOptions options() {
    return new VertxOptions()
        .setFileSystemOptions(
            new FileSystemOptions()
                .setFileCachingEnabled(false)
                .setClassPathResolvingEnabled(false));
  }
}
