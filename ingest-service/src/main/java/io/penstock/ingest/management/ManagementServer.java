package io.penstock.ingest.management;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Serves {@code /metrics}, {@code /health/live}, {@code /health/ready}, {@code /health/startup},
 * the pages of the roles, and what {@link DebugRoutes} has.
 */
public final class ManagementServer extends VerticleBase {

  /** Whether the process answers; depends on nothing outside. */
  public static final String LIVE = "/health/live";

  /** Whether the instance does its work now. */
  public static final String READY = "/health/ready";

  /** Whether the instance has started. */
  public static final String STARTUP = "/health/startup";

  /** The meters, in the format of Prometheus or of OpenMetrics. */
  public static final String METRICS = "/metrics";

  /** The type of the problem that a page answers with. */
  static final String UNKNOWN_FILTER = "unknown-filter";

  private final String host;
  private final int port;
  private final PrometheusMeterRegistry registry;
  private final Readiness readiness;
  private final List<ManagementPage> pages;
  private HttpServer server;
  private Router router;

  /**
   * @param port 0 for any free one
   * @param pages what else it serves
   */
  @SuppressWarnings("NullAway.Init") // set by start()
  public ManagementServer(
      String host,
      int port,
      PrometheusMeterRegistry registry,
      Readiness readiness,
      List<ManagementPage> pages) {
    this.pages = List.copyOf(pages);
    this.host = host;
    this.port = port;
    this.registry = registry;
    this.readiness = readiness;
  }

  @Override
  public Future<?> start() {
    router = Router.router(vertx);
    router
        .get(LIVE)
        .handler(context -> answer(context, true, new JsonObject().put("status", "UP")));
    router
        .get(STARTUP)
        .handler(context -> report(context, readiness.hasStarted(), readiness.look()));
    router
        .get(READY)
        .handler(
            context -> {
              Readiness.Report report = readiness.look();
              report(context, report.ready(), report);
            });
    router.get(METRICS).handler(this::metrics);
    new DebugRoutes(vertx).addTo(router);
    for (ManagementPage page : pages) {
      router.get(page.path()).handler(context -> show(context, page));
    }
    server =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setHost(host)
                    .setPort(port)
                    .setHttp2ClearTextEnabled(false)
                    .setIdleTimeout(75))
            .requestHandler(router);
    return server.listen();
  }

  @Override
  public Future<?> stop() {
    return server.close();
  }

  /** The port that is bound. */
  public int port() {
    return server.actualPort();
  }

  /** The paths that it serves. */
  List<String> paths() {
    return router.getRoutes().stream().map(Route::getPath).toList();
  }

  private static void report(RoutingContext context, boolean up, Readiness.Report report) {
    JsonArray checks = new JsonArray();
    for (Readiness.Found found : report.checks()) {
      checks.add(
          new JsonObject()
              .put("name", found.check().name())
              .put("status", found.state().up() ? "UP" : "DOWN")
              .put("decides-readiness", found.check().decidesReadiness())
              .put("detail", found.state().detail()));
    }
    answer(context, up, new JsonObject().put("status", up ? "UP" : "DOWN").put("checks", checks));
  }

  private static void answer(RoutingContext context, boolean up, JsonObject body) {
    context
        .response()
        .setStatusCode(up ? 200 : 503)
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
        .end(body.toBuffer());
  }

  /** On a worker thread, since a page may be long. */
  private void show(RoutingContext context, ManagementPage page) {
    vertx
        .executeBlocking(
            () -> page.content().of(filters(context.queryParams(), page)).toBuffer(), false)
        .onSuccess(
            body ->
                context
                    .response()
                    .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                    .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                    .end(body))
        .onFailure(
            cause -> {
              if (cause instanceof ManagementPage.UnknownFilterException mistake) {
                refuse(context, mistake.getMessage());
              } else {
                context.fail(cause);
              }
            });
  }

  private static Map<String, String> filters(MultiMap parameters, ManagementPage page)
      throws ManagementPage.UnknownFilterException {
    Map<String, String> filters = new HashMap<>();
    for (Map.Entry<String, String> parameter : parameters) {
      if (!page.filters().contains(parameter.getKey())
          || filters.put(parameter.getKey(), parameter.getValue()) != null) {
        throw new ManagementPage.UnknownFilterException(
            "the filters are " + String.join(", ", new TreeSet<>(page.filters())) + ", each once");
      }
    }
    return filters;
  }

  /** A problem (RFC 9457). */
  private static void refuse(RoutingContext context, @Nullable String detail) {
    context
        .response()
        .setStatusCode(400)
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/problem+json")
        .end(
            new JsonObject()
                .put("type", UNKNOWN_FILTER)
                .put("title", "The query selects nothing that there is")
                .put("status", 400)
                .put("detail", detail)
                .toBuffer());
  }

  /** On a worker thread, since scraping visits every meter. */
  private void metrics(RoutingContext context) {
    String accepted = context.request().getHeader(HttpHeaders.ACCEPT);
    boolean openMetrics = accepted != null && accepted.contains("application/openmetrics-text");
    String type =
        openMetrics
            ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
            : "text/plain; version=0.0.4; charset=utf-8";
    vertx
        .executeBlocking(() -> registry.scrape(type), false)
        .onSuccess(text -> context.response().putHeader(HttpHeaders.CONTENT_TYPE, type).end(text))
        .onFailure(context::fail);
  }
}
