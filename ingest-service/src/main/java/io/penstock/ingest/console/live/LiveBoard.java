package io.penstock.ingest.console.live;

import io.penstock.ingest.lookup.RecordPosition;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;

/**
 * The newest deliveries and what became of them, joined from the landing log, the providers' topics
 * and the dead letters. Bounded by rows and bytes: the oldest goes when a new one comes. Safe for
 * several threads; every call is short.
 */
public final class LiveBoard {

  private static final Comparator<LiveRow> LANDED =
      Comparator.comparingLong(LiveRow::landedAt).thenComparingLong(LiveRow::number);

  private final LiveRows rows;
  private final long mostBytes;
  private final long windowMillis;
  private final InstantSource clock;
  private final LiveRates rates = new LiveRates();

  private long skipped;

  /** Rows below it may have had a outcome that the console did not see. */
  private long sureFrom;

  private Set<String> paused = Set.of();

  /** What waited in the pipeline may be published long after the pipeline has passed it. */
  private final Set<String> everPaused = new HashSet<>();

  private Following following = new Following.Starting();

  /** The first row of an event, by the event's id. */
  private final Map<String, Long> firsts = new HashMap<>();

  /** The row that a dead letter is of, by the letter's id. */
  private final Map<String, Long> letters = new HashMap<>();

  private final WaitingRows waiting;
  private final RefusalRows refusals;

  /** What the page says of what is not in Kafka. */
  private String unlanded = "";

  private final Orphans orphans = new Orphans();

  private final ShortNames names = new ShortNames();

  /**
   * @param mostRows how many deliveries are kept
   * @param mostBytes how many bytes of the heap they take, about
   * @param window within which a second delivery of an event is a copy
   */
  public LiveBoard(int mostRows, long mostBytes, Duration window, InstantSource clock) {
    this.rows = new LiveRows(mostRows);
    this.waiting = new WaitingRows(rows);
    this.refusals = new RefusalRows(rows);
    this.mostBytes = mostBytes;
    this.windowMillis = window.toMillis();
    this.clock = clock;
  }

  /**
   * Adds a delivery that has landed.
   *
   * @param landed its outcome is {@link Outcome.Waiting} or {@link Outcome.Refused}
   */
  public synchronized void landed(LiveLanding landed) {
    long number = rows.next();
    LiveRow row =
        new LiveRow(
            number,
            0,
            Optional.of(landed.at()),
            ShortNames.cut(landed.receiptId()),
            landed.eventId(),
            names.of(landed.source()),
            names.of(landed.provider()),
            "",
            ShortNames.cut(landed.entity()),
            landed.receivedAt(),
            landed.landedAt(),
            landed.spooled(),
            OptionalLong.empty(),
            landed.outcome());
    rates.landed(row.source(), row.landedAt());
    if (row.outcome() instanceof Outcome.Refused) {
      rates.refused(row.source(), row.landedAt());
    }
    while (rows.isFull()) {
      evict();
    }
    rows.add(row, landed.letterId());
    letters.put(landed.letterId(), number);
    if (!row.outcome().isFinal()) {
      waiting.add(landed.at().partition(), number);
    }
    Orphans.Became letter = orphans.remove(landed.letterId());
    if (letter != null) {
      became(number, letter);
    }
    if (!landed.eventId().isEmpty()) {
      event(number, row);
    }
    lighten();
  }

  private void lighten() {
    while (rows.bytes() > mostBytes && rows.first() < rows.next() - 1) {
      evict();
    }
  }

  /** Adds requests that an ingress refused, and that are not in Kafka. */
  synchronized void refused(RefusalTally.Rise rise) {
    if (!refusals.join(rise)) {
      while (rows.isFull()) {
        evict();
      }
      rows.add(refusals.begin(rise, names), "");
      lighten();
    }
  }

  /** Says what the page tells of what is not in Kafka; empty: nothing. */
  synchronized void unlanded(String words) {
    unlanded = words;
  }

  private void event(long number, LiveRow row) {
    Orphans.Became published = orphans.remove(row.eventId());
    Long before = firsts.get(row.eventId());
    LiveRow first = before == null ? null : rows.byNumber(before);
    if (first == null
        || first.outcome() instanceof Outcome.Letter
        || row.landedAt() - first.landedAt() > windowMillis) {
      firsts.put(row.eventId(), number);
      if (published != null) {
        became(number, published);
      }
    } else if (first.outcome() instanceof Outcome.Published) {
      copy(number, first);
    }
  }

  private void copy(long number, LiveRow first) {
    LiveRow row = rows.byNumber(number);
    if (row != null && !row.outcome().isFinal()) {
      rows.replace(row.with(new Outcome.Copy(first.at()), first.type(), OptionalLong.empty()));
    }
  }

  /**
   * Says that an event was published.
   *
   * @param type the provider's name of what happened
   * @param live whether this is seen as it happens, so that the clock says how long it took
   */
  public synchronized void published(String eventId, RecordPosition at, String type, boolean live) {
    Orphans.Became outcome = new Orphans.Became(new Outcome.Published(at), names.of(type), live);
    Long number = firsts.get(eventId);
    if (number == null || rows.byNumber(number) == null) {
      orphans.put(eventId, outcome);
      return;
    }
    became(number, outcome);
  }

  /** Says that a delivery became a dead letter. */
  public synchronized void letter(String letterId, RecordPosition at, String reason) {
    Orphans.Became outcome =
        new Orphans.Became(new Outcome.Letter(at, names.of(reason)), "", false);
    Long number = letters.get(letterId);
    if (number == null || rows.byNumber(number) == null) {
      orphans.put(letterId, outcome);
      return;
    }
    became(number, outcome);
  }

  private void became(long number, Orphans.Became found) {
    LiveRow row = rows.byNumber(number);
    if (row == null || row.outcome() instanceof Outcome.Published) {
      return;
    }
    if (found.outcome() instanceof Outcome.Letter && !(row.outcome() instanceof Outcome.Refused)) {
      rates.letter(row.source(), row.landedAt());
    }
    // A refusal stays one: that it is kept as a dead letter is said on its page.
    if (!(row.outcome() instanceof Outcome.Refused)) {
      OptionalLong took =
          found.live()
              ? OptionalLong.of(Math.max(0, clock.millis() - row.receivedAt()))
              : OptionalLong.empty();
      rows.replace(row.with(found.outcome(), found.type(), took));
    }
  }

  /**
   * Says that the pipeline has committed what is below an offset of a partition of the landing log,
   * and that all that it had published then has been seen: what still waits there are copies.
   */
  public synchronized void passed(int partition, long offset) {
    Iterator<Long> queue = waiting.of(partition);
    while (queue.hasNext()) {
      LiveRow row = rows.byNumber(queue.next());
      if (row != null && row.at().map(RecordPosition::offset).orElse(0L) >= offset) {
        return;
      }
      if (row != null && !row.outcome().isFinal() && paused.contains(row.source())) {
        continue; // the pipeline keeps it until its source is resumed
      }
      queue.remove();
      if (row != null && !row.outcome().isFinal()) {
        passed(row);
      }
    }
  }

  private void passed(LiveRow row) {
    Long before = firsts.get(row.eventId());
    LiveRow first = before == null || before == row.number() ? null : rows.byNumber(before);
    if (first != null) {
      copy(row.number(), first);
    } else {
      boolean unseen = row.number() < sureFrom || everPaused.contains(row.source());
      rows.replace(row.with(unseen ? new Outcome.Passed() : new Outcome.Copy(Optional.empty())));
    }
  }

  /** Whether a delivery waits for the pipeline. */
  public synchronized boolean isAnyWaiting() {
    return waiting.isAny();
  }

  /** Says that deliveries landed that are not read, since the console was too far behind. */
  public synchronized void skipped(long count) {
    skipped += count;
  }

  /** Says that publications are not read: what waits now may have any outcome. */
  public synchronized void unsure() {
    sureFrom = rows.next();
  }

  /** Says which sources are paused. */
  public synchronized void paused(Set<String> sources) {
    paused = Set.copyOf(sources);
    everPaused.addAll(sources);
  }

  /** Says whether the console sees what lands. */
  public synchronized void following(Following now) {
    following = now;
  }

  private void evict() {
    LiveRows.Evicted evicted = rows.evict();
    firsts.remove(evicted.row().eventId(), evicted.row().number());
    letters.remove(evicted.letterId());
  }

  private LiveRow shown(LiveRow row) {
    return row.outcome() instanceof Outcome.Waiting && paused.contains(row.source())
        ? row.with(new Outcome.Paused())
        : row;
  }

  /**
   * The newest deliveries and refusals that a filter lets through, the newest first.
   *
   * @param most how many
   */
  public synchronized List<LiveRow> newest(LiveFilter filter, int most) {
    List<LiveRow> found = new ArrayList<>();
    // Refusals are told some time after they were, and partitions are read one after the other.
    int enough = most + RefusalTally.MOST;
    for (long number = rows.next() - 1; number >= rows.first() && found.size() < enough; number--) {
      LiveRow row = rows.byNumber(number);
      if (row != null && filter.matches(shown(row))) {
        found.add(shown(row));
      }
    }
    found.sort(Comparator.comparingLong(LiveRow::landedAt).reversed());
    return found.size() > most ? List.copyOf(found.subList(0, most)) : found;
  }

  /** The place in the order of changes that a page which shows all of now begins from. */
  synchronized long now() {
    return rows.nextChange();
  }

  /**
   * What a page has to be told: each change of a row that it shows, in the order of the changes,
   * and behind those the rows that it does not show yet.
   *
   * @param since the place up to which it was told before
   * @param most how many rows that it does not show yet: of more, those that landed last
   */
  synchronized LiveChanges changes(
      long since, LiveFilter filter, int most, LiveChanges.OnPage page) {
    long from = Math.max(since, rows.nextChange() - LiveRows.CHANGES);
    List<LiveRow> found = new ArrayList<>();
    Queue<LiveRow> fresh = new PriorityQueue<>(LANDED);
    long more = 0;
    for (long change = from; change < rows.nextChange(); change++) {
      LiveRow row = rows.byChange(change);
      if (row == null) {
        continue; // gone, or changed again since
      }
      if (page.shows(row.number())) {
        found.add(shown(row));
      } else if (!page.knows(row) && filter.matches(shown(row))) {
        fresh.add(shown(row));
        if (fresh.size() > most) {
          fresh.remove();
          more++;
        }
      }
    }
    found.addAll(fresh.stream().sorted(LANDED).toList());
    return new LiveChanges(
        found, more, Math.max(0, from - since), rows.nextChange(), rows.next() - 1);
  }

  /** How many things it holds, to be compared. */
  synchronized long weight() {
    return rows.next()
        - rows.first()
        + firsts.size()
        + letters.size()
        + orphans.size()
        + names.size()
        + waiting.size()
        + refusals.size();
  }

  /** The row of a landing record. */
  public synchronized Optional<LiveRow> at(RecordPosition at) {
    for (long number = rows.next() - 1; number >= rows.first(); number--) {
      LiveRow row = rows.byNumber(number);
      if (row != null && row.at().filter(at::equals).isPresent()) {
        return Optional.of(shown(row));
      }
    }
    return Optional.empty();
  }

  /** What the head of the page says now. */
  public synchronized LiveSummary summary() {
    return new LiveSummary(
        following,
        rows.next() - rows.first(),
        rows.bytes(),
        rows.next() - refusals.added(),
        skipped,
        unlanded);
  }

  /** The last hour of each source that had a delivery in it. */
  synchronized Map<String, LiveRates.Hour> hours() {
    return rates.hours(clock.millis());
  }

  /** How many deliveries have been seen, and skipped, for a rate. */
  synchronized long seen() {
    return rows.next() - refusals.added() + skipped;
  }

  /** Forgets all that was read of topics, except the rates: they may have been made anew. */
  public synchronized void clear() {
    refusals.clearAllOthers();
    firsts.clear();
    letters.clear();
    waiting.clear();
    orphans.clear();
  }
}
