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
import io.penstock.ingest.provider.Providers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Header;

/** One search of a {@link TraceSearch}. */
final class TraceRun {

  /**
   * By how much a landing record's time may differ from that in its receipt id, where no spool kept
   * it: the clocks of the ingress and of the broker differ.
   */
  private static final Duration AROUND = Duration.ofMinutes(10);

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
    this.match = new IdMatch(query.id());
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
        .ifPresent(parts -> receipt(parts.time(), record -> hasHeader(record, id)));
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
    switch (decoder.shown(record)) {
      case Shown.Landed found -> add(found);
      case Shown.Published event -> {
        landing(event.receiptId(), event.entityKey(), event.timestamp());
        if (landed.isEmpty()) {
          add(event);
        }
      }
      case Shown.Letter letter -> {
        byte[] key = record.key();
        landing(
            letter.letter().receiptId(),
            key == null ? "" : new String(key, UTF_8),
            letter.timestamp());
        if (landed.isEmpty()) {
          add(letter);
        }
      }
      case Shown.Unreadable unreadable ->
          listener.unreadable(position + ": " + unreadable.problem());
    }
  }

  /** Finds a landing record by the time that its event or letter has from it. */
  private void landing(String receiptId, String key, Instant time) {
    byte[] id = receiptId.getBytes(UTF_8);
    TopicPartition partition = owner.finder(Map.of()).partition(topics.inbound(), key);
    if (partition != null) {
      read(
          "the landing log",
          List.of(partition),
          ReadRange.everything()
              .from(new Start.Since(time))
              .until(new End.Before(time.plusMillis(1))),
          record -> hasHeader(record, id),
          this::decodeLanding,
          () -> !landed.isEmpty());
    }
  }

  // By id.

  private void receipt(Instant time, Predicate<ConsumerRecord<byte[], byte[]>> has) {
    Instant from = time.minus(AROUND);
    Instant to = time.plus(AROUND);
    Instant since = query.since();
    Instant until = query.until();
    read(
        "the landing log",
        reader.partitions(topics.inbound()),
        ReadRange.everything()
            .from(new Start.Since(since == null || since.isBefore(from) ? from : since))
            .until(new End.Before(until == null || until.isAfter(to) ? to : until)),
        has,
        this::decodeLanding,
        () -> !landed.isEmpty());
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
    // An entity's deliveries are in one partition: with its key as the id, that one is enough.
    TopicPartition own = partitions.get(KeyHash.of(query.id()) % partitions.size());
    wide("the landing log", List.of(own), this::decodeLanding);
    boolean isEntity = landed.stream().anyMatch(each -> each.landing().key().equals(query.id()));
    if (!isEntity && !reader.isWoken()) {
      wide(
          "the landing log",
          partitions.stream().filter(each -> !each.equals(own)).toList(),
          this::decodeLanding);
    }
  }

  private void decodeLanding(ConsumerRecord<byte[], byte[]> record) {
    if (decoder.shown(record) instanceof Shown.Landed found
        && (match.is(found.landing()) || RecordPosition.isPosition(query.id()))) {
      add(found);
    }
  }

  /** What the landing log no longer keeps may still be an event or a dead letter. */
  private void inResults() {
    List<TopicPartition> partitions = new ArrayList<>(reader.partitions(topics.deadLetter()));
    for (Provider provider : Providers.all()) {
      partitions.addAll(reader.partitions(topics.events(provider)));
    }
    wide(
        "the events and dead letters",
        partitions,
        record -> {
          Shown shown = decoder.shown(record);
          if (match.is(shown)) {
            add(shown);
          }
        });
  }

  /** Looks through all of some partitions in the time that is asked for. */
  private void wide(
      String where,
      List<TopicPartition> partitions,
      Consumer<ConsumerRecord<byte[], byte[]>> found) {
    looked +=
        owner.wide.read(
            partitions,
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

  // What became of them.

  private Found result() {
    if (reader.isWoken()) {
      return new Found(List.of(), more, looked);
    }
    List<Trace> traces = new ArrayList<>(withoutLanding.values());
    Map<String, TreeMap<Instant, Shown.Landed>> receipts = new LinkedHashMap<>();
    while (!landed.isEmpty()) {
      Shown.Landed each = landed.remove();
      receipts
          .computeIfAbsent(each.landing().receiptId(), id -> new TreeMap<>())
          .put(each.appendedAt(), each);
    }
    if (!receipts.isEmpty()) {
      FateFinder fates = owner.finder(PipelineOffsets.committed(owner.configuration));
      receipts.values().forEach(same -> traces.add(trace(fates, same)));
    }
    traces.sort(Comparator.comparing(trace -> trace.received().at()));
    return new Found(traces, more, looked);
  }

  private Trace trace(FateFinder fates, TreeMap<Instant, Shown.Landed> known) {
    TreeMap<Instant, Shown.Landed> all = new TreeMap<>(known);
    Map<RecordPosition, Fate> fate = new HashMap<>();
    for (Shown.Landed each : known.values()) {
      fate.put(each.position(), fates.of(each));
    }
    Shown.Landed last = known.lastEntry().getValue();
    if (fate.get(last.position()) instanceof Fate.DeadLettered) {
      again(last)
          .forEach(
              later -> {
                all.put(later.appendedAt(), later);
                fate.put(later.position(), fates.of(later));
              });
    }
    LandingRecord first = all.firstEntry().getValue().landing();
    return new Trace(
        Trace.received(first),
        all.values().stream()
            .map(
                each ->
                    new Trace.Passage(
                        each.position(),
                        each.appendedAt(),
                        fate.getOrDefault(each.position(), new Fate.Unknown(""))))
            .toList());
  }

  /** The landing records by which a dead letter was driven again, as a delivery of its receipt. */
  private List<Shown.Landed> again(Shown.Landed refused) {
    String key =
        refused.landing() instanceof LandingRecord.Event event
            ? event.key()
            : FateFinder.identifiedKey(refused.landing());
    TopicPartition partition =
        key == null ? null : owner.finder(Map.of()).partition(topics.inbound(), key);
    if (partition == null) {
      return List.of(); // by today's rules it is no event, so it was not driven
    }
    byte[] id = refused.landing().receiptId().getBytes(UTF_8);
    List<Shown.Landed> again = new ArrayList<>();
    read(
        "the landing log for what was driven again",
        List.of(partition),
        ReadRange.everything().from(new Start.Since(refused.appendedAt())),
        record -> hasHeader(record, id),
        record -> {
          if (decoder.shown(record) instanceof Shown.Landed later
              && later.landing().receiptId().equals(refused.landing().receiptId())
              && !later.position().equals(refused.position())) {
            again.add(later);
          }
        },
        () -> again.size() >= query.limit());
    return again;
  }

  private static boolean hasHeader(ConsumerRecord<byte[], byte[]> record, byte[] value) {
    for (Header header : record.headers()) {
      if (Arrays.equals(header.value(), value)) {
        return true;
      }
    }
    return false;
  }
}
