package io.penstock.ingest.pipeline;

import io.penstock.ingest.cluster.PauseRequirement;
import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.provider.Provider;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.TimestampExtractor;
import org.apache.kafka.streams.state.Stores;

/**
 * The pipeline's shape. Every node and the store are named, so that another version finds its state
 * again.
 */
final class PipelineTopology {

  private static final String INBOUND_NODE = "inbound";

  /** The store in which events of paused sources wait. */
  static final String PARKED_STORE = Topics.PARKED_STORE;

  /** The node that writes dead letters. */
  static final String DEAD_LETTER_SINK = "dead-letter";

  private PipelineTopology() {}

  /** The node that writes a provider's events. */
  static String sink(Provider provider) {
    return "publish-" + provider.name();
  }

  /**
   * How long the store keeps an id: by how far clocks may be apart, longer than the window. A store
   * on disk is divided by this time, so one that was made with another cannot be read.
   */
  static Duration retention(Duration window) {
    return window.plus(LandingTime.TOLERANCE);
  }

  /**
   * @param time what a landing record's time is
   * @param publications called once for each task
   * @param pace of the stream thread that asks
   * @param parking called once for each task: where events of paused sources wait
   * @param parkedBytes the largest record of the changelog of the events that wait
   * @param replicationFactor of the stores' changelogs
   * @param modelReady what judges which models can be used
   */
  static Topology of(
      Topics topics,
      List<Provider> providers,
      Duration window,
      TimestampExtractor time,
      Supplier<Publications> publications,
      Supplier<CommitPace> pace,
      Function<LargeOnes, Parking> parking,
      int parkedBytes,
      int replicationFactor,
      ModelReady.Wiring modelReady) {
    var bytes = Serdes.ByteArray();
    Topology topology = new Topology();
    topology.addSource(
        AutoOffsetReset.earliest(),
        INBOUND_NODE,
        time,
        bytes.deserializer(),
        bytes.deserializer(),
        topics.inbound());
    LargeOnes largeOnes = new LargeOnes();
    topology.addProcessor(
        Decode.NODE, () -> new Decode(publications, largeOnes, pace), INBOUND_NODE);
    topology.addProcessor(
        Deduplicate.NODE,
        () -> new Deduplicate(window, parking.apply(largeOnes), modelReady.judges().get()),
        Decode.NODE);
    topology.addStateStore(
        Stores.windowStoreBuilder(
                Stores.persistentWindowStore(Deduplicate.STORE, retention(window), window, false),
                bytes,
                bytes)
            .withLoggingEnabled(
                Map.of(
                    TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG,
                    replicationFactor > 2 ? "2" : "1",
                    TopicConfig.MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG,
                    Long.toString(Long.MAX_VALUE),
                    TopicConfig.MESSAGE_TIMESTAMP_BEFORE_MAX_MS_CONFIG,
                    Long.toString(Long.MAX_VALUE))),
        Deduplicate.NODE);
    topology.addStateStore(
        Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(PARKED_STORE), bytes, bytes)
            .withLoggingEnabled(
                PauseRequirement.changelogConfiguration(parkedBytes, replicationFactor)),
        Deduplicate.NODE);
    if (!modelReady.sinks().isEmpty()) {
      topology.addStateStore(
          Stores.keyValueStoreBuilder(
                  Stores.persistentKeyValueStore(ModelReady.STORE), bytes, bytes)
              .withLoggingEnabled(PauseRequirement.changelogConfiguration(0, replicationFactor)),
          Deduplicate.NODE);
    }
    modelReady
        .sinks()
        .forEach(
            (sink, topic) ->
                topology.addSink(
                    sink, topic, bytes.serializer(), bytes.serializer(), Deduplicate.NODE));
    for (Provider provider : providers) {
      topology.addSink(
          sink(provider),
          topics.events(provider),
          bytes.serializer(),
          bytes.serializer(),
          Deduplicate.NODE);
    }
    topology.addSink(
        DEAD_LETTER_SINK,
        topics.deadLetter(),
        bytes.serializer(),
        bytes.serializer(),
        Decode.NODE,
        Deduplicate.NODE);
    return topology;
  }
}
