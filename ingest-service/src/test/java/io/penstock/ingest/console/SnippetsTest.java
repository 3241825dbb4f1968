package io.penstock.ingest.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.delivery.Reason;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.Providers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What the console shows of the documentation is what the documentation says. */
class SnippetsTest {

  static Stream<String> providers() {
    return Providers.all().stream().map(Provider::name);
  }

  @ParameterizedTest
  @MethodSource("providers")
  void everyProviderHasStepsWithItsAddress(String provider) {
    assertThat(ConnectSteps.of(provider, "https://hooks.example.com/webhooks/x"))
        .anyMatch(step -> step.contains("https://hooks.example.com/webhooks/x"))
        .noneMatch(step -> step.contains("{address}"));
  }

  @Test
  void aProviderWithoutStepsHasItsPage() {
    assertThat(ConnectSteps.of("other", "https://a")).anyMatch(step -> step.contains("other.md"));
  }

  @Test
  void theProgramsAreThoseOfTheDocumentation() throws IOException {
    Path docs = Path.of("..", "docs", "consumers");
    List<ConsumerSnippets.Snippet> snippets =
        ConsumerSnippets.of("kafka:9092", "http://registry:8081", "webhooks.csm");

    assertThat(snippets)
        .allSatisfy(
            snippet -> {
              assertThat(snippet.command()).contains("kafka:9092", "webhooks.csm");
              if (!snippet.code().isEmpty()) {
                assertThat(Files.readString(docs.resolve(snippet.id() + ".md")))
                    .contains(snippet.code().strip());
              }
            });
  }

  @ParameterizedTest
  @EnumSource(value = Reason.class, mode = EnumSource.Mode.EXCLUDE, names = "UNDECODABLE")
  void everyRefusalHasAnAdvice(Reason reason) {
    assertThat(RefusalAdvice.of(reason.code())).isNotEmpty();
  }
}
