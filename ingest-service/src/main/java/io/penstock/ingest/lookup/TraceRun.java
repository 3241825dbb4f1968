package io.penstock.ingest.lookup;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.delivery.ReceiptIds;
import io.penstock.ingest.landing.KeyHash;
import io.penstock.ingest.landing.LandingRecord;
import io.penstock.ingest.lookup.ReadRange.End;
import io.penstock.ingest.lookup.ReadRange.Start;
import io.penstock.ingest.lookup.TraceSearch.Found;
import io.penstock.ingest.lookup.TraceSearch.Listener;
import io.penstock.ingest.provider.Provider;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;

/** One search of a {@link TraceSearch}. */
final class TraceRun {

  /**
   * By how much a landing record's time may differ from that in its receipt id, where no spool kept
   * it: the clocks of the ingress and of the broker differ.
   */
  private static final Duration AROUND = Duration.ofMinutes(10);

  /** Most are landed within so much time: no clock is far away, and no spool had them. */
  private static final Duration SOON = Duration.ofSeconds(20);

  private final TraceSearch owner;
  private final Topics topics;
  private final TopicReader reader;
  private final Decoder decoder;
  private final TraceQuery query;
  private final Listener listener;
  private final IdMatch match;

  /** The newest that were found, the oldest of them first. */
  private final PriorityQueue<Shown.Landed> landed =
      new PriorityQueue<>(Comparator.comparing(Shown.Landed::appendedAt));

  private final Set<RecordPosition> positions = new HashSet<>();
  private final Map<String, Trace> withoutLanding = new LinkedHashMap<>();
  private boolean more;
  private long looked;

  TraceRun(TraceSearch owner, TraceQuery query, Listener listener) {
    this.owner = owner;
    this.topics = owner.topics;
    this.reader = owner.reader;
    this.decoder = owner.decoder;
    this.query = query;
    this.listener = listener;
    this.match = new IdMatch(owner.providers, query.id());
  }

  /** Searches, until {@link TraceSearch#wakeup} is called. */
  Found find() {
    try {
      run();
      return result();
    } catch (WakeupException e) {
      return new Found(List.of(), more, looked);
    }
  }

  private void run() {
    if (RecordPosition.isPosition(query.id())) {
      at(RecordPosition.parse(query.id()));
      return;
    }
    byte[] id = query.id().getBytes(UTF_8);
    ReceiptIds.origin(query.id())
        .ifPresent(
            origin -> {
              for (Duration around : List.of(SOON, AROUND)) {
                if (landed.isEmpty()) {
                  receipt(
                      origin.time(),
                      around,
                      record -> IdMatch.hasHeader(record, id),
                      () -> !landed.isEmpty());
                }
              }
            });
    if (landed.isEmpty()) {
      inLandingLog();
    }
    if (landed.isEmpty()) {
      inResults();
    }
  }

  // By position.

  private void at(RecordPosition position) {
    ConsumerRecord<byte[], byte[]> record = reader.at(position);
    if (record == null) {
      return;
    }
    looked++;
    Shown shown = decoder.shown(record);
    if (shown instanceof Shown.Unreadable unreadable) {
      listener.unreadable(position + ": " + unreadable.problem());
      return;
    }
    try (LandingLookup lookup = new LandingLookup(owner.configuration)) {
      Shown.Landed found = lookup.of(shown);
      if (found == null) {
        add(shown);
      } else {
        add(found);
      }
    }
  }

  // By id.

  private void receipt(
      Instant time,
      Duration around,
      Predicate<ConsumerRecord<byte[], byte[]>> has,
      BooleanSupplier done) {
    Instant since = query.since();
    Instant until = query.until();
    Instant from = time.minus(around);
    Instant to = time.plus(around);
    read(
        "the landing log",
        reader.partitions(topics.inbound()),
        ReadRange.everything()
            .from(new Start.Since(since == null || since.isBefore(from) ? from : since))
            .until(new End.Before(until == null || until.isAfter(to) ? to : until)),
        has,
        this::decodeLanding,
        done);
  }

  private ReadRange range() {
    Instant since = query.since();
    Instant until = query.until();
    return ReadRange.everything()
        .from(since == null ? new Start.Earliest() : new Start.Since(since))
        .until(until == null ? new End.Now() : new End.Before(until));
  }

  private void inLandingLog() {
    List<TopicPartition> partitions = reader.partitions(topics.inbound());
    if (partitions.isEmpty()) {
      listener.unreadable(
          "the topic "
              + topics.inbound()
              + " does not exist, or may not be read; see topics.prefix");
      return;
    }
    // An id may be an entity's key. All deliveries of an event, as of an entity, are in the
    // partition of that key: once one is found, the others need not be looked through.
    TopicPartition own = partitions.get(KeyHash.of(query.id()) % partitions.size());
    wide("the landing log", partitions, own, this::decodeLanding, this::ofEvent);
    if (!reader.isWoken()) {
      List.copyOf(landed).forEach(this::earlier);
    }
  }

  /** The partition of one of those that were found which names its event; null for none. */
  private @Nullable TopicPartition ofEvent() {
    return landed.stream()
        .filter(each -> each.landing() instanceof LandingRecord.Event)
        .findFirst()
        .map(each -> each.position().topicPartition())
        .orElse(null);
  }

  /** A delivery that was driven again was refused first, and stood elsewhere if it had no key. */
  private void earlier(Shown.Landed later) {
    Instant received = Instant.ofEpochMilli(later.landing().receivedAt());
    if (later.appendedAt().isAfter(received.plus(SOON))) {
      byte[] id = later.landing().receiptId().getBytes(UTF_8);
      receipt(received, AROUND, record -> IdMatch.hasHeader(record, id), () -> false);
    }
  }

  private void decodeLanding(ConsumerRecord<byte[], byte[]> record) {
    if (decoder.shown(record) instanceof Shown.Landed found
        && (match.is(found.landing())
            || landed.stream()
                .anyMatch(
                    each -> each.landing().receiptId().equals(found.landing().receiptId())))) {
      add(found);
    }
  }

  /** What the landing log no longer keeps may still be an event or a dead letter. */
  private void inResults() {
    List<TopicPartition> partitions = new ArrayList<>(reader.partitions(topics.deadLetter()));
    for (Provider provider : owner.providers.all()) {
      partitions.addAll(reader.partitions(topics.events(provider)));
    }
    wide(
        "the events and dead letters",
        partitions,
        null,
        record -> {
          Shown shown = decoder.shown(record);
          if (match.is(shown)) {
            add(shown);
          }
        },
        () -> null);
  }

  /** Looks through all of some partitions in the time that is asked for. */
  private void wide(
      String where,
      List<TopicPartition> partitions,
      @Nullable TopicPartition likely,
      Consumer<ConsumerRecord<byte[], byte[]>> found,
      Supplier<@Nullable TopicPartition> only) {
    looked +=
        owner.wide.read(
            partitions,
            likely,
            range(),
            new WideRead.Search() {
              @Override
              public boolean wants(ConsumerRecord<byte[], byte[]> record) {
                return match.mayBe(record);
              }

              @Override
              public void found(ConsumerRecord<byte[], byte[]> record) {
                found.accept(record);
              }

              @Override
              public @Nullable TopicPartition only() {
                return only.get();
              }

              @Override
              public void progress(ReadProgress progress) {
                listener.progress(where, progress);
              }
            });
  }

  private void read(
      String where,
      Collection<TopicPartition> partitions,
      ReadRange range,
      Predicate<ConsumerRecord<byte[], byte[]>> wanted,
      Consumer<ConsumerRecord<byte[], byte[]>> found,
      BooleanSupplier done) {
    reader.readPartitions(
        partitions,
        range,
        new TopicReader.Visitor() {
          @Override
          public void accept(ConsumerRecord<byte[], byte[]> record) {
            looked++;
            if (wanted.test(record)) {
              found.accept(record);
            }
          }

          @Override
          public void progress(ReadProgress progress) {
            listener.progress(where, progress);
          }

          @Override
          public void unreadable(String problem) {
            listener.unreadable(problem);
          }

          @Override
          public boolean isDone() {
            return done.getAsBoolean();
          }
        });
  }

  private void add(Shown.Landed found) {
    if (!positions.add(found.position())) {
      return; // it was read before
    }
    landed.add(found);
    if (landed.size() > query.limit()) {
      landed.poll();
      more = true;
    }
  }

  private void add(Shown shown) {
    Trace trace = Trace.of(shown);
    if (trace != null) {
      withoutLanding.put(trace.received().receiptId() + trace.passages(), trace);
      if (withoutLanding.size() > query.limit()) {
        withoutLanding.remove(withoutLanding.keySet().iterator().next());
        more = true;
      }
    }
  }

  private Found result() {
    if (reader.isWoken()) {
      return new Found(List.of(), more, looked);
    }
    List<Trace> traces = new ArrayList<>(withoutLanding.values());
    Map<String, List<Shown.Landed>> receipts = new LinkedHashMap<>();
    while (!landed.isEmpty()) {
      Shown.Landed each = landed.remove();
      receipts.computeIfAbsent(each.landing().receiptId(), id -> new ArrayList<>()).add(each);
    }
    if (!receipts.isEmpty()) {
      TraceMaker maker =
          new TraceMaker(
              owner.finder(PipelineOffsets.committed(owner.configuration)), this::drivenAgain);
      receipts.values().forEach(same -> traces.add(maker.of(same)));
    }
    traces.sort(Comparator.comparing(trace -> trace.received().at()));
    return new Found(traces, more, looked);
  }

  /** The landing records with a receipt in the partition of a key, from a time on. */
  private List<Shown.Landed> drivenAgain(String receiptId, String key, Instant since) {
    TopicPartition partition = owner.finder(Map.of()).partition(topics.inbound(), key);
    if (partition == null) {
      return List.of();
    }
    byte[] id = receiptId.getBytes(UTF_8);
    List<Shown.Landed> again = new ArrayList<>();
    read(
        "the landing log for what was driven again",
        List.of(partition),
        ReadRange.everything().from(new Start.Since(since)),
        record -> IdMatch.hasHeader(record, id),
        record -> {
          if (decoder.shown(record) instanceof Shown.Landed later
              && later.landing().receiptId().equals(receiptId)) {
            again.add(later);
          }
        },
        () -> again.size() >= query.limit());
    return again;
  }
}
