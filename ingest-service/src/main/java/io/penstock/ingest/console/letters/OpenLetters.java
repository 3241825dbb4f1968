package io.penstock.ingest.console.letters;

import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.console.NotReadableException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many dead letters are open: those of the last seven days whose event has not been published
 * since. A letter that named no event when it came stays open for as long.
 *
 * <p>The topic is read in the background, when somebody asks and the live feed has seen a new
 * letter, at most every half minute; asking itself never waits. What the live feed reads of events
 * closes letters at once. Bounded: so many letters, so many events. Safe for several threads.
 */
public final class OpenLetters {

  /** How old letters may be: as the page of dead letters begins. */
  static final Duration WITHIN = Duration.ofDays(7);

  /** How many letters are looked at. */
  static final int MOST = 10_000;

  /** How often the topic is read at most. */
  private static final Duration PAUSE = Duration.ofSeconds(30);

  /** How long a number stands: the retention takes letters away without a word. */
  private static final Duration LIFE = Duration.ofMinutes(10);

  private static final Logger log = LoggerFactory.getLogger(OpenLetters.class);

  private final TopicSource topics;
  private final InstantSource clock;
  private final AtomicBoolean reading = new AtomicBoolean();
  private volatile boolean stale = true;
  private volatile boolean eventsMissed = true;
  private volatile Instant triedAt = Instant.MIN;
  private volatile State state = new State.Unread();

  /** The events that letters are about: whether each has been published, as far as is known. */
  private volatile Map<String, Boolean> events = Map.of();

  /** The events of letters for which all was read that came before the live feed. */
  private volatile Set<String> checked = Set.of();

  private sealed interface State {
    record Unread() implements State {}

    record Read(Letters letters) implements State {}
  }

  /**
   * One letter.
   *
   * @param eventId empty where it names no event
   */
  record Letter(String eventId, Instant landedAt) {}

  /**
   * What was read.
   *
   * @param whole whether there are no more
   */
  record Letters(List<Letter> letters, boolean whole) {
    Letters {
      letters = List.copyOf(letters);
    }
  }

  /**
   * What was published.
   *
   * @param whole whether all that was published since then was looked at
   */
  record Published(Set<String> eventIds, boolean whole) {
    Published {
      eventIds = Set.copyOf(eventIds);
    }
  }

  /** Reads topics. Blocks for some seconds at most. */
  interface TopicSource {

    /** The letters that landed since then, up to so many. */
    Letters letters(Instant since, int most) throws NotReadableException;

    /** Which of these events were published since then. */
    Published published(Set<String> eventIds, Instant since) throws NotReadableException;
  }

  /** What is known of the number. */
  public sealed interface Count {

    /** Nothing. */
    record Unknown() implements Count {}

    /** All of it. */
    record Exactly(long letters) implements Count {}

    /** There may be more. */
    record AtLeast(long letters) implements Count {}

    /** Some may have been driven again before the console started. */
    record AtMost(long letters) implements Count {}

    /** For the head of each page; empty where there is nothing to say. */
    default String text() {
      return switch (this) {
        case Unknown unknown -> "";
        case Exactly exactly -> exactly.letters() == 0 ? "" : grouped(exactly.letters());
        case AtLeast atLeast -> grouped(atLeast.letters()) + "+";
        case AtMost atMost -> "≤ " + grouped(atMost.letters());
      };
    }

    private static String grouped(long number) {
      return String.format(Locale.ROOT, "%,d", number).replace(',', '\u202f');
    }
  }

  /** Reads nothing yet. */
  OpenLetters(TopicSource topics, InstantSource clock) {
    this.topics = topics;
    this.clock = clock;
  }

  /** One that reads Kafka when it is asked. */
  public static OpenLetters of(Configuration configuration, InstantSource clock) {
    return new OpenLetters(new KafkaLetters(configuration, clock), clock);
  }

  /** Says that there is a new letter. */
  public void letter() {
    stale = true;
  }

  /** Says that an event was published. */
  public void published(String eventId) {
    Map<String, Boolean> known = events;
    if (known.containsKey(eventId)) {
      known.put(eventId, true);
    }
  }

  /** Says that events or letters were not seen. */
  public void unread() {
    eventsMissed = true;
    stale = true;
  }

  /** What is known now. Does not wait; begins to read where that is needed. */
  public Count count() {
    Instant now = clock.instant();
    if (isDue(now) && reading.compareAndSet(false, true)) {
      triedAt = now;
      Thread.ofVirtual().name("console-open-letters").start(this::read);
    }
    return counted(now);
  }

  private boolean isDue(Instant now) {
    Instant tried = triedAt;
    return tried.equals(Instant.MIN)
        || (stale && !now.isBefore(tried.plus(PAUSE)))
        || !now.isBefore(tried.plus(LIFE));
  }

  private void read() {
    try {
      readNow();
    } catch (NotReadableException e) {
      stale = true;
      log.atDebug()
          .addKeyValue("problem", e.sentence())
          .log("The open dead letters could not be counted");
    } catch (RuntimeException e) {
      stale = true;
      log.debug("The open dead letters were not counted", e);
    } finally {
      reading.set(false);
    }
  }

  /** Reads what has to be read. */
  void readNow() throws NotReadableException {
    stale = false;
    triedAt = clock.instant();
    if (eventsMissed) {
      eventsMissed = false;
      checked = Set.of();
    }
    Letters found = topics.letters(clock.instant().minus(WITHIN), MOST);
    Map<String, Boolean> before = events;
    Map<String, Boolean> now = new ConcurrentHashMap<>();
    for (Letter letter : found.letters()) {
      if (!letter.eventId().isEmpty()) {
        now.put(letter.eventId(), before.getOrDefault(letter.eventId(), false));
      }
    }
    events = now; // from here on the live feed closes them
    before.forEach(
        (event, published) -> now.computeIfPresent(event, (key, was) -> was || published));
    state = new State.Read(found);
    check(found, now);
  }

  private void check(Letters found, Map<String, Boolean> now) throws NotReadableException {
    Set<String> known = new HashSet<>(checked);
    known.retainAll(now.keySet());
    Set<String> unchecked = new HashSet<>();
    Instant since = Instant.MAX;
    for (Letter letter : found.letters()) {
      if (now.containsKey(letter.eventId()) && !known.contains(letter.eventId())) {
        unchecked.add(letter.eventId());
        since = letter.landedAt().isBefore(since) ? letter.landedAt() : since;
      }
    }
    if (!unchecked.isEmpty()) {
      Published published = topics.published(Set.copyOf(unchecked), since);
      published.eventIds().forEach(event -> now.computeIfPresent(event, (key, was) -> true));
      if (published.whole()) {
        known.addAll(unchecked);
      }
    }
    checked = Set.copyOf(known);
  }

  private Count counted(Instant now) {
    if (!(state instanceof State.Read read)) {
      return new Count.Unknown();
    }
    Map<String, Boolean> known = events;
    Set<String> sure = checked;
    Instant since = now.minus(WITHIN);
    long open = 0;
    boolean isSure = true;
    for (Letter letter : read.letters().letters()) {
      if (!letter.landedAt().isBefore(since) && !known.getOrDefault(letter.eventId(), false)) {
        open++;
        isSure &= letter.eventId().isEmpty() || sure.contains(letter.eventId());
      }
    }
    if (read.letters().whole()) {
      return isSure ? new Count.Exactly(open) : new Count.AtMost(open);
    }
    return isSure ? new Count.AtLeast(open) : new Count.Unknown();
  }
}
