package io.penstock.ingest.console;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.ingest.console.ConsoleRoutes.Target;
import io.penstock.ingest.console.ConsoleRoutes.Work;
import io.penstock.ingest.observability.FailureText;
import io.penstock.ingest.observability.Meters;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Does the work behind requests that may have it: on virtual threads, so many at a time and each
 * for so long, and answers with what it made. Every change is logged with the user's name.
 */
final class Requests implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Requests.class);

  /** How many pages are made at a time; beyond it: 503. */
  private static final int MOST_AT_A_TIME = 64;

  private static final String THEME = "penstock_theme";

  /** Why a request is refused. */
  enum Refusal {
    /** It names a host that is not the console's. */
    HOST(421),
    /** No user is behind it. */
    UNAUTHENTICATED(401),
    /** Its user may change nothing. */
    READ_ONLY(403),
    /** A page of another site sent it, or a page of ours that is out of date. */
    ORIGIN(403);

    private final int status;

    Refusal(int status) {
      this.status = status;
    }

    String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  private final Vertx vertx;
  private final Templates templates;
  private final Gatekeeper gatekeeper;
  private final MeterRegistry registry;
  private final String version;
  private final ExecutorService executor =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("console-", 0).factory());
  private final Semaphore places = new Semaphore(MOST_AT_A_TIME);

  Requests(
      Vertx vertx,
      Templates templates,
      Gatekeeper gatekeeper,
      MeterRegistry registry,
      String version) {
    this.vertx = vertx;
    this.templates = templates;
    this.gatekeeper = gatekeeper;
    this.registry = registry;
    this.version = version;
    for (Refusal refusal : Refusal.values()) {
      refusals(refusal).increment(0);
    }
  }

  /** Counts the outcomes of an action from the start, so that its first shows as a rise. */
  void announce(Target.Action action) {
    for (String outcome : List.of("done", "refused", "failed")) {
      outcomes(action, outcome).increment(0);
    }
  }

  private Counter outcomes(Target.Action action, String outcome) {
    return Meters.CONSOLE_ACTIONS.counter(registry, "action", action.name(), "outcome", outcome);
  }

  private Counter refusals(Refusal refusal) {
    return Meters.CONSOLE_REFUSED.counter(registry, "reason", refusal.label());
  }

  /** Makes a page and answers with it. */
  void page(RoutingContext context, ConsoleUser user, Work work) {
    Visit visit = visit(context, user);
    run(context, visit, () -> answered(work, visit, failure -> {}));
  }

  /** Does an action and answers with what it says; logs and counts it. */
  void action(RoutingContext context, ConsoleUser user, Target.Action action) {
    Visit visit = visit(context, user);
    run(
        context,
        visit,
        () -> {
          boolean[] failed = new boolean[1];
          PageAnswer answer = answered(action.work(), visit, failure -> failed[0] = true);
          boolean refused = answer instanceof PageAnswer.Page page && page.status() >= 400;
          String outcome = failed[0] ? "failed" : refused ? "refused" : "done";
          outcomes(action, outcome).increment();
          LoggingEventBuilder line =
              log.atInfo()
                  .addKeyValue("user", user.name())
                  .addKeyValue("action", action.name())
                  .addKeyValue("outcome", outcome);
          for (Map.Entry<String, Object> note : visit.notes().entrySet()) {
            line = line.addKeyValue(note.getKey(), note.getValue());
          }
          line.log("A user of the console changed something");
          return answer;
        });
  }

  private PageAnswer answered(Work work, Visit visit, Consumer<Exception> onFailure) {
    try {
      return work.answer(visit);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      onFailure.accept(e);
      return PageAnswer.problem(503, "Not in time", "It took longer than a page may take.");
    } catch (NotReadableException e) {
      onFailure.accept(e);
      return PageAnswer.problem(503, "Cannot be read now", e.sentence());
    } catch (Exception e) {
      onFailure.accept(e);
      log.atWarn()
          .addKeyValue("path", visit.path())
          .addKeyValue("cause", FailureText.of(e))
          .log("A page of the console failed");
      return PageAnswer.problem(500, "This page failed", FailureText.of(e));
    }
  }

  private void run(RoutingContext context, Visit visit, Supplier<PageAnswer> work) {
    if (!places.tryAcquire()) {
      problem(
          context, visit.user(), 503, "Busy", "Too many pages are being made. Reload in a moment.");
      return;
    }
    Context loop = vertx.getOrCreateContext();
    AtomicBoolean answered = new AtomicBoolean();
    var task =
        executor.submit(
            () -> {
              try {
                PageAnswer answer = work.get();
                Buffer html = html(context, visit, answer);
                loop.runOnContext(
                    now -> {
                      if (!answered.getAndSet(true)) {
                        send(context, answer, html);
                      }
                    });
              } catch (RuntimeException | Error e) {
                loop.runOnContext(now -> context.fail(e));
              } finally {
                places.release();
              }
            });
    long timer =
        vertx.setTimer(
            ConsoleServer.DEADLINE.toMillis(),
            now -> {
              if (!answered.getAndSet(true)) {
                task.cancel(true);
                problem(
                    context,
                    visit.user(),
                    503,
                    "Not in time",
                    "It took longer than "
                        + ConsoleServer.DEADLINE.toSeconds()
                        + " s, and was given up.");
              }
            });
    context.addEndHandler(end -> vertx.cancelTimer(timer));
  }

  /** Empty where the answer is not HTML. */
  private Buffer html(RoutingContext context, Visit visit, PageAnswer answer) {
    return answer instanceof PageAnswer.Page page
        ? Buffer.buffer(render(context, visit.user(), visit.csrf(), page.template(), page.model()))
        : Buffer.buffer();
  }

  private String render(
      RoutingContext context,
      @Nullable ConsoleUser user,
      String csrf,
      String template,
      Map<String, Object> model) {
    Map<String, Object> all = new HashMap<>(model);
    all.put("user", user == null ? "" : user.name());
    all.put("operator", user != null && user.isOperator());
    all.put("session", user != null && user.proof() == ConsoleUser.Proof.SESSION);
    all.put("csrf", csrf);
    all.put("path", context.request().path());
    all.put("place", place(context.request().path()));
    all.put("version", version);
    all.put("theme", theme(context.request().getCookie(THEME)));
    all.putIfAbsent("find", "");
    return templates.render(template, all);
  }

  /** The first part of the path: which link of the head is current. */
  private static String place(String path) {
    int end = path.indexOf('/', 1);
    return end < 0 ? path : path.substring(0, end);
  }

  private static String theme(@Nullable Cookie cookie) {
    String value = cookie == null ? "" : cookie.getValue();
    return value.equals("dark") || value.equals("light") ? value : "auto";
  }

  private void send(RoutingContext context, PageAnswer answer, Buffer html) {
    HttpServerResponse response = context.response();
    if (response.ended() || response.closed()) {
      return;
    }
    switch (answer) {
      case PageAnswer.Page page ->
          response
              .setStatusCode(page.status())
              .putHeader("content-type", "text/html; charset=utf-8")
              .end(html);
      case PageAnswer.Redirect redirect -> redirect(context, redirect.path());
      case PageAnswer.Bytes bytes -> {
        if (!bytes.fileName().isEmpty()) {
          response.putHeader(
              "content-disposition",
              "attachment; filename*=UTF-8''"
                  + URLEncoder.encode(bytes.fileName(), StandardCharsets.UTF_8)
                      .replace("+", "%20"));
        }
        response
            .setStatusCode(bytes.status())
            .putHeader("content-type", bytes.type())
            .end(Buffer.buffer(bytes.body()));
      }
    }
  }

  /** What a page, an action or a stream is given. On the event loop, once the body is read. */
  Visit visit(RoutingContext context, ConsoleUser user) {
    return new Visit(
        user,
        context.request().path(),
        Map.copyOf(context.pathParams()),
        context.queryParams(),
        context.request().formAttributes(),
        !wantsHtml(context),
        gatekeeper.csrf(context.request(), user));
  }

  /** Whether the client is a browser that wants a page. */
  boolean wantsHtml(RoutingContext context) {
    String accept = context.request().getHeader("accept");
    return accept != null && accept.contains("text/html");
  }

  void refuse(RoutingContext context, Refusal refusal, String sentence) {
    countRefusal(context, refusal);
    if (refusal == Refusal.HOST) {
      text(context, refusal.status, sentence);
    } else {
      problem(context, context.get("user"), refusal.status, "Refused", sentence);
    }
  }

  /** Counts a refusal, and logs it where somebody may be trying something. */
  void countRefusal(RoutingContext context, Refusal refusal) {
    refusals(refusal).increment();
    boolean presented =
        context.request().getHeader("authorization") != null
            || context.request().method().equals(HttpMethod.POST);
    log.atLevel(presented ? Level.WARN : Level.DEBUG)
        .addKeyValue("reason", refusal.label())
        .addKeyValue("remote", context.request().connection().remoteAddress().hostAddress())
        .log("The console refused a request");
  }

  void loggedIn(RoutingContext context, ConsoleUser user) {
    log.atInfo()
        .addKeyValue("user", user.name())
        .addKeyValue("remote", context.request().connection().remoteAddress().hostAddress())
        .log("A user logged in to the console");
  }

  void problem(
      RoutingContext context,
      @Nullable ConsoleUser user,
      int status,
      String title,
      String sentence) {
    if (user != null && wantsHtml(context)) {
      String csrf = gatekeeper.csrf(context.request(), user);
      String html =
          render(context, user, csrf, "problem", Map.of("title", title, "sentence", sentence));
      context
          .response()
          .setStatusCode(status)
          .putHeader("content-type", "text/html; charset=utf-8")
          .end(html);
    } else {
      text(context, status, sentence);
    }
  }

  void failed(RoutingContext context, int status, @Nullable Throwable failure) {
    if (status >= 500) {
      log.atWarn()
          .addKeyValue("cause", FailureText.of(failure))
          .log("A request to the console failed");
    }
    problem(
        context,
        context.get("user"),
        status,
        "Not done",
        status == 413 ? "The form is too large." : "The request could not be answered.");
  }

  void html(RoutingContext context, int status, String template, Map<String, Object> model) {
    context
        .response()
        .setStatusCode(status)
        .putHeader("content-type", "text/html; charset=utf-8")
        .end(render(context, null, "", template, model));
  }

  void text(RoutingContext context, int status, String sentence) {
    context
        .response()
        .setStatusCode(status)
        .putHeader("content-type", "text/plain; charset=utf-8")
        .end(sentence + "\n");
  }

  void redirect(RoutingContext context, String path) {
    context.response().setStatusCode(303).putHeader("location", path).end();
  }

  /** Interrupts what still works. */
  @Override
  public void close() {
    executor.shutdownNow();
  }
}
