package io.penstock.ingest.dev;

import java.io.PrintWriter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Checks whether each sample came out exactly once, which is known when the pipeline has processed
 * the whole landing log. Events may be counted by any thread.
 */
final class OnceCheck {

  private final Map<String, Integer> expected;
  private final Map<String, Integer> seen = new ConcurrentHashMap<>();
  private final String bootstrapServers;
  private final String inbound;
  private final String group;

  /**
   * @param expected how many events each topic should get
   * @param inbound the landing log's topic
   * @param group the pipeline's consumer group
   */
  OnceCheck(Map<String, Integer> expected, String bootstrapServers, String inbound, String group) {
    this.expected = Map.copyOf(expected);
    this.bootstrapServers = bootstrapServers;
    this.inbound = inbound;
    this.group = group;
  }

  /** Counts an event. */
  void seen(LiveEvents.Event event) {
    seen.merge(event.topic(), 1, Integer::sum);
  }

  /** Whether the pipeline has committed everything that is in the landing log. */
  boolean isEverythingProcessed() throws InterruptedException, ExecutionException {
    Properties properties = new Properties();
    properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    try (Admin admin = Admin.create(properties)) {
      Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
      admin.describeTopics(List.of(inbound)).allTopicNames().get().values().stream()
          .flatMap(description -> description.partitions().stream())
          .forEach(
              partition ->
                  asked.put(
                      new TopicPartition(inbound, partition.partition()), OffsetSpec.latest()));
      Map<TopicPartition, ListOffsetsResultInfo> ends = admin.listOffsets(asked).all().get();
      Map<TopicPartition, OffsetAndMetadata> done =
          admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
      return ends.entrySet().stream()
          .allMatch(
              end -> {
                OffsetAndMetadata committed = done.get(end.getKey());
                return end.getValue().offset() == 0
                    || (committed != null && committed.offset() >= end.getValue().offset());
              });
    }
  }

  /** Prints what is wrong, if anything is; returns the exit status. */
  int report(PrintWriter err) {
    if (seen.equals(expected)) {
      return 0;
    }
    err.println("error: expected events by topic " + expected + ", and got " + seen);
    err.flush();
    return 1;
  }
}
