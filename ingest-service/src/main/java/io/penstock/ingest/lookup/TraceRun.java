package io.penstock.ingest.lookup;

import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.delivery.ReceiptIds;
import io.penstock.ingest.landing.KeyHash;
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
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
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

  /** Nearly all are landed within so much time. */
  private static final Duration AT_ONCE = Duration.ofSeconds(2);

  private final TraceSearch owner;
  private final Topics topics;
  private final TopicReader reader;
  private final Decoder decoder;
  private final TraceQuery query;
  private final Listener listener;
  private final IdMatch match;

  private final TraceFindings findings;
  private final CompletableFuture<Map<TopicPartition, Long>> committedBefore;
  private long looked;
  private long decoded;

  /** An event id: it is made by rules, and those may have changed before a re-drive. */
  private static final Pattern EVENT_ID = Pattern.compile("[0-9a-f]{32}");

  /** Whether the landing log was looked through up to now, by an id that each record keeps. */
  private boolean isSeenToItsEnd;

  /** The only partition that this holds for; null for all. */
  private @Nullable TopicPartition seenAlone;

  TraceRun(TraceSearch owner, TraceQuery query, Listener listener) {
    this.owner = owner;
    this.topics = owner.topics;
    this.reader = owner.reader;
    this.decoder = owner.decoder;
    this.query = query;
    this.listener = listener;
    this.match = new IdMatch(owner.providers, query.id());
    this.findings = new TraceFindings(query.limit());
    // Read meanwhile. Where it fails, it is read again, and fails there.
    this.committedBefore =
        CompletableFuture.supplyAsync(
                () -> PipelineOffsets.committed(owner.configuration),
                task -> Thread.ofVirtual().start(task))
            .exceptionally(failure -> Map.of());
  }

  /** Searches, until {@link TraceSearch#wakeup} is called. */
  Found find() {
    try {
      run();
      return result();
    } catch (WakeupException e) {
      return new Found(List.of(), findings.more(), looked, decoded);
    }
  }

  private void run() {
    if (RecordPosition.isPosition(query.id())) {
      RecordPosition position = RecordPosition.parse(query.id());
      at(position);
      if (topics.isOurs(position.topic()) || !findings.isEmpty()) {
        return; // an id of a provider's own may look like a position of another's topic
      }
    }
    ReceiptIds.origin(query.id())
        .ifPresent(
            origin -> {
              for (Duration around : List.of(AT_ONCE, SOON, AROUND)) {
                if (findings.hasNoLanding()) {
                  receipt(origin.time(), around, match, () -> !findings.hasNoLanding());
                }
              }
            });
    if (findings.hasNoLanding()) {
      inLandingLog();
    }
    if (findings.hasNoLanding()) {
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
    Shown shown = decode(record);
    if (shown instanceof Shown.Unreadable unreadable) {
      if (!topics.isOurs(position.topic())) {
        return;
      }
      listener.unreadable(position + ": " + unreadable.problem());
      return;
    }
    try (LandingLookup lookup = new LandingLookup(owner.configuration)) {
      Shown.Landed found = lookup.of(shown);
      if (found == null) {
        findings.add(shown);
      } else {
        findings.add(found);
      }
    }
  }

  // By id.

  private void receipt(Instant time, Duration around, IdMatch receiptId, BooleanSupplier done) {
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
        receiptId,
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
    wide("the landing log", partitions, own, this::decodeLanding, findings::ofEvent);
    isSeenToItsEnd = query.until() == null && !EVENT_ID.matcher(query.id()).matches();
    seenAlone = findings.ofEvent();
    if (!reader.isWoken()) {
      findings.landed().forEach(this::earlier);
    }
  }

  /**
   * A delivery that was driven again was refused first, and stood elsewhere if it had no key. Its
   * first landing record is looked for around the time at which it was received.
   */
  private void earlier(Shown.Landed later) {
    String receiptId = later.landing().receiptId();
    Instant received = Instant.ofEpochMilli(later.landing().receivedAt());
    if (!later.appendedAt().isAfter(received.plus(SOON))) {
      return;
    }
    for (Duration around : List.of(AT_ONCE, SOON, AROUND)) {
      if (!findings.hasEarlier(later)) {
        receipt(
            received,
            around,
            new IdMatch(owner.providers, receiptId),
            () -> findings.hasEarlier(later));
      }
    }
  }

  private void decodeLanding(ConsumerRecord<byte[], byte[]> record) {
    if (decode(record) instanceof Shown.Landed found
        && (match.is(found.landing()) || findings.hasReceipt(found.landing().receiptId()))) {
      findings.add(found);
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
          Shown shown = decode(record);
          if (match.is(shown)) {
            findings.add(shown);
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
              public IdMatch match() {
                return match;
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
      IdMatch receiptId,
      Consumer<ConsumerRecord<byte[], byte[]>> found,
      BooleanSupplier done) {
    reader.search(
        partitions,
        range,
        receiptId,
        new TopicReader.Visitor() {
          @Override
          public void accept(ConsumerRecord<byte[], byte[]> record) {
            looked++;
            if (record.value() != null && IdMatch.hasHeader(record.headers(), receiptId.bytes())) {
              found.accept(record);
            }
          }

          @Override
          public void passed(long count) {
            looked += count;
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

  private Shown decode(ConsumerRecord<byte[], byte[]> record) {
    decoded++;
    return decoder.shown(record);
  }

  private Found result() {
    if (reader.isWoken()) {
      return new Found(List.of(), findings.more(), looked, decoded);
    }
    List<Trace> traces = new ArrayList<>(findings.withoutLanding());
    Map<String, List<Shown.Landed>> receipts = findings.byReceipt();
    if (!receipts.isEmpty()) {
      TraceMaker maker = new TraceMaker(owner.finder(committed(receipts)), this::drivenAgain);
      receipts.values().forEach(same -> traces.add(maker.of(same)));
    }
    traces.sort(Comparator.comparing(trace -> trace.received().at()));
    return new Found(traces, findings.more(), looked, decoded);
  }

  /** Up to where the pipeline is; asked again where it had not reached what was found. */
  private Map<TopicPartition, Long> committed(Map<String, List<Shown.Landed>> receipts) {
    Map<TopicPartition, Long> before = committedBefore.join();
    boolean isPassed =
        receipts.values().stream()
            .flatMap(List::stream)
            .map(Shown.Landed::position)
            .allMatch(at -> at.offset() < before.getOrDefault(at.topicPartition(), 0L));
    return isPassed ? before : PipelineOffsets.committed(owner.configuration);
  }

  /** The landing records with a receipt in the partition of a key, from a time on. */
  private List<Shown.Landed> drivenAgain(String receiptId, String key, Instant since) {
    TopicPartition partition =
        new RecordFinder(reader, owner.providers).partition(topics.inbound(), key);
    if (partition == null
        || (isSeenToItsEnd && (seenAlone == null || seenAlone.equals(partition)))) {
      return List.of(); // it would have been found
    }
    List<Shown.Landed> again = new ArrayList<>();
    read(
        "the landing log for what was driven again",
        List.of(partition),
        ReadRange.everything().from(new Start.Since(since)),
        new IdMatch(owner.providers, receiptId),
        record -> {
          if (decode(record) instanceof Shown.Landed later
              && later.landing().receiptId().equals(receiptId)) {
            again.add(later);
          }
        },
        () -> again.size() >= query.limit());
    return again;
  }
}
