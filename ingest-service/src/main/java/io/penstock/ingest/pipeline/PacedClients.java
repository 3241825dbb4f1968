package io.penstock.ingest.pipeline;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaClientSupplier;

/** Makes the clients of the stream application; its main consumers keep the {@link CommitPace}. */
final class PacedClients implements KafkaClientSupplier {

  private final ThreadLocal<CommitPace> paces;

  /**
   * @param paces one for each stream thread
   */
  PacedClients(ThreadLocal<CommitPace> paces) {
    this.paces = paces;
  }

  @Override
  public Admin getAdmin(Map<String, Object> properties) {
    return Admin.create(properties);
  }

  @Override
  public Producer<byte[], byte[]> getProducer(Map<String, Object> properties) {
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  @Override
  public Consumer<byte[], byte[]> getConsumer(Map<String, Object> properties) {
    return new PacedConsumer(properties);
  }

  @Override
  public Consumer<byte[], byte[]> getRestoreConsumer(Map<String, Object> properties) {
    return consumer(properties);
  }

  @Override
  public Consumer<byte[], byte[]> getGlobalConsumer(Map<String, Object> properties) {
    return consumer(properties);
  }

  private static Consumer<byte[], byte[]> consumer(Map<String, Object> properties) {
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private final class PacedConsumer extends KafkaConsumer<byte[], byte[]> {

    PacedConsumer(Map<String, Object> properties) {
      super(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @Override
    public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
      CommitPace pace = paces.get();
      ConsumerRecords<byte[], byte[]> records = super.poll(pace.beforePoll(timeout));
      pace.afterPoll(records.count());
      return records;
    }
  }
}
