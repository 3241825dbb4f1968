package io.penstock.ingest.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.cluster.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyDescription;
import org.apache.kafka.streams.TopologyDescription.Node;
import org.apache.kafka.streams.TopologyDescription.Processor;
import org.apache.kafka.streams.TopologyDescription.Sink;
import org.apache.kafka.streams.TopologyDescription.Source;
import org.junit.jupiter.api.Test;

/**
 * The names by which a later version finds the state and the repartitioning of an earlier one: to
 * change one of them is to forget every id that was seen.
 */
class PipelineTopologyTest {

  private final Topology topology =
      PipelineTopology.of(
          new Topics("webhooks"),
          List.of(new ScriptedProvider("alpha"), new ScriptedProvider("beta")),
          Duration.ofHours(1),
          new LandingTime(
              () -> {
                throw new AssertionError("no record, no time");
              },
              correction -> {}),
          () -> {
            throw new AssertionError("no task, no publisher");
          },
          () -> {
            throw new AssertionError("no record, no commit");
          },
          largeOnes -> Parking.NONE,
          1_000_000,
          3,
          ModelReady.Wiring.NONE);

  private static String text(Node node) {
    return switch (node) {
      case Source source -> "reads " + source.topicSet();
      case Sink sink -> "writes " + sink.topic();
      case Processor processor -> "keeps " + new TreeSet<>(processor.stores());
      default -> throw new AssertionError(node);
    };
  }

  @Test
  void nodesTopicsAndStoresHaveTheNamesThatStateIsFoundBy() {
    // when
    Set<TopologyDescription.Subtopology> parts = topology.describe().subtopologies();
    // then
    assertThat(parts).hasSize(1);
    Map<String, String> nodes = new TreeMap<>();
    parts.forEach(part -> part.nodes().forEach(node -> nodes.put(node.name(), text(node))));
    assertThat(nodes)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "inbound", "reads [webhooks.inbound]",
                "decode", "keeps []",
                "deduplicate", "keeps [deduplication, parked]",
                "publish-alpha", "writes webhooks.alpha",
                "publish-beta", "writes webhooks.beta",
                "dead-letter", "writes webhooks.dead-letter"));
  }

  @Test
  void decodesBeforeItDeduplicates() {
    // when
    List<String> edges =
        topology.describe().subtopologies().stream()
            .flatMap(part -> part.nodes().stream())
            .flatMap(
                node -> node.successors().stream().map(next -> node.name() + " > " + next.name()))
            .toList();
    // then
    assertThat(edges)
        .containsExactlyInAnyOrder(
            "inbound > decode",
            "decode > deduplicate",
            "decode > dead-letter",
            "deduplicate > dead-letter",
            "deduplicate > publish-alpha",
            "deduplicate > publish-beta");
  }
}
