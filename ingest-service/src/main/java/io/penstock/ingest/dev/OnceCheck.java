package io.penstock.ingest.dev;

import java.io.PrintWriter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Whether each sample came out exactly once: it can only be told when the pipeline has gone through
 * the whole landing log.
 */
final class OnceCheck {

  private final Map<String, Integer> expected;
  private final Map<String, Integer> seen = new HashMap<>();
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

  void seen(EventReader.Event event) {
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

  /** Says on a stream what is wrong, if anything is; the status to end with. */
  int report(PrintWriter err) {
    if (seen.equals(expected)) {
      return 0;
    }
    err.println("error: expected events by topic " + expected + ", and got " + seen);
    err.flush();
    return 1;
  }
}
