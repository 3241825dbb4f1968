package io.penstock.ingest.lookup;

import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.delivery.DeduplicationId;
import io.penstock.ingest.landing.LandingHeaders;
import io.penstock.ingest.landing.LandingRecord;
import io.penstock.ingest.lookup.ReadRange.End;
import io.penstock.ingest.lookup.ReadRange.Start;
import io.penstock.ingest.provider.Identification;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.ProviderCatalog;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Finds what became of single landing records. An event and a dead letter have the key and the time
 * stamp of the landing record that they were made from: one partition has to be read, from that
 * time on. For one thread.
 */
final class FateFinder {

  /** How far brokers' clocks may differ when the leader of a partition changes. */
  private static final Duration TOLERANCE = Duration.ofMinutes(10);

  /** The header of an event and of a dead letter that has its id. */
  private static final String ID = "ce_id";

  /** By how much events before and behind one that had waited differ in time from its release. */
  private static final Duration RELEASED = Duration.ofMinutes(1);

  /** How much is read behind a time, where the order of times is that of the records. */
  private static final Duration NEAR = Duration.ofSeconds(1);

  private final RecordFinder records;
  private final Decoder decoder;
  private final Topics topics;
  private final ProviderCatalog providers;
  private final Duration window;
  private final Map<TopicPartition, Long> committed;
  private final Pauses pauses;
  private final WaitingEvents waits;

  /** The events that were found, or wait, by their ids. */
  private final Map<String, First> firsts = new HashMap<>();

  /**
   * The first delivery of an event.
   *
   * @param at when it was landed
   */
  private record First(String receiptId, RecordPosition position, Instant at) {}

  /**
   * @param reader used by this alone while it works
   * @param committed up to where the pipeline has committed the landing log; a partition that is
   *     not named was never committed
   */
  FateFinder(
      Configuration configuration,
      TopicReader reader,
      Decoder decoder,
      Map<TopicPartition, Long> committed,
      Pauses pauses) {
    this.providers = ProviderCatalog.of(configuration);
    this.records = new RecordFinder(reader, providers);
    this.decoder = decoder;
    this.topics = new Topics(configuration.topics().prefix());
    this.window = configuration.deduplication().window();
    this.committed = committed;
    this.pauses = pauses;
    this.waits = new WaitingEvents(reader, topics);
  }

  /** What became of a landing record. */
  Fate of(Shown.Landed landed) {
    RecordPosition position = landed.position();
    long done = committed.getOrDefault(position.topicPartition(), 0L);
    if (position.offset() >= done) {
      return waiting(landed, position.offset() - done + 1);
    }
    return switch (landed.landing()) {
      case LandingRecord.Event event -> event(landed, event);
      case LandingRecord.Refusal refusal -> {
        Fate letter = letter(landed);
        yield letter == null
            ? new Fate.Unknown(
                "its dead letter is not kept any longer, or it is a second landing record of one"
                    + " delivery")
            : letter;
      }
    };
  }

  private Fate waiting(Shown.Landed landed, long records) {
    Fate.Why.Paused paused = pauses.of(landed.landing().source());
    return new Fate.Waiting(paused == null ? new Fate.Why.Behind(records, null) : paused);
  }

  // Dead letters.

  private Fate.@Nullable DeadLettered letter(Shown.Landed landed) {
    RecordPosition at = landed.position();
    String id =
        DeduplicationId.ofDeadLetter(
                at.topic(), at.partition(), at.offset(), landed.landing().receiptId())
            .hex();
    TopicPartition partition = records.partition(topics.deadLetter(), landed.landing().key());
    if (partition == null) {
      return null;
    }
    ConsumerRecord<byte[], byte[]> found =
        records.first(
            partition, new Start.Since(landed.appendedAt()), new End.Now(), ID, id, record -> true);
    return found != null && decoder.shown(found) instanceof Shown.Letter letter
        ? new Fate.DeadLettered(
            letter.position(), letter.letter().reason(), letter.letter().detail())
        : null;
  }

  // Events.

  private Fate event(Shown.Landed landed, LandingRecord.Event event) {
    Provider provider = providers.byName(event.envelope().provider()).orElse(null);
    TopicPartition partition =
        provider == null ? null : records.partition(topics.events(provider), event.key());
    if (partition == null) {
      return new Fate.Unknown("there is no topic of the events of " + event.envelope().provider());
    }
    String id = event.deduplicationId().hex();
    Instant at = landed.appendedAt();
    Fate.Why.Paused paused = pauses.of(event.source());
    Instant since = paused == null ? null : paused.since();
    boolean mayHaveWaited = since == null || !since.isAfter(at);
    // First: an event that was published does not say whether it had waited.
    Fate first = mayHaveWaited ? waited(landed, event, partition) : null;
    if (first != null) {
      return first;
    }
    Fate near =
        published(
            landed,
            records.first(
                partition,
                new Start.Since(at),
                new End.Before(at.plus(NEAR)),
                ID,
                id,
                record -> record.timestamp() == at.toEpochMilli()));
    if (near != null) {
      return near;
    }
    Fate letter = letter(landed);
    if (letter != null) {
      return letter;
    }
    Fate.Copy known = known(landed, event);
    if (known != null) {
      return known;
    }
    Fate waited = mayHaveWaited ? null : waited(landed, event, partition);
    if (waited != null) {
      return waited;
    }
    // An event whose source was paused stands behind later ones, with the time of its landing.
    Fate anywhere = published(landed, find(partition, landed, id));
    if (anywhere != null) {
      return anywhere;
    }
    Fate copy = copy(landed, event);
    if (copy != null) {
      return copy;
    }
    return paused == null
        ? new Fate.Unknown(
            "the pipeline has read it, and neither its event nor the first of its copies is kept"
                + " any longer")
        : new Fate.Waiting(paused);
  }

  /** That it waits in a paused source, or where it was published after that; null for neither. */
  private @Nullable Fate waited(
      Shown.Landed landed, LandingRecord.Event event, TopicPartition partition) {
    Fate.Why.Paused paused = pauses.of(event.source());
    Instant resumed = pauses.resumed(event.source());
    if (paused == null
        && (resumed == null || resumed.plus(TOLERANCE).isBefore(landed.appendedAt()))) {
      return null; // its source was not paused since it landed
    }
    return switch (waits.of(landed, paused == null ? null : paused.since(), TOLERANCE)) {
      case WaitingEvents.Wait.Now now -> {
        firsts.put(
            event.deduplicationId().hex(),
            new First(event.receiptId(), landed.position(), landed.appendedAt()));
        yield new Fate.Waiting(paused == null ? new Fate.Why.Behind(now.place(), resumed) : paused);
      }
      case WaitingEvents.Wait.Over over ->
          published(landed, released(partition, landed, event, over.end()))
                  instanceof Fate.Published published
              ? published.after(over.end())
              : null;
      case WaitingEvents.Wait.Unknown unknown -> null;
    };
  }

  /** The event of a landing record that was published at a time: about there, or far behind. */
  private @Nullable ConsumerRecord<byte[], byte[]> released(
      TopicPartition partition, Shown.Landed landed, LandingRecord.Event event, Instant end) {
    String id = event.deduplicationId().hex();
    Predicate<ConsumerRecord<byte[], byte[]>> same =
        record -> record.timestamp() == landed.appendedAt().toEpochMilli();
    ConsumerRecord<byte[], byte[]> found =
        records.first(
            partition,
            new Start.Since(end.minus(RELEASED)),
            new End.Before(end.plus(RELEASED)),
            ID,
            id,
            same);
    return found == null
        ? records.first(
            partition, new Start.Since(landed.appendedAt()), new End.Now(), ID, id, same)
        : found;
  }

  /** The event of a landing record, or else the last one with its id before it. */
  private @Nullable ConsumerRecord<byte[], byte[]> find(
      TopicPartition partition, Shown.Landed landed, String id) {
    Instant at = landed.appendedAt();
    // Most copies come soon.
    for (Duration before : List.of(TOLERANCE, Duration.ofHours(2))) {
      ConsumerRecord<byte[], byte[]> found =
          find(partition, at, id, new Start.Since(at.minus(before)), new End.Before(at.plus(NEAR)));
      if (found != null) {
        return found;
      }
    }
    return find(
        partition, at, id, new Start.Since(at.minus(window).minus(TOLERANCE)), new End.Now());
  }

  private @Nullable ConsumerRecord<byte[], byte[]> find(
      TopicPartition partition, Instant at, String id, Start start, End end) {
    long latest = at.plus(TOLERANCE).toEpochMilli();
    return records.ofTime(
        partition, start, end, ID, id, at.toEpochMilli(), record -> record.timestamp() <= latest);
  }

  /** That it is a copy of an event that was found for another landing record of the search. */
  private Fate.@Nullable Copy known(Shown.Landed landed, LandingRecord.Event event) {
    First first = firsts.get(event.deduplicationId().hex());
    return first != null
            && !first.at().isAfter(landed.appendedAt())
            && !first.at().plus(window).isBefore(landed.appendedAt())
            && !first.position().equals(landed.position())
        ? new Fate.Copy(Fate.Likeness.ID, first.receiptId(), first.position())
        : null;
  }

  /** An event with another receipt, or of another landing record, makes this one a copy. */
  private @Nullable Fate published(
      Shown.Landed landed, @Nullable ConsumerRecord<byte[], byte[]> record) {
    if (record == null || !(decoder.shown(record) instanceof Shown.Published published)) {
      return null;
    }
    firsts.put(
        published.eventId(),
        new First(published.receiptId(), published.position(), published.timestamp()));
    return published.receiptId().equals(landed.landing().receiptId())
            && published.timestamp().equals(landed.appendedAt())
        ? of(published)
        : new Fate.Copy(Fate.Likeness.ID, published.receiptId(), published.position());
  }

  /** That an event is published. */
  static Fate.Published of(Shown.Published event) {
    return new Fate.Published(
        event.position(), event.timestamp(), event.schemaId(), event.eventId(), event.type(), null);
  }

  /** A landing record before it that has its id, or an equal body where that makes copies. */
  private Fate.@Nullable Copy copy(Shown.Landed landed, LandingRecord.Event event) {
    RecordPosition position = landed.position();
    ConsumerRecord<byte[], byte[]> same =
        records.first(
            position.topicPartition(),
            new Start.Since(landed.appendedAt().minus(window)),
            upTo(landed),
            LandingHeaders.DEDUPLICATION_ID,
            event.deduplicationId().hex(),
            record -> record.offset() < position.offset());
    Duration within = event.equalWithin();
    if (same != null || within == null) {
      return copy(Fate.Likeness.ID, same);
    }
    return copy(
        Fate.Likeness.BODY,
        records.first(
            position.topicPartition(),
            new Start.Since(landed.appendedAt().minus(within)),
            upTo(landed),
            record ->
                record.offset() < position.offset()
                    && Arrays.equals(record.value(), event.body())
                    && isOf(record, event.source())));
  }

  private static End upTo(Shown.Landed landed) {
    return new End.Before(landed.appendedAt().plusMillis(1));
  }

  private Fate.@Nullable Copy copy(
      Fate.Likeness likeness, @Nullable ConsumerRecord<byte[], byte[]> found) {
    return found != null && decoder.shown(found) instanceof Shown.Landed first
        ? new Fate.Copy(likeness, first.landing().receiptId(), first.position())
        : null;
  }

  private static boolean isOf(ConsumerRecord<byte[], byte[]> record, String source) {
    try {
      return LandingHeaders.read(record.key(), record.value(), record.headers())
          .source()
          .equals(source);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** The entity's key of a refused delivery by today's rules; null where they find none. */
  @Nullable String identifiedKey(LandingRecord landing) {
    Provider provider = providers.byName(landing.envelope().provider()).orElse(null);
    try {
      return provider != null
              && provider.identify(landing.body(), landing.envelope().headers())
                  instanceof Identification.Identified identified
          ? identified.entityKey()
          : null;
    } catch (RuntimeException | StackOverflowError e) {
      return null; // nor does a re-drive get further
    }
  }
}
