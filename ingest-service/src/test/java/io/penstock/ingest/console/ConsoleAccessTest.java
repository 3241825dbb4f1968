package io.penstock.ingest.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.ingest.auth.SecretException;
import io.penstock.ingest.auth.SecretFiles;
import io.penstock.ingest.config.ConsoleConfig;
import io.penstock.ingest.config.ConsoleConfig.Access;
import io.penstock.ingest.config.ConsoleConfig.Right;
import io.penstock.ingest.config.SecretRef;
import io.penstock.ingest.console.ConsoleFixture.Reply;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets what: each kind of path, each right, and the ways around them that must not be. */
class ConsoleAccessTest {

  private static final AtomicInteger DONE = new AtomicInteger();
  private static ConsoleFixture console;
  private static ConsoleFixture open;
  private static ConsoleFixture behindProxy;

  private static ConsoleRoutes routes() {
    return new ConsoleRoutes()
            .page("/", visit -> PageAnswer.problem(200, "Home", "shown to " + visit.user().name()))
            .page("/page", visit -> PageAnswer.problem(200, "Page", "csrf=" + visit.csrf() + "."))
            .page(
                "/fails",
                visit -> {
                  throw new IllegalStateException("a secret text");
                })
            .page(
                "/cannot",
                visit -> {
                  throw new NotReadableException("Kafka is away.");
                })
            .page(
                "/page/:id",
                visit -> PageAnswer.problem(200, visit.pathParameter("id"), visit.path()))
            .stream("/stream", (request, visit) -> request.response().end("stream"))
            .action(
                "/do",
                "do-it",
                visit -> {
                  DONE.incrementAndGet();
                  return PageAnswer.problem(200, "Done", "done by " + visit.user().name());
                });
  }

  @BeforeAll
  static void start() {
    console = new ConsoleFixture(ConsoleFixture.ACCESS, null, routes());
    open = new ConsoleFixture(List.of(), null, routes());
    behindProxy = new ConsoleFixture(ConsoleFixture.PROXY, "https://console.example.com", routes());
  }

  @AfterAll
  static void stop() {
    console.close();
    open.close();
    behindProxy.close();
  }

  private static final String HTML = "accept: text/html,*/*";

  private static String as(String user) {
    return switch (user) {
      case "operator" -> "authorization: Bearer " + ConsoleFixture.OPERATOR_TOKEN;
      case "viewer" -> "authorization: bearer " + ConsoleFixture.VIEWER_TOKEN;
      case "basic" -> basic("bert", ConsoleFixture.PASSWORD);
      case "basic-wrong" -> basic("bert", ConsoleFixture.OPERATOR_TOKEN);
      case "basic-other" -> basic("olga", ConsoleFixture.PASSWORD);
      case "token-as-basic" -> basic("olga", ConsoleFixture.OPERATOR_TOKEN);
      case "password-as-token" -> "authorization: Bearer " + ConsoleFixture.PASSWORD;
      case "wrong" -> "authorization: Bearer " + ConsoleFixture.OPERATOR_TOKEN + "x";
      case "empty" -> "authorization: Bearer ";
      case "forged-proxy" -> "x-forwarded-user: olga@example.com";
      case "forged-cookie" -> "cookie: penstock_console=AAAA";
      default -> "x-stranger: yes";
    };
  }

  private static String basic(String name, String password) {
    return "authorization: Basic "
        + Base64.getEncoder()
            .encodeToString((name + ":" + password).getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource({
    // path, method, stranger, viewer, operator
    "/, GET, 401, 200, 200",
    "/page, GET, 401, 200, 200",
    "/page/1, GET, 401, 200, 200",
    "/stream, GET, 401, 200, 200",
    "/fails, GET, 401, 500, 500",
    "/cannot, GET, 401, 503, 503",
    "/do, POST, 401, 403, 200",
    "/do, GET, 401, 404, 404",
    "/page, POST, 401, 404, 404",
    "/page, DELETE, 401, 404, 404",
    "/nothing, GET, 401, 404, 404",
    "/assets/console.js, GET, 401, 200, 200",
    "/assets/icon.svg, GET, 401, 200, 200",
    "/assets/nothing.js, GET, 401, 404, 404",
    "/assets/..%2fconsole.js, GET, 401, 404, 404",
    "/assets/console.css, GET, 200, 200, 200",
    "/login, GET, 200, 303, 303",
    "/metrics, GET, 401, 404, 404",
    "/health/ready, GET, 401, 404, 404"
  })
  void eachPathForEachRight(String path, String method, int stranger, int viewer, int operator) {
    for (String nobody :
        List.of(
            "stranger",
            "wrong",
            "empty",
            "forged-proxy",
            "forged-cookie",
            "basic-wrong",
            "basic-other",
            "token-as-basic",
            "password-as-token")) {
      Reply reply = console.send(method, path, "", as(nobody));
      assertThat(reply.status()).as(nobody).isEqualTo(stranger);
      if (stranger == 401) {
        assertThat(reply.header("www-authenticate")).contains("Bearer");
        assertThat(reply.body()).isEqualTo("log in first\n");
        assertThat(console.send(method, path, "", as(nobody), HTML).body())
            .contains("<form method=\"post\" action=\"/login\"")
            .doesNotContain("<nav", "csrf=", "shown to");
      }
    }
    assertThat(console.send(method, path, "", as("viewer")).status()).isEqualTo(viewer);
    assertThat(console.send(method, path, "", as("basic")).status()).isEqualTo(viewer);
    assertThat(console.send(method, path, "", as("operator")).status()).isEqualTo(operator);
  }

  @Test
  void twoAuthorizationsProveNothing() {
    assertThat(console.get("/", as("operator"), as("viewer")).status()).isEqualTo(401);
  }

  @Test
  void everyAnswerHasTheSecurityHeaders() {
    for (Reply reply :
        List.of(
            console.get("/"),
            console.get("/", as("viewer")),
            console.get("/login"),
            console.get("/assets/console.css"),
            console.get("/assets/console.js", as("viewer")),
            console.get("/nothing", as("viewer")),
            console.get("/stream", as("viewer")),
            console.get("/fails", as("viewer")),
            open.get("/", "host: evil.example.com"),
            console.post("/do", "", as("viewer")))) {
      assertThat(reply.header("content-security-policy"))
          .contains("default-src 'none'", "frame-ancestors 'none'", "script-src 'self'")
          .doesNotContain("unsafe-inline", "unsafe-eval", "http:", "https:", "*");
      assertThat(reply.header("x-content-type-options")).isEqualTo("nosniff");
      assertThat(reply.header("referrer-policy")).isEqualTo("same-origin");
      assertThat(reply.header("x-frame-options")).isEqualTo("DENY");
      assertThat(reply.header("cache-control")).isIn("no-store", "no-cache");
      assertThat(reply.headers()).doesNotContainKey("access-control-allow-origin");
    }
  }

  @Test
  void anAssetIsSentOnceToABrowserThatKeepsIt() {
    String tag = console.get("/assets/console.css").header("etag");

    assertThat(console.get("/assets/console.css", "if-none-match: " + tag).status()).isEqualTo(304);
  }

  @Test
  void theLoginFormBeginsASessionAndLoggingOutEndsIt() {
    String own = "origin: http://" + console.host();
    Reply login =
        console.post(
            "/login", "secret=" + ConsoleFixture.OPERATOR_TOKEN + "&next=%2Fpage", own, HTML);
    assertThat(login.status()).isEqualTo(303);
    assertThat(login.header("location")).isEqualTo("/page");
    String cookie = login.header("set-cookie");
    assertThat(cookie)
        .containsIgnoringCase("httponly")
        .contains("SameSite=Lax", "Path=/")
        .doesNotContain(ConsoleFixture.OPERATOR_TOKEN);
    String session = "cookie: " + cookie.substring(0, cookie.indexOf(';'));

    Reply page = console.get("/page", session, HTML);
    assertThat(page.status()).isEqualTo(200);
    String body = page.body();
    String csrf = body.substring(body.indexOf("csrf=") + 5, body.indexOf(".</p>"));

    // A session is what a browser sends by itself: a form needs its page's proof and an origin.
    int before = DONE.get();
    assertThat(console.post("/do", "csrf=" + csrf, session).status()).isEqualTo(403);
    assertThat(console.post("/do", "csrf=wrong", session, own).status()).isEqualTo(403);
    assertThat(console.post("/do", "", session, own).status()).isEqualTo(403);
    assertThat(
            console
                .post("/do", "csrf=" + csrf, session, "origin: https://evil.example.com")
                .status())
        .isEqualTo(403);
    assertThat(console.post("/do", "csrf=" + csrf, session, "origin: null").status())
        .isEqualTo(403);
    assertThat(
            console
                .post("/do", "csrf=" + csrf, session, own, "sec-fetch-site: cross-site")
                .status())
        .isEqualTo(403);
    assertThat(console.post("/do", "csrf=" + csrf, session, "sec-fetch-site: same-site").status())
        .isEqualTo(403);
    assertThat(DONE.get()).isEqualTo(before);
    assertThat(console.post("/do", "csrf=" + csrf, session, own).status()).isEqualTo(200);
    assertThat(console.post("/do", "", session, own, "x-penstock-csrf: " + csrf).status())
        .isEqualTo(200);
    assertThat(DONE.get()).isEqualTo(before + 2);

    assertThat(console.post("/logout", "", session).status()).isEqualTo(403);
    assertThat(console.post("/logout", "csrf=" + csrf, session, own).status()).isEqualTo(303);
    assertThat(console.get("/page", session).status()).isEqualTo(401);
  }

  @Test
  void theFormTakesANameAndItsPassword() {
    String own = "origin: http://" + console.host();
    String password = "a+password+of+sixteen";

    assertThat(console.post("/login", "name=bert&secret=" + password, own).status()).isEqualTo(303);
    assertThat(console.post("/login", "name=&secret=" + password, own).status()).isEqualTo(401);
    assertThat(console.post("/login", "name=vera&secret=" + password, own).status()).isEqualTo(401);
    assertThat(console.post("/login", "name=bert&secret=", own).status()).isEqualTo(401);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https:%2F%2Fevil.example.com",
        "%2F%2Fevil.example.com",
        "%2F%5Cevil.example.com",
        "%2Fx%0d%0aset-cookie:+a=b",
        "javascript:alert(1)",
        "%2Flogout"
      })
  void aLoginLeadsNowhereElse(String next) {
    Reply login =
        console.post(
            "/login",
            "secret=" + ConsoleFixture.OPERATOR_TOKEN + "&next=" + next,
            "origin: http://" + console.host());

    assertThat(login.header("location")).isEqualTo("/");
  }

  @Test
  void aLoginFormOfAnotherSiteIsRefused() {
    assertThat(
            console
                .post(
                    "/login",
                    "secret=" + ConsoleFixture.OPERATOR_TOKEN,
                    "origin: https://evil.example.com")
                .status())
        .isEqualTo(403);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example.com",
        "evil.example.com:9095",
        "127.0.0.1.evil.example.com",
        "[::2]",
        "0.0.0.0"
      })
  void aNameThatWasReboundIsRefusedWhereNoUserMustProveHimself(String host) {
    assertThat(open.get("/", "host: " + host).status()).isEqualTo(421);
    assertThat(open.get("/login", "host: " + host).status()).isEqualTo(421);
    assertThat(open.get("/assets/console.css", "host: " + host).status()).isEqualTo(421);
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "localhost:1234", "127.0.0.1", "[::1]:80", "LOCALHOST"})
  void thisMachineIsOurHost(String host) {
    assertThat(open.get("/", "host: " + host).status()).isEqualTo(200);
  }

  @Test
  void anOpenConsoleStillRefusesFormsOfOthers() {
    String page = open.get("/page", HTML).body();
    String csrf = page.substring(page.indexOf("csrf=") + 5, page.indexOf(".</p>"));
    String own = "origin: http://" + open.host();

    assertThat(open.post("/do", "").status()).isEqualTo(403);
    assertThat(open.post("/do", "", own).status()).isEqualTo(403);
    assertThat(open.post("/do", "csrf=" + csrf, "origin: https://evil.example.com").status())
        .isEqualTo(403);
    assertThat(open.post("/do", "csrf=" + csrf, own).status()).isEqualTo(200);
    assertThat(
            open.post(
                    "/do",
                    "csrf=" + csrf,
                    "origin: http://localhost:" + open.port(),
                    "host: localhost:" + open.port())
                .status())
        .isEqualTo(200);
  }

  @Test
  void aProxyNamesItsUsers() {
    String viewer = "x-forwarded-user: vera";
    String operator = "x-forwarded-user: olga@example.com";
    String host = "host: console.example.com";

    assertThat(behindProxy.get("/", host).status()).isEqualTo(401);
    assertThat(behindProxy.get("/", host, viewer).body()).contains("shown to vera");
    assertThat(behindProxy.get("/", host, viewer, operator).status()).isEqualTo(401);
    assertThat(behindProxy.get("/", host, "x-forwarded-user: <b>").status()).isEqualTo(401);
    assertThat(behindProxy.get("/", "host: evil.example.com", operator).status()).isEqualTo(421);
    String page = behindProxy.get("/page", HTML, host, operator).body();
    String csrf = page.substring(page.indexOf("csrf=") + 5, page.indexOf(".</p>"));
    String own = "origin: https://console.example.com";
    assertThat(behindProxy.post("/do", "csrf=" + csrf, host, operator, own).status())
        .isEqualTo(200);
    assertThat(behindProxy.post("/do", "csrf=" + csrf, host, viewer, own).status()).isEqualTo(403);
  }

  @Test
  void aProxysHeaderCountsForNothingFromAnotherAddress() throws Exception {
    try (ConsoleFixture elsewhere =
        new ConsoleFixture(
            List.of(
                new Access.Proxy(
                    "x-forwarded-user", Set.of("192.0.2.7"), Right.OPERATOR, Set.of())),
            null,
            routes())) {
      assertThat(elsewhere.get("/", "x-forwarded-user: olga").status()).isEqualTo(401);
    }
  }

  @Test
  void aSecretThatCouldBeGuessedIsRefusedAtStart() {
    ConsoleConfig config =
        new ConsoleConfig(
            "127.0.0.1",
            0,
            null,
            null,
            false,
            List.of(),
            List.of(
                new Access.Token("a", Right.OPERATOR, List.of(new SecretRef.Env("SHORT"))),
                new Access.Token("b", Right.OPERATOR, List.of(new SecretRef.Env("NONE")))));

    assertThatThrownBy(
            () ->
                ConsoleUsers.open(
                    config,
                    new SecretFiles(
                        Map.of("SHORT", "fifteen bytes!!"),
                        Duration.ofMinutes(1),
                        SecretFiles.Listener.NONE)))
        .isInstanceOf(SecretException.class)
        .hasMessageContaining("user a: environment variable SHORT is shorter than 16 bytes")
        .hasMessageContaining("user b: environment variable NONE is not set")
        .hasMessageNotContaining("fifteen");
  }

  @Test
  void aFailureSaysNothingOfWhatItHeld() {
    assertThat(console.get("/fails", as("viewer"), HTML).body()).doesNotContain("a secret text");
    assertThat(console.get("/cannot", as("viewer"), HTML).body()).contains("Kafka is away.");
  }

  @Test
  void aPartOfAPathMayHaveSlashes() {
    assertThat(console.get("/page/webhooks.inbound%2F4%401182", as("viewer"), HTML).body())
        .contains("<h1>webhooks.inbound/4@1182</h1>");
    assertThat(HomePages.encoded("a b/4@1")).isEqualTo("a%20b%2F4%401");
  }

  @Test
  void actionsAndRefusalsAreCounted() {
    console.post("/do", "", as("operator"));
    console.get("/");

    assertThat(
            console
                .registry
                .counter("penstock.console.actions", "action", "do-it", "outcome", "done")
                .count())
        .isPositive();
    assertThat(
            console
                .registry
                .counter("penstock.console.refused", "reason", "unauthenticated")
                .count())
        .isPositive();
  }

  @Test
  void aFormThatIsTooLargeIsRefused() {
    assertThat(console.post("/do", "a=" + "x".repeat(300_000), as("operator")).status())
        .isEqualTo(413);
  }
}
