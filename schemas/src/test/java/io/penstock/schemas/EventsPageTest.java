package io.penstock.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

/** {@code docs/events.md} says what the schemas say. */
class EventsPageTest {

  private static final String PAGE = EventsPage.write(Contract.topics(), Contract.metadata());

  @Test
  void isWhatTheSchemasGive() {
    Committed.check(Contract.PROJECT.resolve("docs/events.md"), PAGE);
  }

  @Test
  void hasARowForEveryField() {
    for (Contract.Topic topic : Contract.topics()) {
      for (Schema record : Contract.records(topic.schema()).values()) {
        for (Schema.Field field : record.getFields()) {
          assertThat(PAGE).contains("\n| `" + field.name() + "` | ");
        }
      }
    }
  }

  @Test
  void everyLinkWithinThePageHasItsHeadingOnce() {
    Set<String> links =
        Pattern.compile("\\(#([^)]+)\\)")
            .matcher(PAGE)
            .results()
            .map(match -> match.group(1))
            .collect(Collectors.toSet());
    assertThat(
            Pattern.compile("(?m)^#+ (.+)$")
                .matcher(PAGE)
                .results()
                .map((MatchResult match) -> match.group(1).toLowerCase(java.util.Locale.ROOT))
                .map(heading -> heading.replaceAll("[^a-z0-9_-]", "")))
        .doesNotHaveDuplicates()
        .containsAll(links);
    assertThat(links).isNotEmpty();
  }
}
