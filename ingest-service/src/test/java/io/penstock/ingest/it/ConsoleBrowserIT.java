package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.ingest.Thorough;
import io.penstock.ingest.console.browser.Browser;
import io.penstock.ingest.console.browser.Browser.Look;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The console in a real browser, beside a running ingress and pipeline: what a user sees, and does.
 * One instance and one browser for all tests.
 */
@ExtendWith(Stack.Shared.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConsoleBrowserIT {

  private static final String OPERATOR = "operator-token-of-a-test";
  private static final String VIEWER = "viewer-token-of-a-test-too";
  private static final Pattern PORT = Pattern.compile("console_port\\W+(\\d+)");

  /** For so long rows are drawn at a high rate. */
  private static final int HEAP_SECONDS = Integer.getInteger("penstock.browser.seconds", 5);

  /** What a body may hold that must stay text. */
  private static final String HOSTILE =
      "<script>document.title='owned'</script><img src=x onerror=document.title='owned'>\u001b[31m"
          + "\u202eevil\u2066\u200f";

  private Settings settings;
  private Instance instance;
  private Sender sender;
  private Browser browser;
  private String console;

  @BeforeAll
  void start(Stack stack) {
    browser = Browser.start();
    settings =
        Settings.of(stack)
            .withText(
                "pipeline: {threads: 1}",
                """
                pipeline: {threads: 1}
                roles: [ingress, pipeline, console]
                console:
                  port: 0
                  ingress-url: "https://hooks.example.com"
                  access:
                    - {type: token, name: olga, right: operator, secrets: [{env: CONSOLE_OPERATOR}]}
                    - {type: token, name: vera, right: read-only, secrets: [{env: CONSOLE_VIEWER}]}
                """
                    .stripTrailing())
            .withText("provider: smartshape", "provider: smartshape\n    max-body-size: 6MiB")
            .with("CONSOLE_OPERATOR", OPERATOR)
            .with("CONSOLE_VIEWER", VIEWER);
    instance = Instance.ready(settings);
    sender = new Sender();
    Matcher port = PORT.matcher(instance.log());
    assertThat(port.find()).as(instance.log()).isTrue();
    console = "http://127.0.0.1:" + port.group(1);
    browser.look(Look.DESK);
    login(OPERATOR);
  }

  @AfterAll
  void stop() {
    if (browser != null) {
      browser.close();
    }
    if (sender != null) {
      sender.close();
    }
    if (instance != null) {
      instance.close();
    }
  }

  @BeforeEach
  void lookFromTheDesk() {
    browser.look(Look.DESK);
    browser.complaints();
  }

  @AfterEach
  void nothingWasComplainedOf() {
    assertThat(browser.complaints()).isEmpty();
    assertThat(browser.title()).doesNotContain("owned");
  }

  private void login(String token) {
    browser.forget();
    browser.open(console + "/");
    browser.one("input[name=secret]").sendKeys(token);
    browser.one("main button").click();
    await().until(() -> !browser.all("#rate").isEmpty());
    browser.complaints(); // of the 401 with which the form came
  }

  private void send(byte[] body) {
    assertThat(sender.send(Sender.shapes(instance, body)).statusCode()).isEqualTo(200);
  }

  private void refused(String body) {
    assertThat(sender.send(Sender.shapes(instance, body.getBytes(UTF_8))).statusCode())
        .isEqualTo(400);
  }

  private String row(String entity) {
    return browser.all("#rows tr").stream()
        .map(Browser::text)
        .filter(text -> text.contains(entity))
        .findFirst()
        .orElse("");
  }

  private void awaitRow(String entity, String outcome) {
    await().untilAsserted(() -> assertThat(row(entity)).contains(outcome));
  }

  /** Once the stream has begun, which makes the rows anew. */
  private void openFirstRow() {
    browser.awaitText("#rate", "/s");
    browser.one("#rows a.open").click();
  }

  @Test
  void deliveriesAppearAsTheyLandAndSayWhatBecameOfThem() {
    browser.open(console + "/");
    send(Sender.shape("live-1", "live-uuid-1"));
    awaitRow("live-1", "● published");
    assertThat(row("live-1")).contains("shapes", "file_uploaded");
    send(Sender.shape("live-1", "live-uuid-1"));
    awaitRow("live-1", "○ copy");
    refused("{\"live\":");
    awaitRow("malformed-json", "✕ refused");
    assertThat(browser.text("#rate")).contains("/s");
    await().until(() -> !browser.all("#plots li").isEmpty());
    HttpRequest stranger =
        Sender.request(instance.url() + "/webhooks/shapes", "{}".getBytes(UTF_8))
            .header("X-Smartshape-Token", "not-the-secret")
            .build();
    assertThat(sender.send(stranger).statusCode()).isEqualTo(401);
    awaitRow("authentication-failed", "✕ refused");

    browser.one("select[name=outcome] option[value=refused]").click();
    await().untilAsserted(() -> assertThat(browser.address()).endsWith("/?outcome=refused"));
    await()
        .untilAsserted(
            () ->
                assertThat(browser.text("#rows"))
                    .contains("malformed-json")
                    .doesNotContain("live-1"));
    refused("{\"live2\":");
    await().until(() -> browser.all("#rows tr").size() >= 3);
    awaitRow("authentication-failed", "✕ refused");
    browser.picture("live-refused-1440-light");
    assertThat(browser.barriers()).isEmpty();
    browser.one("select[name=outcome] option[value=spool]").click();
    browser.awaitText("#nothing-spool", "not in Kafka yet");
    browser.open(console + "/?outcome=refused&q=authentication-failed");
    awaitRow("authentication-failed", "✕ refused");
    openFirstRow();
    browser.awaitText("main", "What to do");
    assertThat(browser.address()).endsWith("/sources/shapes");
    browser.open(console + "/?entity=live-1&source=shapes");
    awaitRow("live-1", "copy");
    assertThat(browser.all("#rows tr")).hasSize(2);
    browser.open(console + "/?entity=nothing-has-this");
    browser.awaitText("#nothing", "No delivery matches");
  }

  @Test
  void theKeyboardIsEnough() {
    send(Sender.shape("keys-1", "keys-uuid-1"));
    send(Sender.shape("keys-2", "keys-uuid-2"));
    browser.open(console + "/?entity=keys-");
    awaitRow("keys-1", "published");
    awaitRow("keys-2", "published");
    browser.press("?");
    await().until(() -> browser.one("#keys").isDisplayed());
    browser.escape();
    await().until(() -> !browser.one("#keys").isDisplayed());
    browser.press("j");
    browser.press("j");
    browser.press("k");
    browser.enter();
    browser.awaitText("#beside", "● published");
    assertThat(browser.address()).contains("open=" + settings.inbound());
    browser.picture("live-beside-1440-light");
    browser.open(browser.address());
    browser.awaitText("#beside", "● published");
    browser.all("#beside .tabs a").get(1).click();
    browser.awaitText("#beside", "The event's fields");
    browser.escape();
    await().until(() -> !browser.one("#beside").isDisplayed());
    browser.press("/");
    assertThat(browser.script("return document.activeElement.id")).isEqualTo("q");
    browser.press("keys-2");
    await().until(() -> browser.address().contains("q=keys-2"));
    await().until(() -> row("keys-1").isEmpty());
  }

  @Test
  void aPausedPageSaysHowManyItDoesNotShow() {
    browser.open(console + "/?entity=pause-");
    browser.awaitText("#rate", "/s");
    browser.press(" ");
    browser.awaitText("#state", "Paused");
    for (int i = 0; i < 60; i++) {
      send(Sender.shape("pause-" + i, "pause-uuid-" + i));
    }
    browser.awaitText("#state", "60 since");
    assertThat(browser.all("#rows tr")).isEmpty();
    browser.press(" ");
    awaitRow("pause-59", "published");
    assertThat(browser.text("#rows tr.gap")).contains("not shown");
    // A change of one that is not shown is not another one.
    await()
        .untilAsserted(
            () ->
                assertThat(browser.all("#rows tr:not(.gap)"))
                    .allMatch(row -> row.getText().contains("published")));
    int shown = browser.all("#rows tr:not(.gap)").size();
    assertThat(browser.text("#rows tr.gap")).startsWith((60 - shown) + " not shown");

    hide(true);
    send(Sender.shape("pause-hidden", "pause-uuid-hidden"));
    browser.awaitText("#state", "Paused while this page was hidden: 1 since");
    assertThat(browser.title()).startsWith("⏸");
    hide(false);
    awaitRow("pause-hidden", "published");
    assertThat(browser.title()).startsWith("Live");
  }

  private void hide(boolean now) {
    browser.script(
        "Object.defineProperty(document, 'hidden', {value: arguments[0], configurable: true});"
            + " document.dispatchEvent(new Event('visibilitychange'))",
        now);
  }

  @Test
  void aStreamThatIsCutOffSaysSoAndComesBackByItself() {
    browser.open(console + "/?entity=cut-");
    browser.awaitText("#rate", "/s");
    browser.offline(true);
    try {
      browser.one("input[name=type]").sendKeys("x");
      browser.awaitText("#state", "Cut off since");
    } finally {
      browser.offline(false);
    }
    await().until(() -> !browser.one("#state").isDisplayed());
    browser.one("input[name=type]").sendKeys(org.openqa.selenium.Keys.BACK_SPACE);
    send(Sender.shape("cut-1", "cut-uuid-1"));
    awaitRow("cut-1", "published");
    browser.complaints(); // of the network that was gone
  }

  @Test
  void aPageHoldsNoMoreThanItsRowsWhateverPasses() {
    browser.open(console + "/?entity=only-from-this-test");
    browser.awaitText("#rate", "/s");
    Object rows =
        browser.scriptThen(
            """
            const done = arguments[arguments.length - 1];
            import('/assets/live.js').then((live) => {
              let most = 0;
              for (let message = 0; message < 5000; message += 1) {
                const rows = [];
                for (let i = 0; i < 10; i += 1) {
                  rows.push({ n: 1e9 + message * 10 + i, place: 't/0/1', href: '/deliveries/t/0/1', at: '2026-03-01T12:00:00Z',
                    source: 's', type: 't', entity: 'e', code: 'published', mark: '●', word: 'published',
                    style: 'good', why: '', took: '3' });
                }
                live.receive({ rows, more: 823, rate: 1666.6, skipped: 0, following: '' });
                most = Math.max(most, document.getElementById('rows').childElementCount);
              }
              done(most);
            });
            """);
    assertThat(((Number) rows).intValue()).isEqualTo(500);
    assertThat(browser.text("#rows tr.gap")).contains("823 more, not shown");
    browser.picture("live-busy-1440-light");
  }

  /**
   * Far more than the server sends: 10 000 rows a second, all drawn. For ten minutes of it: {@code
   * -Dpenstock.browser.seconds=600}.
   */
  @Test
  @Thorough("`aPageHoldsNoMoreThanItsRowsWhateverPasses`")
  void aPageThatGetsTenThousandRowsASecondTakesNoMoreMemory() {
    browser.open(console + "/?entity=only-from-this-test");
    browser.awaitText("#rate", "/s");
    browser.scriptThen(
        """
        const done = arguments[arguments.length - 1];
        import('/assets/live.js').then((live) => {
          const begun = performance.now();
          window.drawn = 0;
          window.drawing = setInterval(() => {
            const due = Math.min(1000, Math.floor((performance.now() - begun) * 10) - window.drawn);
            const rows = [];
            for (let i = 0; i < due; i += 1) {
              const n = 1e9 + window.drawn + i;
              rows.push({ n, place: `t/0/${n}`, href: `/deliveries/t/0/${n}`, at: new Date().toISOString(),
                source: 's', type: `type-${n}`, entity: `entity-${n}`, code: 'published', mark: '●',
                word: 'published', style: 'good', why: `t/0@${n}`, took: '3' });
            }
            window.drawn += due;
            live.receive({ rows, more: 823, rate: 10000, skipped: 0, following: '', unlanded: '' });
          }, 50);
          done(true);
        });
        """);
    long all = 10_000L * HEAP_SECONDS;
    awaitDrawn(all / 4);
    long drawnEarly = ((Number) browser.script("return window.drawn")).longValue();
    Browser.Memory early = browser.memory();
    awaitDrawn(all);
    Browser.Memory late = browser.memory();
    Object drawn = browser.script("clearInterval(window.drawing); return window.drawn");
    System.out.printf("live page: %s rows drawn; memory %s, then %s%n", drawn, early, late);
    assertThat(late.heapBytes()).isLessThan(early.heapBytes() * 5 / 4 + (2 << 20));
    // A row has more than ten nodes, and up to two ticks' rows are not collected yet.
    assertThat(late.nodes() - early.nodes())
        .as("nodes for the rows drawn meanwhile")
        .isLessThan(all - drawnEarly);
    assertThat(late.listeners()).isLessThan(early.listeners() * 5 / 4 + 100);
    assertThat(browser.all("#rows tr").size()).isLessThanOrEqualTo(500);
  }

  private void awaitDrawn(long rows) {
    await()
        .atMost(Duration.ofMinutes(5).plusSeconds(4L * HEAP_SECONDS))
        .pollInterval(Duration.ofMillis(500))
        .until(() -> ((Number) browser.script("return window.drawn")).longValue() >= rows);
  }

  @Test
  void hostileBodiesAreShownAndNeverObeyed() {
    String file = HOSTILE.replace("\u001b", "\\u001b").replace("'", "");
    send(
        new String(Sender.shape(file, "hostile-uuid-1"), UTF_8)
            .replace("a.scene", "half \\ud800 a pair")
            .getBytes(UTF_8));
    browser.open(console + "/?q=script");
    awaitRow("<script>", "published");
    assertThat(row("<script>")).contains("\\u001b[31m\\u202eevil");
    openFirstRow();
    browser.awaitText("#beside", "published");
    browser.open(browser.href("#beside .beside-head a"));
    assertThat(browser.text("#shown-body"))
        .contains("<script>", "onerror", "\\u202eevil\\u2066\\u200f", "half \\ud800 a pair");
    browser.open(browser.address() + "?tab=event");
    assertThat(browser.text("main")).contains("<script>", "\\u202eevil");
    assertThat(browser.barriers()).isEmpty();

    String large = "x".repeat(5_000_000) + "<script>";
    send(
        new String(Sender.shape("large-1", "large-uuid-1"), UTF_8)
            .replace("a.scene", large)
            .getBytes(UTF_8));
    browser.open(console + "/?entity=large-1");
    await().until(() -> !row("large-1").isEmpty());
    browser.open(browser.href("#rows a.open"));
    assertThat(browser.text("main")).contains("Cut at 64 kB of 5.0 MB", "as it came");
    assertThat(browser.text("#shown-body")).hasSizeLessThan(66_000);
    browser.open(browser.href(".banner a"));
    assertThat((Long) browser.script("return document.body.innerText.length"))
        .isGreaterThan(5_000_000);
    assertThat(browser.script("return document.contentType")).isEqualTo("text/plain");
  }

  @Test
  void lettersAreDrivenAgainAfterAPreview() throws Exception {
    new Letters(settings, "an older version's words").write("driven-1", "driven-2", "driven-3");
    await()
        .untilAsserted(
            () -> {
              browser.open(console + "/health");
              browser.awaitText("#health-mark", "●");
              assertThat(browser.text("#letters-mark")).containsPattern("^[0-9]+$");
            });
    browser.open(console + "/dead-letters");
    await()
        .untilAsserted(
            () -> {
              browser.open(console + "/dead-letters");
              assertThat(browser.text(".groups")).contains("an older version's words");
            });
    browser.all(".groups summary").stream()
        .filter(summary -> summary.getText().contains("older version"))
        .findFirst()
        .orElseThrow()
        .click();
    browser.picture("dead-letters-1440-light");
    assertThat(browser.barriers()).isEmpty();
    browser.all("details[open] input[name=p]").get(0).click();
    browser.one("details[open] form button").click();
    browser.awaitText("h1", "Drive letter");
    assertThat(browser.text("main table")).contains("1 ● would be landed again");
    assertThat(browser.barriers()).isEmpty();
    browser.picture("dead-letters-preview-1440-light");
    browser.one("main button.primary").click();
    browser.awaitText("h1", "Drove letter");
    assertThat(browser.text("main table")).contains("1 ● landed again");
    assertThat(browser.text("main")).contains("by olga");
    browser.picture("dead-letters-run-1440-light");
    assertThat(instance.log())
        .containsPattern("has driven dead letters again.*user\\W+olga|user\\W+olga.*driven");

    browser.open(console + "/dead-letters");
    @Nullable String all =
        browser.all(".groups li").stream()
            .filter(group -> group.getText().contains("older version"))
            .findFirst()
            .orElseThrow()
            .findElement(org.openqa.selenium.By.cssSelector("a.button"))
            .getAttribute("href");
    browser.open(Objects.requireNonNull(all));
    browser.awaitText("main table", "3 ● would be landed again");
    browser.one("main button.primary").click();
    browser.awaitText("h1", "Drove letters for undecodable");
    browser.open(console + "/?entity=driven-&outcome=published");
    for (String driven : List.of("driven-1", "driven-2", "driven-3")) {
      awaitRow(driven, "published");
    }
  }

  @Test
  void aStrangerSeesNothingAndAReadOnlyUserChangesNothing() throws Exception {
    new Letters(settings, "to be viewed").write("viewed-1");
    browser.forget();
    browser.open(console + "/dead-letters");
    assertThat(browser.all("input[name=secret]")).hasSize(1);
    assertThat(browser.text("body")).doesNotContain("shapes");
    assertThat(browser.barriers()).isEmpty();
    browser.picture("login-1440-light");
    login(VIEWER);
    browser.open(console + "/dead-letters/preview?within=all");
    assertThat(browser.text("main")).contains("needs the right operator");
    assertThat(browser.all("main form[method=post]")).isEmpty();
    Object status =
        browser.scriptThen(
            "const done = arguments[arguments.length - 1];"
                + "fetch('/dead-letters/redrive', {method: 'POST', headers:"
                + " {'content-type': 'application/x-www-form-urlencoded', 'x-penstock-csrf':"
                + " document.querySelector('meta[name=csrf]').content}, body: 'within=all'})"
                + ".then((answer) => done(answer.status))");
    assertThat(status).isEqualTo(403L);
    browser.complaints(); // of the statuses that were to be seen
    login(OPERATOR);
  }

  @Test
  void everyPageIsForEveryoneInBothSizesAndBothThemes() throws Exception {
    send(Sender.shape("pages-1", "pages-uuid-1"));
    refused("{\"pages\":");
    new Letters(settings, "on a page").write("pages-letter-1");
    browser.open(console + "/?entity=pages-1");
    awaitRow("pages-1", "published");
    String delivery = browser.href("#rows a.open");
    List<String> pages =
        List.of(
            "/",
            "/?entity=nothing-has-this",
            "/sources",
            "/dead-letters",
            "/consumers",
            "/health",
            "/find?id=unknown-id",
            delivery.substring(console.length()),
            delivery.substring(console.length()) + "?tab=event",
            delivery.substring(console.length()) + "?tab=copies");
    List<Look> looks =
        Thorough.Run.isThorough()
            ? List.of(Look.DESK, Look.DESK.inTheDark(), Look.HAND, Look.HAND.inTheDark())
            : List.of(Look.DESK, Look.HAND.inTheDark());
    for (Look look : looks) {
      browser.look(look);
      for (String page : pages) {
        browser.open(console + page);
        String name =
            page.replaceAll("[?].*tab=", "-")
                .replaceAll("/deliveries/[^-]*-?[^-]*/[0-9]+/[0-9]+", "delivery")
                .replaceAll("[^a-z]+", "-")
                .replaceAll("^-|-$", "");
        browser.picture((name.isEmpty() ? "live" : name) + "-" + look);
        assertThat(look.dark() ? browser.barriersOfColour() : browser.barriers())
            .as("%s at %s", page, look)
            .isEmpty();
        assertThat(
                (Boolean)
                    browser.script(
                        "return document.documentElement.scrollWidth <= window.innerWidth"))
            .as("%s at %s needs no scrolling sideways", page, look)
            .isTrue();
      }
      assertThat(browser.complaints()).allMatch(each -> each.contains("/deliveries/unknown-id"));
    }
  }
}
