package io.penstock.ingest.lookup;

import io.penstock.ingest.cluster.ClientProperties;
import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.config.Configuration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Where the pipeline is in the landing log. */
final class PipelineOffsets {

  private static final int ADMIN_SECONDS = 15;

  private PipelineOffsets() {}

  /** Up to where the pipeline has committed the landing log. */
  static Map<TopicPartition, Long> committed(Configuration configuration) {
    Topics topics = new Topics(configuration.topics().prefix());
    Properties properties = ClientProperties.ofShortLived(configuration.kafka());
    properties.put(CommonClientConfigs.CLIENT_ID_CONFIG, TraceSearch.CLIENT);
    properties.put(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, "15000");
    properties.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, "10000");
    Map<TopicPartition, Long> committed = new HashMap<>();
    try (Admin admin = Admin.create(properties)) {
      for (Map.Entry<TopicPartition, @Nullable OffsetAndMetadata> each :
          admin
              .listConsumerGroupOffsets(topics.group())
              .partitionsToOffsetAndMetadata()
              .get(ADMIN_SECONDS, TimeUnit.SECONDS)
              .entrySet()) {
        OffsetAndMetadata offset = each.getValue();
        if (offset != null) {
          committed.put(each.getKey(), offset.offset());
        }
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return Map.of(); // no pipeline has run yet
      }
      throw e.getCause() instanceof KafkaException kafka ? kafka : new KafkaException(e);
    } catch (java.util.concurrent.TimeoutException e) {
      throw new TimeoutException("the pipeline's group was not described", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptException(e);
    }
    return committed;
  }
}
