package io.penstock.ingest.pipeline;

import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.delivery.DeduplicationId;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.WindowStore;
import org.apache.kafka.streams.state.WindowStoreIterator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The second step: an event goes on if it is the first of its copies within the window.
 *
 * <p>All copies come through one task, since they share their entity key and so their partition;
 * the store, the events and the offsets commit together. The window is counted from the first copy,
 * by the landing records' time: a copy does not renew it.
 *
 * <p>A copy is recognized by its id alone. If its body differs from the first's, it is {@linkplain
 * DifferingCopies counted and logged}.
 *
 * <p>Where a source is paused, the event waits instead of being published, and is remembered all
 * the same: see {@link Parking}.
 *
 * <p>What is published is {@linkplain ReadinessJudge judged} as well, where that is configured.
 *
 * <p>A source may be configured so that equal bodies are copies too, within a time of its own.
 */
final class Deduplicate implements Processor<byte[], Publication, byte[], byte[]> {

  private static final Logger log = LoggerFactory.getLogger(Deduplicate.class);

  static final String NODE = "deduplicate";

  /** Holds by deduplication id what was {@linkplain Seen seen} of the first copy. */
  static final String STORE = Topics.STORE;

  private final long windowMillis;
  private final DifferingCopies differingCopies = new DifferingCopies();
  private final Overtaken overtaken = new Overtaken();
  private final Parking parking;
  private final ReadinessJudge judge;
  private WindowStore<byte[], byte[]> seen;
  private ProcessorContext<byte[], byte[]> context;

  @SuppressWarnings("NullAway.Init") // the rest is there once init has been called
  Deduplicate(Duration window, Parking parking, ReadinessJudge judge) {
    this.windowMillis = window.toMillis();
    this.parking = parking;
    this.judge = judge;
  }

  @Override
  public void init(ProcessorContext<byte[], byte[]> processorContext) {
    context = processorContext;
    seen = processorContext.getStateStore(STORE);
    parking.open(
        processorContext,
        (event, publication) -> {
          forward(event, publication);
          publication.landing().span().end("published");
          publication.meters().released();
        });
    judge.open(processorContext);
  }

  @Override
  public void close() {
    parking.close();
    judge.close();
  }

  @Override
  public void process(Record<byte[], Publication> landed) {
    switch (landed.value()) {
      case Publication.Event event -> process(landed, event);
      case Publication.DeadLetter letter -> process(landed, letter);
    }
  }

  private void process(Record<byte[], Publication> landed, Publication.DeadLetter letter) {
    DeduplicationId once = letter.once();
    long at = storeTime(landed);
    if (once != null && first(once, at, windowMillis) != null) {
      letter.meters().duplicate();
      log.debug("A copy of a dead letter was removed");
      return;
    }
    context.forward(landed.withValue(letter.value()), PipelineTopology.DEAD_LETTER_SINK);
    letter.published();
    if (once != null) {
      seen.put(once.bytes(), Seen.of(position().offset(), once.bytes()).bytes(), at);
    }
  }

  private void process(Record<byte[], Publication> landed, Publication.Event publication) {
    DeduplicationId deduplicationId = publication.deduplicationId();
    long at = storeTime(landed);
    // Where the time stands still, everything would be "within"; a lost event is worse than a copy.
    Publication.Equality equality = at == landed.timestamp() ? publication.equality() : null;
    // A landing record may come from a time or an instance with a longer window.
    byte[] first = first(deduplicationId, at, windowMillis);
    boolean isCopy =
        first != null
            || (equality != null
                && first(
                        equality.content(),
                        at,
                        Math.min(windowMillis, equality.within().toMillis()))
                    != null);
    if (isCopy) {
      if (first != null && Seen.differs(first, publication.contentDigest())) {
        differingCopies.found(
            publication,
            deduplicationId.hex(),
            position(),
            Seen.offset(first),
            context.currentSystemTimeMs());
      }
      publication.meters().duplicate();
      publication.landing().span().end("duplicate");
      if (log.isDebugEnabled()) {
        log.atDebug().addKeyValue("event_id", deduplicationId.hex()).log("A copy was removed");
      }
      return;
    }
    List<DeduplicationId> ids =
        equality == null ? List.of(deduplicationId) : List.of(deduplicationId, equality.content());
    // First, so that what cannot be written is not marked as seen.
    switch (parking.take(publication, ids, at, position())) {
      case PARKED -> remember(ids, publication, at);
      case DEAD_LETTER -> {}
      case NOT -> {
        forward(landed, publication);
        remember(ids, publication, at);
        publication.landing().span().end("published");
        publication.meters().published(publication.receivedAt(), context.currentSystemTimeMs());
      }
    }
  }

  private void remember(List<DeduplicationId> ids, Publication.Event publication, long at) {
    byte[] stored = Seen.of(position().offset(), publication.contentDigest()).bytes();
    ids.forEach(id -> seen.put(id.bytes(), stored, at));
  }

  private void forward(Record<byte[], Publication> landed, Publication.Event publication) {
    context.forward(landed.withValue(publication.value()), publication.sink());
    if (overtaken.is(landed.key(), publication.receivedAt())) {
      publication.meters().overtaken();
    }
    judge.published(landed, publication, storeTime(landed));
  }

  /**
   * The record's time, unless its task has seen one that is ahead by more than clocks may differ,
   * as after a while in which every clock was wrong. The store silently drops what is behind by its
   * retention, so the time goes on from there, and ids are remembered for longer than configured.
   */
  private long storeTime(Record<?, ?> landed) {
    return Math.max(
        landed.timestamp(), context.currentStreamTimeMs() - LandingTime.TOLERANCE.toMillis());
  }

  /** What is stored of the first copy; null where this is the first. */
  private byte @Nullable [] first(DeduplicationId id, long at, long within) {
    // The brokers' clocks may differ a little when the partition's leader changes: look ahead too.
    try (WindowStoreIterator<byte[]> copies = seen.fetch(id.bytes(), at - within, at + within)) {
      return copies.hasNext() ? copies.next().value : null;
    }
  }

  private LandingPosition position() {
    return LandingPosition.of(context.recordMetadata());
  }
}
