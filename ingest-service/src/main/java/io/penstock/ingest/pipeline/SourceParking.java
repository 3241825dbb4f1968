package io.penstock.ingest.pipeline;

import io.penstock.ingest.delivery.DeduplicationId;
import io.penstock.ingest.pausing.PausedSources;
import io.penstock.ingest.provider.RulesFailure;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.WindowStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the events of paused sources wait in a store, and publishes them in their order once their
 * source is resumed, some at a time, so that other sources do not wait and transactions stay small.
 * As long as any event of a source waits, the next ones wait behind it.
 *
 * <p>The store, its changelog, what is published of it and the offsets commit together. While
 * nothing waits, nothing is scheduled: a wall-clock schedule would commit a transaction at each of
 * its ticks. For one stream task.
 */
final class SourceParking implements Parking {

  private static final Logger log = LoggerFactory.getLogger(SourceParking.class);

  /** How often a task looks whether a source was resumed, while any event waits. */
  static final Duration LOOK = Duration.ofSeconds(1);

  /** Between two releases while there is something to release. */
  static final Duration RELEASE = Duration.ofMillis(10);

  /** At most so many events of one source at a time. */
  static final int MOST = 200;

  /** After so many bytes of one source no more at that time. */
  private static final long MOST_BYTES = 2L * 1024 * 1024;

  /** For so long a task releases at a time, over all its sources: its thread has other work. */
  private static final long SLICE_NANOS = Duration.ofMillis(20).toNanos();

  private final Shared shared;
  private ParkedEvents parked;
  private WindowStore<byte[], byte[]> seen;
  private ProcessorContext<byte[], byte[]> context;
  private Outlet outlet;
  private @Nullable Publications madePublications;
  private @Nullable Schedule schedule;

  /**
   * What all tasks of a process share.
   *
   * @param states what is paused now
   * @param publications called once for each task that releases anything
   * @param pace of the stream thread that asks
   * @param inbound the landing log's topic
   * @param nanos a clock that only counts on
   * @param mostBytes the largest record that the store's changelog takes
   */
  record Shared(
      Supplier<PausedSources> states,
      Supplier<Publications> publications,
      LargeOnes largeOnes,
      Supplier<CommitPace> pace,
      ParkingMeters meters,
      String inbound,
      LongSupplier nanos,
      int mostBytes) {}

  private record Schedule(Duration interval, Cancellable ticks) {}

  @SuppressWarnings("NullAway.Init") // the rest is there once open has been called
  SourceParking(Shared shared) {
    this.shared = shared;
  }

  @Override
  public void open(ProcessorContext<byte[], byte[]> processorContext, Outlet events) {
    context = processorContext;
    outlet = events;
    seen = processorContext.getStateStore(Deduplicate.STORE);
    parked = new ParkedEvents(processorContext.getStateStore(PipelineTopology.PARKED_STORE));
    parked.sources().forEach(this::measure);
    lookAgain(false);
  }

  @Override
  public Taken take(
      Publication.Event event,
      List<DeduplicationId> ids,
      long storeTime,
      LandingPosition position) {
    LandedDelivery landing = event.landing();
    String source = landing.envelope().source();
    if (!parked.has(source) && !shared.states().get().isPaused(source)) {
      return Taken.NOT;
    }
    Record<byte[], byte[]> landed = landing.landed();
    if (RecordEncoder.size(landed.key(), landed.value(), landed.headers()) > shared.mostBytes()) {
      // Landed before max-body-size was lowered. It is not marked as seen: drive it again later.
      letter(publications().tooLargeToWait(landing, shared.mostBytes()));
      return Taken.DEAD_LETTER;
    }
    parked.add(
        source,
        position.offset(),
        event.receivedAt(),
        (ordinal, bytesBefore) ->
            new ParkedEvent(
                ordinal,
                bytesBefore,
                storeTime,
                event.receivedAt(),
                ids.stream().map(DeduplicationId::bytes).toList(),
                landed));
    measure(source);
    event.meters().parked();
    landing.span().end("parked");
    if (schedule == null) {
      lookAgain(false);
    }
    return Taken.PARKED;
  }

  private void measure(String source) {
    shared
        .meters()
        .waiting(
            this,
            source,
            new ParkingMeters.Waiting(
                parked.count(source), parked.bytes(source), parked.oldestReceivedAt(source)));
  }

  /** Schedules the next look, in a moment or later; none where nothing waits. */
  private void lookAgain(boolean soon) {
    Duration interval = soon ? RELEASE : LOOK;
    if (parked.isEmpty()) {
      if (schedule != null) {
        schedule.ticks().cancel();
        schedule = null;
      }
    } else if (schedule == null || !schedule.interval().equals(interval)) {
      if (schedule != null) {
        schedule.ticks().cancel();
      }
      schedule =
          new Schedule(
              interval,
              context.schedule(interval, PunctuationType.WALL_CLOCK_TIME, now -> release()));
    }
  }

  private void release() {
    PausedSources states = shared.states().get();
    List<String> released = parked.sources().stream().filter(states::mayRelease).toList();
    boolean more = false;
    for (String source : released) {
      more |= release(source, SLICE_NANOS / released.size());
    }
    lookAgain(more);
  }

  /**
   * Publishes the first events of a source, at least one.
   *
   * @param slice after which no more are published, in nanoseconds
   * @return whether more wait that may be published
   */
  private boolean release(String source, long slice) {
    long begun = shared.nanos().getAsLong();
    // One more than is published: it is the oldest then.
    List<ParkedEvents.Entry> head = parked.head(source, MOST + 1, MOST_BYTES);
    int published = 0;
    for (ParkedEvents.Entry entry : head) {
      if (published == MOST || (published > 0 && shared.nanos().getAsLong() - begun >= slice)) {
        break;
      }
      ParkedEvent event;
      try {
        event = ParkedEvent.read(entry.stored());
      } catch (IllegalArgumentException e) {
        log.atError()
            .addKeyValue("source", source)
            .addKeyValue("offset", entry.offset())
            .addKeyValue("problem", e.getMessage())
            .log("An event that waits cannot be read, and stays with all behind it");
        break;
      }
      publish(event, entry.offset());
      parked.remove(source, entry);
      published++;
    }
    if (published > 0) {
      shared.pace().get().processed(context);
    }
    if (published < head.size()) {
      parked.isFirst(source, head.get(published));
    }
    measure(source);
    return published > 0 && parked.has(source);
  }

  private void publish(ParkedEvent event, long offset) {
    LandingPosition position =
        new LandingPosition(shared.inbound(), context.taskId().partition(), offset);
    Record<byte[], Publication> made;
    try {
      made =
          shared
              .largeOnes()
              .make(event.landed().value(), () -> publications().again(event.landed(), position));
    } catch (KafkaException e) {
      throw e;
    } catch (RuntimeException e) {
      position
          .in(log.atError())
          .setCause(RulesFailure.of(e))
          .log("An event that waited could not be made again, and becomes a dead letter");
      made = publications().failed(event.landed(), position, e);
    }
    switch (made.value()) {
      case Publication.Event publication -> outlet.publish(made, publication);
      case Publication.DeadLetter ignored -> {
        letter(made);
        // As if it had never been an event: it can be driven again.
        event.ids().forEach(id -> seen.put(id, null, event.storeTime()));
      }
    }
  }

  private void letter(Record<byte[], Publication> made) {
    context.forward(made.withValue(made.value().value()), PipelineTopology.DEAD_LETTER_SINK);
    if (made.value() instanceof Publication.DeadLetter letter) {
      letter.published();
    }
  }

  private Publications publications() {
    if (madePublications == null) {
      madePublications = shared.publications().get();
    }
    return madePublications;
  }

  @Override
  public void close() {
    shared.meters().ended(this);
  }
}
