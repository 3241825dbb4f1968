package io.penstock.ingest.lookup;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.delivery.DeduplicationId;
import io.penstock.ingest.landing.KeyHash;
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
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Finds what became of single landing records. An event and a dead letter have the key and the time
 * stamp of the landing record that they were made from: one partition has to be read, from that
 * time on. For one thread.
 */
final class FateFinder {

  /** How far brokers' clocks may differ when the leader of a partition changes. */
  private static final Duration TOLERANCE = Duration.ofMinutes(10);

  private static final long ANY_TIME = Long.MIN_VALUE;

  /** How much is read behind a time, where the order of times is that of the records. */
  private static final Duration NEAR = Duration.ofSeconds(1);

  private final TopicReader reader;
  private final Decoder decoder;
  private final Topics topics;
  private final ProviderCatalog providers;
  private final Duration window;
  private final Map<TopicPartition, Long> committed;
  private final Pauses pauses;

  /** The events that were found, by their ids. */
  private final Map<String, Shown.Published> firsts = new HashMap<>();

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
    this.reader = reader;
    this.decoder = decoder;
    this.topics = new Topics(configuration.topics().prefix());
    this.providers = ProviderCatalog.of(configuration);
    this.window = configuration.deduplication().window();
    this.committed = committed;
    this.pauses = pauses;
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
    return new Fate.Waiting(paused == null ? new Fate.Why.Behind(records) : paused);
  }

  // Dead letters.

  private Fate.@Nullable DeadLettered letter(Shown.Landed landed) {
    RecordPosition at = landed.position();
    byte[] id =
        DeduplicationId.ofDeadLetter(
                at.topic(), at.partition(), at.offset(), landed.landing().receiptId())
            .hex()
            .getBytes(UTF_8);
    TopicPartition partition = partition(topics.deadLetter(), landed.landing().key());
    if (partition == null) {
      return null;
    }
    ConsumerRecord<byte[], byte[]> found =
        first(
            partition,
            new Start.Since(landed.appendedAt()),
            new End.Now(),
            record -> hasId(record, id));
    return found != null && decoder.shown(found) instanceof Shown.Letter letter
        ? new Fate.DeadLettered(
            letter.position(), letter.letter().reason(), letter.letter().detail())
        : null;
  }

  // Events.

  private Fate event(Shown.Landed landed, LandingRecord.Event event) {
    Provider provider = providers.byName(event.envelope().provider()).orElse(null);
    TopicPartition partition =
        provider == null ? null : partition(topics.events(provider), event.key());
    if (partition == null) {
      return new Fate.Unknown("there is no topic of the events of " + event.envelope().provider());
    }
    byte[] id = event.deduplicationId().hex().getBytes(UTF_8);
    Instant at = landed.appendedAt();
    Fate near =
        published(
            landed,
            first(
                partition,
                new Start.Since(at),
                new End.Before(at.plus(NEAR)),
                record -> record.timestamp() == at.toEpochMilli() && hasId(record, id)));
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
    // An event whose source was paused stands behind later ones, with the time of its landing.
    Fate anywhere = published(landed, find(partition, landed, id));
    if (anywhere != null) {
      return anywhere;
    }
    Fate copy = copy(landed, event);
    if (copy != null) {
      return copy;
    }
    Fate.Why.Paused paused = pauses.of(event.source());
    return paused == null
        ? new Fate.Unknown(
            "the pipeline has read it, and neither its event nor the first of its copies is kept"
                + " any longer")
        : new Fate.Waiting(paused);
  }

  /** The event of a landing record, or else the last one with its id before it. */
  private @Nullable ConsumerRecord<byte[], byte[]> find(
      TopicPartition partition, Shown.Landed landed, byte[] id) {
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
      TopicPartition partition, Instant at, byte[] id, Start start, End end) {
    long latest = at.plus(TOLERANCE).toEpochMilli();
    Finding finding =
        new Finding(record -> record.timestamp() <= latest && hasId(record, id), at.toEpochMilli());
    reader.readPartitions(
        List.of(partition), ReadRange.everything().from(start).until(end), finding);
    return finding.found;
  }

  /** That it is a copy of an event that was found for another landing record of the search. */
  private Fate.@Nullable Copy known(Shown.Landed landed, LandingRecord.Event event) {
    Shown.Published first = firsts.get(event.deduplicationId().hex());
    return first != null
            && !first.timestamp().isAfter(landed.appendedAt())
            && !first.timestamp().plus(window).isBefore(landed.appendedAt())
        ? new Fate.Copy(Fate.Likeness.ID, first.receiptId(), first.position())
        : null;
  }

  /** An event with another receipt, or of another landing record, makes this one a copy. */
  private @Nullable Fate published(
      Shown.Landed landed, @Nullable ConsumerRecord<byte[], byte[]> record) {
    if (record == null || !(decoder.shown(record) instanceof Shown.Published published)) {
      return null;
    }
    firsts.put(published.eventId(), published);
    return published.receiptId().equals(landed.landing().receiptId())
            && published.timestamp().equals(landed.appendedAt())
        ? of(published)
        : new Fate.Copy(Fate.Likeness.ID, published.receiptId(), published.position());
  }

  /** That an event is published. */
  static Fate.Published of(Shown.Published event) {
    return new Fate.Published(
        event.position(), event.timestamp(), event.schemaId(), event.eventId(), event.type());
  }

  /** A landing record before it that has its id, or an equal body where that makes copies. */
  private Fate.@Nullable Copy copy(Shown.Landed landed, LandingRecord.Event event) {
    byte[] id = event.deduplicationId().hex().getBytes(UTF_8);
    Fate.Copy byId =
        copy(
            landed,
            window,
            Fate.Likeness.ID,
            record -> hasHeader(record, LandingHeaders.DEDUPLICATION_ID, id));
    Duration within = event.equalWithin();
    return byId != null || within == null
        ? byId
        : copy(
            landed,
            within,
            Fate.Likeness.BODY,
            record -> Arrays.equals(record.value(), event.body()) && isOf(record, event.source()));
  }

  private Fate.@Nullable Copy copy(
      Shown.Landed landed,
      Duration within,
      Fate.Likeness likeness,
      Predicate<ConsumerRecord<byte[], byte[]>> alike) {
    RecordPosition position = landed.position();
    ConsumerRecord<byte[], byte[]> found =
        first(
            position.topicPartition(),
            new Start.Since(landed.appendedAt().minus(within)),
            new End.Before(landed.appendedAt().plusMillis(1)),
            record -> record.offset() < position.offset() && alike.test(record));
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

  // Reading.

  private static boolean hasId(ConsumerRecord<byte[], byte[]> record, byte[] id) {
    return hasHeader(record, "ce_id", id);
  }

  private static boolean hasHeader(
      ConsumerRecord<byte[], byte[]> record, String name, byte[] value) {
    Header header = record.headers().lastHeader(name);
    return header != null && Arrays.equals(header.value(), value);
  }

  /** The partition in which a topic has a key; null where there is no such topic. */
  @Nullable TopicPartition partition(String topic, String key) {
    List<TopicPartition> partitions = reader.partitions(topic);
    return partitions.isEmpty() ? null : partitions.get(KeyHash.of(key) % partitions.size());
  }

  private @Nullable ConsumerRecord<byte[], byte[]> first(
      TopicPartition partition,
      Start start,
      End end,
      Predicate<ConsumerRecord<byte[], byte[]>> wanted) {
    Finding finding = new Finding(wanted, ANY_TIME);
    reader.readPartitions(
        List.of(partition), ReadRange.everything().from(start).until(end), finding);
    return finding.found;
  }

  /** Finds one of a certain time, or else the last; with {@link #ANY_TIME}, the first. */
  private static final class Finding implements TopicReader.Visitor {

    private final Predicate<ConsumerRecord<byte[], byte[]>> wanted;
    private final long best;
    private @Nullable ConsumerRecord<byte[], byte[]> found;
    private boolean done;

    Finding(Predicate<ConsumerRecord<byte[], byte[]>> wanted, long best) {
      this.wanted = wanted;
      this.best = best;
    }

    @Override
    public void accept(ConsumerRecord<byte[], byte[]> record) {
      if (wanted.test(record)) {
        found = record;
        done = best == ANY_TIME || record.timestamp() == best;
      }
    }

    @Override
    public boolean isDone() {
      return done;
    }
  }
}
