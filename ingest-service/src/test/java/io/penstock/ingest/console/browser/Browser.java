package io.penstock.ingest.console.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.logging.Level;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** Chromium without a window, driven as a user would. For one thread. */
public final class Browser implements AutoCloseable {

  private static final String HOW =
      " is not on the PATH: install Debian's packages \"chromium\" and \"chromium-driver\". .ci/run,"
          + " and -Dpenstock.require.browser, insist on it";

  private static final Path SCREENSHOTS = Path.of("target", "screenshots");

  private final ChromeDriver driver;
  private final String axe;

  private Browser(ChromeDriver driver) {
    this.driver = driver;
    axe = axe();
  }

  /**
   * Starts one. Where none is installed, the test is skipped with a message, or fails with {@code
   * -Dpenstock.require.browser}.
   */
  public static Browser start() {
    Path program = find("chromium", "chromium-browser", "google-chrome");
    Path chromedriver = find("chromedriver");
    ChromeOptions options = new ChromeOptions();
    options.setBinary(program.toFile());
    options.addArguments(
        "--headless=new",
        "--no-sandbox", // builds run as root, in containers, and open pages of our own alone
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
        "--hide-scrollbars",
        "--lang=en-GB");
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    options.setCapability("goog:loggingPrefs", logs);
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(chromedriver.toFile())
            .usingAnyFreePort()
            .withSilent(true)
            .build();
    ChromeDriver driver = new ChromeDriver(service, options);
    driver.manage().timeouts().scriptTimeout(Duration.ofMinutes(2));
    driver.manage().timeouts().pageLoadTimeout(Duration.ofMinutes(2));
    return new Browser(driver);
  }

  private static Path find(String... names) {
    Optional<Path> found =
        Stream.of(names)
            .flatMap(
                name ->
                    Stream.of(
                            System.getenv().getOrDefault("PATH", "").split(Pattern.quote(":"), -1))
                        .map(directory -> Path.of(directory, name)))
            .filter(Files::isExecutable)
            .findFirst();
    if (found.isEmpty() && System.getProperty("penstock.require.browser") != null) {
      Assertions.fail(names[0] + HOW);
    }
    Assumptions.assumeTrue(found.isPresent(), names[0] + HOW);
    return found.orElseThrow();
  }

  private static String axe() {
    try (InputStream in = Browser.class.getResourceAsStream("/axe.min.js")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How a page is looked at. */
  public record Look(int width, int height, boolean dark) {

    /** A desk's screen. */
    public static final Look DESK = new Look(1440, 900, false);

    /** A telephone's. */
    public static final Look HAND = new Look(390, 844, false);

    /** The same in the dark. */
    public Look inTheDark() {
      return new Look(width, height, true);
    }

    @Override
    public String toString() {
      return width + (dark ? "-dark" : "-light");
    }
  }

  /** Looks so from here on. */
  public void look(Look look) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of(
            "width",
            look.width(),
            "height",
            look.height(),
            "deviceScaleFactor",
            1,
            "mobile",
            false));
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features",
            List.of(
                Map.of("name", "prefers-color-scheme", "value", look.dark() ? "dark" : "light"))));
  }

  /** Cuts the network off, or brings it back. */
  public void offline(boolean now) {
    driver.executeCdpCommand("Network.enable", Map.of());
    driver.executeCdpCommand(
        "Network.emulateNetworkConditions",
        Map.of("offline", now, "latency", 0, "downloadThroughput", -1, "uploadThroughput", -1));
  }

  /**
   * What a page takes of the browser.
   *
   * @param heapBytes that scripts use
   * @param nodes of documents, those included that are not shown any more
   * @param listeners of events
   */
  public record Memory(long heapBytes, long nodes, long listeners) {}

  /** What the page takes once its garbage is collected. */
  public Memory memory() {
    driver.executeCdpCommand("HeapProfiler.enable", Map.of());
    driver.executeCdpCommand("HeapProfiler.collectGarbage", Map.of());
    driver.executeCdpCommand("HeapProfiler.disable", Map.of());
    Map<String, Object> heap = driver.executeCdpCommand("Runtime.getHeapUsage", Map.of());
    Map<String, Object> counters = driver.executeCdpCommand("Memory.getDOMCounters", Map.of());
    return new Memory(
        number(heap, "usedSize"), number(counters, "nodes"), number(counters, "jsEventListeners"));
  }

  private static long number(Map<String, Object> numbers, String name) {
    return ((Number) Objects.requireNonNull(numbers.get(name))).longValue();
  }

  /** Opens an address. */
  public void open(String url) {
    driver.get(url);
  }

  /** The address that is open. */
  public String address() {
    return driver.getCurrentUrl();
  }

  /** The page's title. */
  public String title() {
    return driver.getTitle();
  }

  /** All elements that a selector of CSS finds. */
  public List<WebElement> all(String css) {
    return driver.findElements(By.cssSelector(css));
  }

  /** The first one; it must be there. */
  public WebElement one(String css) {
    return driver.findElement(By.cssSelector(css));
  }

  /** Where a link leads. */
  public String href(String css) {
    return Objects.requireNonNull(one(css).getAttribute("href"));
  }

  /** The text that a user sees; empty where there is no such element. */
  public String text(String css) {
    return all(css).stream().findFirst().map(Browser::text).orElse("");
  }

  /** The text of an element that a user sees; empty where it was replaced meanwhile. */
  public static String text(WebElement element) {
    try {
      return element.getText();
    } catch (StaleElementReferenceException e) {
      return "";
    } catch (WebDriverException e) {
      // Chrome's words for the same where a whole page was replaced.
      if (String.valueOf(e.getMessage()).contains("does not belong to the document")) {
        return "";
      }
      throw e;
    }
  }

  /** Waits until an element has a text. */
  public void awaitText(String css, String part) {
    await().untilAsserted(() -> assertThat(text(css)).contains(part));
  }

  /** Presses a key, wherever the focus is. */
  public void press(CharSequence keys) {
    new Actions(driver).sendKeys(keys).perform();
  }

  /** Presses Enter. */
  public void enter() {
    press(Keys.ENTER);
  }

  /** Presses Escape. */
  public void escape() {
    press(Keys.ESCAPE);
  }

  /** Runs a script in the page. */
  public Object script(String script, Object... arguments) {
    return Objects.requireNonNullElse(driver.executeScript(script, arguments), "");
  }

  /** Runs a script that calls back with its result. */
  public Object scriptThen(String script, Object... arguments) {
    return Objects.requireNonNullElse(driver.executeAsyncScript(script, arguments), "");
  }

  /** Forgets who is logged in. */
  public void forget() {
    driver.manage().deleteAllCookies();
  }

  /** Keeps a picture of what is seen, in {@code target/screenshots}. */
  public void picture(String name) {
    try {
      Files.createDirectories(SCREENSHOTS);
      Files.write(SCREENSHOTS.resolve(name + ".png"), driver.getScreenshotAs(OutputType.BYTES));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * What keeps people out of the page, by axe-core: a line for each rule that it breaks, with the
   * elements.
   */
  public List<String> barriers() {
    return barriers("");
  }

  /** The same, of contrast alone: nothing else depends on the theme. */
  public List<String> barriersOfColour() {
    return barriers(", runOnly: ['color-contrast']");
  }

  @SuppressWarnings("unchecked") // as the script makes it
  private List<String> barriers(String rules) {
    if (!Boolean.TRUE.equals(driver.executeScript("return Boolean(window.axe)"))) {
      driver.executeScript(axe);
    }
    return (List<String>)
        scriptThen(
            "const done = arguments[arguments.length - 1];"
                + "axe.run(document, {resultTypes: ['violations']"
                + rules
                + "}).then("
                + "  (found) => done(found.violations.map((each) => `${each.id}: ${each.help}: `"
                + "    + each.nodes.slice(0, 3).map((node) => node.html.slice(0, 200) + ' '"
                + "    + node.failureSummary.slice(0, 300)).join(' | '))),"
                + "  (failure) => done([String(failure)]));");
  }

  /** What the browser complained of since the last call: errors of scripts and of the policy. */
  public List<String> complaints() {
    List<String> complaints = new ArrayList<>();
    for (LogEntry entry : driver.manage().logs().get(LogType.BROWSER)) {
      if (entry.getLevel().intValue() >= Level.WARNING.intValue()) {
        complaints.add(entry.getLevel() + " " + entry.getMessage());
      }
    }
    return complaints;
  }

  @Override
  public void close() {
    driver.quit();
  }
}
