package io.penstock.ingest.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.Providers;
import io.penstock.ingest.source.AuthKinds;
import io.penstock.ingest.subscription.SubscriptionProviders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code docs/configuration.md} tells what the reader knows, all of it and nothing else. */
class ConfigurationDocumentationTest {

  private static final Path PAGE = Path.of("..", "docs", "configuration.md");

  /** The first cell of a table's row: one name or several. */
  private static final Pattern FIRST_CELL = Pattern.compile("(?m)^\\| (`[^|]+`) \\|");

  private static final Pattern NAME = Pattern.compile("`([^`]+)`");

  private static String page = "";

  @BeforeAll
  static void readPage() throws IOException {
    page = Files.readString(PAGE);
  }

  /** The names that the rows of the tables in a part of the page begin with. */
  private static Set<String> documented(String heading) {
    int start = page.indexOf("\n## " + heading + "\n");
    assertThat(start).as("the heading %s", heading).isNotNegative();
    int end = page.indexOf("\n## ", start + 1);
    return FIRST_CELL
        .matcher(page.substring(start, end < 0 ? page.length() : end))
        .results()
        .flatMap(cell -> NAME.matcher(cell.group(1)).results())
        .map(name -> name.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static ConfigurationReader.Result read(String yaml, Reading reading) {
    return new ConfigurationReader(
            Map.of(),
            providers().collect(Collectors.toMap(name -> name, name -> Duration.ofSeconds(4))),
            AuthKinds.ALL,
            SecretCheck.NONE,
            SubscriptionProviders.kinds())
        .read(yaml, reading);
  }

  private static Reading reading() {
    return new Reading(
        Map.of(), Path.of("/etc"), Reading.Unresolved.IS_A_WARNING, SecretCheck.NONE);
  }

  @Test
  void everyKeyHasARow() {
    // given every type of authentication, of which the keys depend
    Reading reading = reading();
    StringBuilder yaml =
        new StringBuilder("sources: [{provider: webhook, challenge: {type: echo}, auth: [");
    for (String type : new AuthSettings(AuthKinds.ALL).types()) {
      yaml.append("{type: ").append(type).append("}, ");
    }

    yaml.append(
        "]}, {provider: matterport, subscription: {callback-url: x, api: {url: x}}}]\nconsole: {access: [");
    for (String type : ConsoleSettings.types()) {
      yaml.append("{type: ").append(type).append("}, ");
    }

    // when
    read(yaml.append("]}").toString(), reading);

    // then
    Set<String> sections =
        Set.of(
            "http",
            "kafka",
            "schema-registry",
            "topics",
            "delivery",
            "delivery.spool",
            "deduplication",
            "pipeline",
            "pipeline.model-ready",
            "console",
            "tracing",
            "http.tls",
            "sources[].webhook",
            "sources[].challenge",
            "sources[].subscription",
            "sources[].subscription.api",
            "sources[].rate-limit");
    Set<String> known =
        reading.keys().stream()
            .map(key -> key.replaceAll("\\[[0-9]+]", "[]"))
            .filter(key -> !sections.contains(key))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(documented("Settings")).isEqualTo(known);
  }

  @Test
  void everyTypeOfAuthenticationHasARow() {
    assertThat(documented("Authentication")).isEqualTo(new AuthSettings(AuthKinds.ALL).types());
  }

  @Test
  void everyReservedPropertyHasARow() {
    Set<String> reserved = new TreeSet<>(ClientPropertyRules.KAFKA.reserved().keySet());
    reserved.addAll(ClientPropertyRules.SCHEMA_REGISTRY.reserved().keySet());

    assertThat(documented("Client properties")).isEqualTo(reserved);
  }

  private static List<String> examples(String text) {
    return Pattern.compile("(?ms)^```yaml\\n(.*?)^```")
        .matcher(text)
        .results()
        .map(r -> r.group(1))
        .toList();
  }

  static Stream<String> providers() {
    return Providers.selectable().stream().map(Provider::name);
  }

  @ParameterizedTest
  @MethodSource("providers")
  void everyProviderHasAPageWithAValidExample(String provider) throws IOException {
    String link = "providers/" + provider + ".md";
    assertThat(Files.readString(Path.of("..", "README.md")).contains("(docs/" + link + ")"))
        .as("README.md links to docs/%s", link)
        .isTrue();
    assertThat(PAGE.resolveSibling(link)).as("a page for operators").isRegularFile();

    List<String> examples = examples(Files.readString(PAGE.resolveSibling(link)));

    assertThat(examples).isNotEmpty();
    assertThat(examples)
        .allSatisfy(
            example -> {
              ConfigurationReader.Result result =
                  new ConfigurationReader(
                          Map.of(),
                          Map.of(provider, Duration.ofSeconds(4)),
                          AuthKinds.ALL,
                          SecretCheck.NONE,
                          SubscriptionProviders.kinds())
                      .read(
                          "kafka: {bootstrap-servers: 'k:1'}\n"
                              + "schema-registry: {url: 'http://r'}\n"
                              + example,
                          reading());
              assertThat(result).isInstanceOf(ConfigurationReader.Result.Valid.class);
            });
  }

  @Test
  void everyExampleIsValid() {
    List<String> examples = examples(page);

    assertThat(examples).isNotEmpty();
    assertThat(examples)
        .allSatisfy(
            example ->
                assertThat(read(example, reading()))
                    .isInstanceOf(ConfigurationReader.Result.Valid.class));
  }
}
