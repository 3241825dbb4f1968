package io.penstock.ingest.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.config.ModelReadyConfig;
import io.penstock.ingest.delivery.DeduplicationId;
import io.penstock.ingest.landing.LandingRecord;
import io.penstock.ingest.provider.ModelReadiness.Sign;
import io.penstock.ingest.provider.Provider;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Publishes that a model can be used when it is both processed and active, and that it can no
 * longer be used. It judges what is published, so copies are removed before and events of paused
 * sources count when they are released. The events of a model are in one partition; the store, its
 * changelog, what is published and the offsets commit together.
 *
 * <p>What is known of a model is forgotten once nothing has changed for the retention. A schedule
 * by the records' time looks through the store once a day, a part each hour.
 *
 * <p>For one stream task.
 */
final class ModelReady implements ReadinessJudge {

  /** The store of what is known of models, by source and entity key. */
  static final String STORE = Topics.MODEL_READY_STORE;

  /** How often a part of the store is looked through. */
  static final Duration SWEEP = Duration.ofHours(1);

  /** At least so many states at a time. */
  private static final int LEAST_SWEPT = 1000;

  /** The parts into which the store is divided, if it is large. */
  private static final int PARTS = 24;

  private final Shared shared;
  private final long retentionMillis;
  private final long ignoreBefore;
  private final ModelReadyMaker maker;
  private KeyValueStore<byte[], byte[]> states;
  private ProcessorContext<byte[], byte[]> context;
  private long held;
  private byte @Nullable [] cursor;

  /**
   * What all tasks of a process share.
   *
   * @param makers asked once for each task
   */
  record Shared(
      ModelReadyConfig config, Supplier<ModelReadyMaker> makers, ModelReadyMeters meters) {}

  /**
   * What the topology needs of it.
   *
   * @param judges asked once for each task
   * @param sinks the topics by the names of the nodes that write them; empty where nothing is
   *     judged
   */
  record Wiring(Supplier<ReadinessJudge> judges, Map<String, String> sinks) {

    /** Nothing is judged. */
    static final Wiring NONE = new Wiring(() -> ReadinessJudge.NONE, Map.of());

    static Wiring of(Topics topics, List<Provider> providers, Shared shared) {
      Map<String, String> sinks = new LinkedHashMap<>();
      for (Provider provider : providers) {
        provider
            .modelReadiness()
            .ifPresent(
                readiness -> sinks.put(sink(readiness.topic()), topics.modelReady(readiness)));
      }
      return new Wiring(() -> new ModelReady(shared), sinks);
    }
  }

  @SuppressWarnings("NullAway.Init") // the rest is there once open has been called
  ModelReady(Shared shared) {
    this.shared = shared;
    this.retentionMillis = shared.config().retention().toMillis();
    this.ignoreBefore =
        shared.config().ignoreBefore() == null
            ? Long.MIN_VALUE
            : shared.config().ignoreBefore().toEpochMilli();
    this.maker = shared.makers().get();
  }

  /** The node that writes to a topic. */
  static String sink(String topic) {
    return "publish-" + topic;
  }

  @Override
  public void open(ProcessorContext<byte[], byte[]> processorContext) {
    context = processorContext;
    states = processorContext.getStateStore(STORE);
    try (KeyValueIterator<byte[], byte[]> all = states.all()) {
      for (; all.hasNext(); all.next()) {
        held++;
      }
    }
    measure();
    context.schedule(SWEEP, PunctuationType.STREAM_TIME, this::sweep);
  }

  @Override
  public void published(Record<byte[], Publication> event, Publication.Event publication, long at) {
    switch (publication.sign()) {
      case Sign.Nothing nothing -> {}
      case Sign.Unclear unclear -> publication.meters().unclearModel(unclear.lack());
      case Sign.Known known -> {
        if (at >= ignoreBefore
            && publication.landing().record() instanceof LandingRecord.Event delivery) {
          judge(event, publication, delivery, known, at);
        }
      }
    }
  }

  private void judge(
      Record<byte[], Publication> event,
      Publication.Event publication,
      LandingRecord.Event delivery,
      Sign.Known sign,
      long at) {
    PipelineMeters.PerSource meters = publication.meters();
    if (!sign.doubt().isEmpty()) {
      meters.unclearModel(sign.doubt());
    }
    byte[] key = key(delivery.source(), delivery.key());
    byte[] stored = states.get(key);
    ModelState before = ModelState.read(stored).since(Math.max(ignoreBefore, at - retentionMillis));
    ModelState.Step step =
        before.with(
            sign,
            delivery.deduplicationId().hex(),
            at,
            (processed, activation) ->
                DeduplicationId.ofModelReady(
                        delivery.source(), delivery.key(), processed, activation)
                    .hex());
    if (step.effect().changesState()) {
      states.put(key, step.state().bytes());
      held += stored == null ? 1 : 0;
      measure();
    }
    switch (step.effect()) {
      case ModelState.Effect.Repeated repeated -> {}
      case ModelState.Effect.Late late -> meters.lateModel();
      case ModelState.Effect.Noted noted -> {}
      case ModelState.Effect.Ready ready -> {
        forward(event, maker.ready(publication, delivery, sign, ready));
        meters.modelEvent(PipelineMeters.READY);
      }
      case ModelState.Effect.Withdrawn withdrawn -> {
        forward(event, maker.withdrawn(publication, delivery, sign, withdrawn.readied()));
        meters.modelEvent(PipelineMeters.WITHDRAWN);
      }
    }
  }

  private void forward(Record<byte[], Publication> event, ModelReadyMaker.Made made) {
    context.forward(
        new Record<>(event.key(), made.value(), event.timestamp(), made.headers()), made.sink());
  }

  /** Removes the states of a part of the store that are older than the retention. */
  private void sweep(long now) {
    long oldest = Math.max(ignoreBefore, now - retentionMillis);
    long most = Math.max(LEAST_SWEPT, held / PARTS);
    List<byte[]> expired = new ArrayList<>();
    try (KeyValueIterator<byte[], byte[]> part =
        cursor == null ? states.all() : states.range(cursor, null)) {
      for (; most > 0 && part.hasNext(); most--) {
        KeyValue<byte[], byte[]> entry = part.next();
        ModelState state = ModelState.read(entry.value);
        // What another version has written stays.
        if (!state.isEmpty() && state.lastAt() < oldest) {
          expired.add(entry.key);
        }
      }
      cursor = part.hasNext() ? part.peekNextKey() : null;
    }
    expired.forEach(states::delete);
    held -= expired.size();
    measure();
  }

  private void measure() {
    shared.meters().held(this, held);
  }

  /** Names of sources have no zero byte. */
  private static byte[] key(String source, String entityKey) {
    byte[] first = source.getBytes(UTF_8);
    byte[] second = entityKey.getBytes(UTF_8);
    return ByteBuffer.allocate(first.length + 1 + second.length)
        .put(first)
        .put((byte) 0)
        .put(second)
        .array();
  }

  @Override
  public void close() {
    shared.meters().ended(this);
  }
}
