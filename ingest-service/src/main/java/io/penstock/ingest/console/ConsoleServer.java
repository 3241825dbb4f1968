package io.penstock.ingest.console;

import io.penstock.ingest.config.ConsoleConfig;
import io.penstock.ingest.console.ConsoleRoutes.ConsoleRoute;
import io.penstock.ingest.console.ConsoleRoutes.Target;
import io.penstock.ingest.console.Requests.Refusal;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The console's port. A request is first checked for its host, then for its user, then for what the
 * user may do, then for where a form was sent from; only then is its body read or its work begun. A
 * stranger gets the login form and its stylesheet, and 401 for every other path, be there one or
 * not.
 */
final class ConsoleServer extends VerticleBase {

  /** How long a page or an action may take. */
  public static final Duration DEADLINE = Duration.ofSeconds(20);

  private static final String LOGIN = "/login";
  private static final String ASSETS = "/assets/";
  private static final int MOST_FORM_BYTES = 256 * 1024;

  private static final String USER = "user";

  private final ConsoleConfig config;
  private final Gatekeeper gatekeeper;
  private final ConsoleUsers users;
  private final ConsoleRoutes routes;
  private final Requests requests;
  private final Assets assets = new Assets();
  private final BodyHandler form = BodyHandler.create(false).setBodyLimit(MOST_FORM_BYTES);
  private HttpServer server;

  /**
   * @param routes what there is beside the login form and the assets
   */
  @SuppressWarnings("NullAway.Init") // set by start()
  ConsoleServer(
      ConsoleConfig config,
      Gatekeeper gatekeeper,
      ConsoleUsers users,
      ConsoleRoutes routes,
      Requests requests) {
    this.config = config;
    this.gatekeeper = gatekeeper;
    this.users = users;
    this.routes = routes;
    this.requests = requests;
  }

  @Override
  public Future<?> start() {
    Router router = Router.router(vertx);
    router.route().handler(this::secure).handler(this::checkHost);
    Handler<RoutingContext> body = this::readForm;
    router.get(LOGIN).handler(this::showLogin);
    router.post(LOGIN).handler(this::checkOrigin).handler(body).handler(this::login);
    router.get(ASSETS + Assets.STYLESHEET).handler(context -> asset(context, Assets.STYLESHEET));
    router.route().handler(this::authenticate);
    router.get(ASSETS + ":name").handler(context -> asset(context, context.pathParam("name")));
    router.post("/logout").handler(this::checkOrigin).handler(body).handler(this::logout);
    for (ConsoleRoute each : routes.all()) {
      switch (each.target()) {
        case Target.Page page ->
            router
                .get(each.path())
                .handler(context -> requests.page(context, user(context), page.work()));
        case Target.Stream stream ->
            router
                .get(each.path())
                .handler(
                    context ->
                        stream
                            .streaming()
                            .begin(context.request(), requests.visit(context, user(context))));
        case Target.Action action -> {
          requests.announce(action);
          router
              .post(each.path())
              .handler(this::checkRight)
              .handler(this::checkOrigin)
              .handler(body)
              .handler(this::checkCsrf)
              .handler(context -> requests.action(context, user(context), action));
        }
      }
    }
    router.route().handler(this::notFound);
    router.route().failureHandler(this::failed);
    server =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setHost(config.host())
                    .setPort(config.port())
                    .setHttp2ClearTextEnabled(false)
                    .setCompressionSupported(
                        false) // a page has secrets of forms beside texts of others
                    .setIdleTimeout(75))
            .requestHandler(router);
    return server.listen();
  }

  @Override
  public Future<?> stop() {
    return server.close();
  }

  /** The port that is bound. */
  int port() {
    return server.actualPort();
  }

  /** Vert.x Web would have its own handler stand first: here the checks stand before it. */
  private void readForm(RoutingContext context) {
    form.handle(context);
  }

  private void secure(RoutingContext context) {
    SecurityHeaders.addTo(context.response());
    context.next();
  }

  private void checkHost(RoutingContext context) {
    if (gatekeeper.isOurHost(context.request())) {
      context.next();
    } else {
      requests.refuse(
          context,
          Refusal.HOST,
          "This address is not one of the console's. Set console.url to the address that browsers"
              + " use.");
    }
  }

  private void authenticate(RoutingContext context) {
    Optional<ConsoleUser> user = gatekeeper.user(context.request());
    if (user.isPresent()) {
      context.put(USER, user.get());
      context.next();
      return;
    }
    context
        .response()
        .putHeader(
            "www-authenticate",
            List.of("Bearer realm=\"Penstock console\"", "Basic realm=\"Penstock console\"")
                .subList(0, requests.wantsHtml(context) || !users.haveNames() ? 1 : 2));
    requests.countRefusal(context, Refusal.UNAUTHENTICATED);
    loginForm(context, 401, "", context.request().uri());
  }

  private static ConsoleUser user(RoutingContext context) {
    ConsoleUser user = context.get(USER);
    if (user == null) {
      throw new IllegalStateException("a path without authentication");
    }
    return user;
  }

  private void checkRight(RoutingContext context) {
    if (user(context).isOperator()) {
      context.next();
    } else {
      requests.refuse(
          context,
          Refusal.READ_ONLY,
          "You may look at everything and change nothing: ask an operator, or for the right"
              + " operator in console.access.");
    }
  }

  private void checkOrigin(RoutingContext context) {
    if (gatekeeper.isFromOurPages(context.request(), context.get(USER))) {
      context.next();
    } else {
      requests.refuse(
          context,
          Refusal.ORIGIN,
          "This request was not sent by a page of the console. Open the console and try again"
              + " there; a script sends an Authorization header.");
    }
  }

  private void checkCsrf(RoutingContext context) {
    if (gatekeeper.hasCsrf(
        context.request(),
        user(context),
        context.request().getFormAttribute(Gatekeeper.CSRF_FIELD))) {
      context.next();
    } else {
      requests.refuse(
          context, Refusal.ORIGIN, "The page is out of date. Go back, reload it and try again.");
    }
  }

  private void showLogin(RoutingContext context) {
    if (gatekeeper.user(context.request()).isPresent()) {
      requests.redirect(context, "/");
    } else {
      loginForm(context, 200, "", context.request().getParam("next", "/"));
    }
  }

  /** For clients that are no browsers, a line of text. */
  private void loginForm(RoutingContext context, int status, String problem, String next) {
    if (requests.wantsHtml(context)) {
      requests.html(
          context,
          status,
          "login",
          Map.of(
              "problem", problem,
              "next", local(next),
              "names", users.haveNames(),
              "secrets", users.haveSecrets()));
    } else {
      requests.text(context, status, problem.isEmpty() ? "log in first" : problem);
    }
  }

  private void login(RoutingContext context) {
    String next = local(context.request().getFormAttribute("next"));
    String name = context.request().getFormAttribute("name");
    String secret = context.request().getFormAttribute("secret");
    Optional<Gatekeeper.Login> login =
        gatekeeper.login(name == null ? "" : name, secret == null ? "" : secret);
    if (login.isEmpty()) {
      requests.countRefusal(context, Refusal.UNAUTHENTICATED);
      loginForm(context, 401, "That is not the secret of any user.", next);
      return;
    }
    requests.loggedIn(context, login.get().user());
    context.response().addCookie(login.get().cookie());
    requests.redirect(context, next);
  }

  private void logout(RoutingContext context) {
    context.response().addCookie(gatekeeper.logout(context.request()));
    requests.redirect(context, LOGIN);
  }

  /** A path of ours, whatever was asked for. */
  private static String local(@Nullable String next) {
    if (next == null) {
      return "/";
    }
    boolean ours =
        next.length() < 2000
            && next.startsWith("/")
            && !next.startsWith("//")
            && next.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '\\')
            && !next.startsWith(LOGIN)
            && !next.startsWith("/logout")
            && !next.startsWith(ASSETS);
    return ours ? next : "/";
  }

  private void asset(RoutingContext context, String name) {
    Optional<Assets.Asset> found = assets.byName(name);
    if (found.isEmpty()) {
      notFound(context);
      return;
    }
    Assets.Asset asset = found.get();
    context.response().putHeader("cache-control", "no-cache").putHeader("etag", asset.tag());
    if (asset.tag().equals(context.request().getHeader("if-none-match"))) {
      context.response().setStatusCode(304).end();
    } else {
      context.response().putHeader("content-type", asset.type()).end(Buffer.buffer(asset.bytes()));
    }
  }

  private void notFound(RoutingContext context) {
    requests.problem(
        context,
        user(context),
        404,
        "Not here",
        "The console has no such page, or not for this method.");
  }

  private void failed(RoutingContext context) {
    int status = context.statusCode() >= 400 ? context.statusCode() : 500;
    if (context.response().ended() || context.response().headWritten()) {
      context.response().reset();
      return;
    }
    requests.failed(context, status, context.failure());
  }
}
