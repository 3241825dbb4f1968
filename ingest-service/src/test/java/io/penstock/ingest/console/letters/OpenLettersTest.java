package io.penstock.ingest.console.letters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.ingest.console.NotReadableException;
import io.penstock.ingest.console.letters.OpenLetters.Count;
import io.penstock.ingest.console.letters.OpenLetters.Letter;
import io.penstock.ingest.console.letters.OpenLetters.Letters;
import io.penstock.ingest.console.letters.OpenLetters.Published;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class OpenLettersTest {

  private static final Instant START = Instant.parse("2026-11-26T12:00:00Z");

  private volatile Instant now = START;
  private final Topics topics = new Topics();
  private final OpenLetters open = new OpenLetters(topics, () -> now);

  /** Topics of a test. */
  private static final class Topics implements OpenLetters.TopicSource {
    private final List<Letter> letters = new CopyOnWriteArrayList<>();
    private final Set<String> published = ConcurrentHashMap.newKeySet();
    private final List<Set<String>> searches = new ArrayList<>();
    private boolean lettersWhole = true;
    private boolean eventsWhole = true;
    private volatile boolean gone;

    @Override
    public Letters letters(Instant since, int most) throws NotReadableException {
      if (gone) {
        throw new NotReadableException("Kafka is away.");
      }
      return new Letters(letters, lettersWhole);
    }

    @Override
    public Published published(Set<String> eventIds, Instant since) {
      searches.add(eventIds);
      Set<String> found = new HashSet<>(published);
      found.retainAll(eventIds);
      return new Published(found, eventsWhole);
    }
  }

  private Count read() throws NotReadableException {
    open.readNow();
    return open.count();
  }

  @Test
  void lettersWhoseEventsWerePublishedAreNotOpen() throws Exception {
    topics.letters.add(new Letter("a", START));
    topics.letters.add(new Letter("b", START));
    topics.letters.add(new Letter("", START));
    topics.published.add("b");
    assertThat(read()).isEqualTo(new Count.Exactly(2));
    open.published("other");
    open.published("a");
    assertThat(open.count()).isEqualTo(new Count.Exactly(1));
    assertThat(read()).as("what was seen is not forgotten").isEqualTo(new Count.Exactly(1));
    assertThat(topics.searches).as("each event is searched for once").hasSize(1);
    now = START.plus(OpenLetters.WITHIN).plusSeconds(1);
    assertThat(open.count()).isEqualTo(new Count.Exactly(0));
    assertThat(open.count().text()).isEmpty();
  }

  @Test
  void aNumberThatIsNotSureIsNotShownAsSure() throws Exception {
    assertThat(new Count.Unknown().text()).isEmpty();
    topics.letters.add(new Letter("a", START));
    topics.eventsWhole = false;
    assertThat(read()).isEqualTo(new Count.AtMost(1));
    assertThat(open.count().text()).isEqualTo("≤ 1");
    topics.lettersWhole = false;
    assertThat(read()).isEqualTo(new Count.Unknown());
    topics.eventsWhole = true;
    assertThat(read()).isEqualTo(new Count.AtLeast(1));
    assertThat(open.count().text()).isEqualTo("1+");
  }

  @Test
  void whereTheFeedMissedEventsTheyAreSearchedForAgain() throws Exception {
    topics.letters.add(new Letter("a", START));
    assertThat(read()).isEqualTo(new Count.Exactly(1));
    topics.published.add("a");
    open.unread();
    assertThat(read()).isEqualTo(new Count.Exactly(0));
  }

  @Test
  void itReadsInTheBackgroundAndNotTooOften() {
    topics.gone = true;
    assertThat(open.count()).isEqualTo(new Count.Unknown());
    topics.letters.add(new Letter("", START));
    topics.gone = false;
    now = now.plus(Duration.ofMinutes(1));
    await().until(() -> open.count().equals(new Count.Exactly(1)));
    topics.letters.add(new Letter("", START));
    open.letter();
    assertThat(open.count()).as("within half a minute").isEqualTo(new Count.Exactly(1));
    now = now.plus(Duration.ofSeconds(30));
    await().until(() -> open.count().equals(new Count.Exactly(2)));
  }
}
