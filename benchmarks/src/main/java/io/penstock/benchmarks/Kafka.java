package io.penstock.benchmarks;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
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

  /** Deletes the records of a topic, so that hours of load fit a small disk. */
  static void empty(String brokers, String topic) {
    try (Admin admin = admin(brokers)) {
      Map<TopicPartition, RecordsToDelete> all = new HashMap<>();
      ends(admin, topic)
          .forEach((partition, end) -> all.put(partition, RecordsToDelete.beforeOffset(end)));
      admin.deleteRecords(all).all().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("The topic " + topic + " cannot be emptied", e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** How many records were written to a topic since it was made. */
  static long count(String brokers, String topic) {
    try (Admin admin = admin(brokers)) {
      return ends(admin, topic).values().stream().mapToLong(Long::longValue).sum();
    } catch (ExecutionException e) {
      throw new IllegalStateException("The records of " + topic + " cannot be counted", e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static Map<TopicPartition, Long> ends(Admin admin, String topic)
      throws ExecutionException, InterruptedException {
    TopicDescription description =
        Objects.requireNonNull(
            admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic));
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    for (int i = 0; i < description.partitions().size(); i++) {
      latest.put(new TopicPartition(topic, i), OffsetSpec.latest());
    }
    Map<TopicPartition, Long> ends = new HashMap<>();
    admin
        .listOffsets(latest)
        .all()
        .get()
        .forEach((partition, found) -> ends.put(partition, found.offset()));
    return ends;
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException(e);
  }
}
