package io.penstock.ingest.pipeline;

import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.provider.Provider;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.Stores;

/**
 * The pipeline's shape. Every node and the store are named, so that another version finds its state
 * again.
 */
final class PipelineTopology {

  /** How far the brokers' clocks may be apart: the store keeps that much more than the window. */
  private static final Duration CLOCKS = Duration.ofMinutes(10);

  private static final String INBOUND_NODE = "inbound";

  private PipelineTopology() {}

  /**
   * @param publishers called once for each task
   * @param replicationFactor of the store's changelog
   */
  static Topology of(
      Topics topics,
      List<Provider> providers,
      Duration window,
      Supplier<Publisher> publishers,
      int replicationFactor) {
    var bytes = Serdes.ByteArray();
    Topology topology = new Topology();
    topology.addSource(INBOUND_NODE, bytes.deserializer(), bytes.deserializer(), topics.inbound());
    topology.addProcessor(Decode.NODE, () -> new Decode(publishers), INBOUND_NODE);
    topology.addProcessor(Deduplicate.NODE, () -> new Deduplicate(window), Decode.NODE);
    topology.addStateStore(
        Stores.windowStoreBuilder(
                Stores.persistentWindowStore(Deduplicate.STORE, window.plus(CLOCKS), window, false),
                bytes,
                bytes)
            .withLoggingEnabled(Map.of("min.insync.replicas", replicationFactor > 2 ? "2" : "1")),
        Deduplicate.NODE);
    for (Provider provider : providers) {
      topology.addSink(
          Publisher.sink(provider),
          topics.events(provider),
          bytes.serializer(),
          bytes.serializer(),
          Deduplicate.NODE);
    }
    topology.addSink(
        Publisher.DEAD_LETTER_SINK,
        topics.deadLetter(),
        bytes.serializer(),
        bytes.serializer(),
        Decode.NODE);
    return topology;
  }
}
