package io.penstock.ingest.management;

import io.penstock.ingest.observability.LogLevels;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.management.JMException;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an engineer on call needs of a process that misbehaves: a thread dump, a histogram of the
 * heap, another log level for some minutes. Only programs on the same machine, or in the same pod,
 * are answered: {@code kubectl port-forward} is one. Requests of a browser's page for another site
 * are refused as well.
 */
final class DebugRoutes {

  /** Every platform thread with its stack and its locks. */
  static final String THREADS = "/debug/threads";

  /** How many objects of each class there are, and their bytes. */
  static final String HEAP = "/debug/heap";

  /** Sets the level of a logger for some minutes. */
  static final String LOG_LEVEL = "/debug/log-level";

  /** The type of the problem that a request from elsewhere is answered with. */
  static final String LOCAL_ONLY = "local-only";

  /** The type of the problem that an impossible log level is answered with. */
  static final String UNKNOWN_LEVEL = "unknown-level";

  /** For how long a level stays where the request does not say, in minutes. */
  static final int USUAL_MINUTES = 15;

  /** For how long a level stays at most, in minutes. */
  static final int MOST_MINUTES = 60;

  private static final Logger log = LoggerFactory.getLogger(DebugRoutes.class);

  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "0:0:0:0:0:0:0:1", "::1");
  private static final Set<String> HOSTS = Set.of("localhost", "127.0.0.1", "::1", "[::1]");

  private final Vertx vertx;

  /** The loggers whose level will be set back. Used on one event loop. */
  private final Map<String, Changed> changed = new HashMap<>();

  private record Changed(String before, long timer) {}

  DebugRoutes(Vertx vertx) {
    this.vertx = vertx;
  }

  /** Adds the routes. */
  void addTo(Router router) {
    router
        .get(THREADS)
        .handler(context -> ifLocal(context, () -> run(context, "threadPrint", "-l")));
    // With -all the collector does not run first, which would stop the process for longer.
    router
        .get(HEAP)
        .handler(context -> ifLocal(context, () -> run(context, "gcClassHistogram", "-all")));
    router.post(LOG_LEVEL).handler(context -> ifLocal(context, () -> setLevel(context)));
  }

  private static void ifLocal(RoutingContext context, Runnable answer) {
    HttpServerRequest request = context.request();
    @Nullable HostAndPort host = request.authority();
    if (isLoopback(request.remoteAddress())
        && isLoopback(request.localAddress())
        && host != null
        && HOSTS.contains(host.host())
        && !request.headers().contains(HttpHeaders.ORIGIN)) {
      answer.run();
    } else {
      refuse(
          context,
          403,
          LOCAL_ONLY,
          "Only programs on the same machine are answered",
          "use kubectl port-forward, or a shell on the machine, and the host localhost");
    }
  }

  private static boolean isLoopback(@Nullable SocketAddress address) {
    return address != null && LOOPBACK.contains(String.valueOf(address.hostAddress()));
  }

  /** On a worker thread. The process stands still meanwhile. */
  private void run(RoutingContext context, String command, String argument) {
    vertx
        .executeBlocking(() -> diagnose(command, argument), false)
        .onSuccess(
            text ->
                context
                    .response()
                    .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; charset=utf-8")
                    .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                    .end(text))
        .onFailure(context::fail);
  }

  private static String diagnose(String command, String argument) throws JMException {
    return String.valueOf(
        ManagementFactory.getPlatformMBeanServer()
            .invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                command,
                new Object[] {new String[] {argument}},
                new String[] {String[].class.getName()}));
  }

  private void setLevel(RoutingContext context) {
    String logger = first(context, "logger", "");
    String level = first(context, "level", "");
    String minutes = first(context, "minutes", Integer.toString(USUAL_MINUTES));
    if (!LogLevels.isAllowed(logger)
        || !LogLevels.LEVELS.contains(level)
        || !minutes.matches("[1-9][0-9]?")
        || Integer.parseInt(minutes) > MOST_MINUTES) {
      refuse(
          context,
          400,
          UNKNOWN_LEVEL,
          "The logger, its level or the time cannot be had",
          "logger begins with io.penstock or org.apache.kafka, and is not of Kafka's security; level"
              + " is one of "
              + String.join(", ", LogLevels.LEVELS)
              + "; minutes is 1 to "
              + MOST_MINUTES);
      return;
    }
    String before = LogLevels.set(logger, level);
    @Nullable Changed earlier = changed.get(logger);
    if (earlier != null) {
      vertx.cancelTimer(earlier.timer());
    }
    String original = earlier == null ? before : earlier.before();
    long timer =
        vertx.setTimer(
            TimeUnit.MINUTES.toMillis(Integer.parseInt(minutes)),
            id -> {
              changed.remove(logger);
              change(logger, original, "0");
            });
    changed.put(logger, new Changed(original, timer));
    change(logger, level, minutes);
    context
        .response()
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
        .end(
            new JsonObject()
                .put("logger", logger)
                .put("level", level)
                .put("before", original)
                .put("minutes", Integer.parseInt(minutes))
                .toBuffer());
  }

  private static void change(String logger, String level, String minutes) {
    LogLevels.set(logger, level);
    log.atWarn()
        .addKeyValue("changed_logger", logger)
        .addKeyValue("changed_level", level)
        .addKeyValue("for_minutes", minutes)
        .log("The level of a logger was changed by the management port");
  }

  private static String first(RoutingContext context, String name, String otherwise) {
    @Nullable String value = context.queryParams().get(name);
    return value == null ? otherwise : value;
  }

  private static void refuse(
      RoutingContext context, int status, String type, String title, String detail) {
    context
        .response()
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/problem+json")
        .end(
            new JsonObject()
                .put("type", type)
                .put("title", title)
                .put("status", status)
                .put("detail", detail)
                .toBuffer());
  }
}
