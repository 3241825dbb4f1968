package io.penstock.ingest.pipeline;

import io.penstock.ingest.cluster.Topics;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Tells where a partition of the landing log begins, and what the pipelines have committed. */
@FunctionalInterface
interface LandingOffsets extends AutoCloseable {

  /**
   * What Kafka says of a partition.
   *
   * @param start the offset of the oldest record that is still there
   * @param committed the offset up to which the pipelines have read; empty before their first
   *     commit
   */
  record Known(long start, OptionalLong committed) {}

  /**
   * Asks Kafka. Blocks, for ten seconds at most.
   *
   * @throws ExecutionException if Kafka refuses
   * @throws TimeoutException if it does not answer
   */
  Known ask(int partition) throws InterruptedException, ExecutionException, TimeoutException;

  /** Ends the client; without one, there is nothing to end. */
  @Override
  default void close() {}

  /** Asks by this client, and closes it. */
  static LandingOffsets by(Admin admin, Topics topics) {
    return new LandingOffsets() {
      @Override
      public Known ask(int partition)
          throws InterruptedException, ExecutionException, TimeoutException {
        TopicPartition asked = new TopicPartition(topics.inbound(), partition);
        var committed =
            admin
                .listConsumerGroupOffsets(
                    topics.group(), new ListConsumerGroupOffsetsOptions().requireStable(true))
                .partitionsToOffsetAndMetadata();
        var start = admin.listOffsets(Map.of(asked, OffsetSpec.earliest())).partitionResult(asked);
        @Nullable OffsetAndMetadata position = got(committed).get(asked);
        return new Known(
            got(start).offset(),
            position == null ? OptionalLong.empty() : OptionalLong.of(position.offset()));
      }

      @Override
      public void close() {
        // Otherwise it would wait for what was not answered in time.
        admin.close(Duration.ZERO);
      }
    };
  }

  private static <T> T got(KafkaFuture<T> answer)
      throws InterruptedException, ExecutionException, TimeoutException {
    return answer.get(5, TimeUnit.SECONDS);
  }
}
