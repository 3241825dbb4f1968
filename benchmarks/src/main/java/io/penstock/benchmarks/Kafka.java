package io.penstock.benchmarks;

import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;

/** What the harness itself wants of the broker. */
final class Kafka {

  private Kafka() {}

  private static Admin admin(String brokers) {
    Properties properties = new Properties();
    properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, brokers);
    return Admin.create(properties);
  }

  /** Makes a topic. */
  static void create(String brokers, String topic, int partitions) {
    try (Admin admin = admin(brokers)) {
      admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1))).all().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("The topic cannot be made", e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /**
   * Deletes the records of a topic, so that hours of load fit a small disk.
   *
   * @return how many records there have been since the topic was made
   */
  static long empty(String brokers, String topic) {
    try (Admin admin = admin(brokers)) {
      int partitions =
          admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions().size();
      Map<TopicPartition, OffsetSpec> latest =
          java.util.stream.IntStream.range(0, partitions)
              .mapToObj(number -> new TopicPartition(topic, number))
              .collect(Collectors.toMap(each -> each, each -> OffsetSpec.latest()));
      Map<TopicPartition, ListOffsetsResultInfo> ends = admin.listOffsets(latest).all().get();
      admin
          .deleteRecords(
              ends.entrySet().stream()
                  .collect(
                      Collectors.toMap(
                          Map.Entry::getKey,
                          end -> RecordsToDelete.beforeOffset(end.getValue().offset()))))
          .all()
          .get();
      return ends.values().stream().mapToLong(ListOffsetsResultInfo::offset).sum();
    } catch (ExecutionException e) {
      throw new IllegalStateException("The topic " + topic + " cannot be emptied", e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException(e);
  }
}
