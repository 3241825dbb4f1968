package io.penstock.ingest.lookup;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.deadletter.DeadLetter;
import io.penstock.ingest.landing.LandingHeaders;
import io.penstock.ingest.registry.WireFormatReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the records of Penstock's topics, each by the topic's name. Blocks while it requests a
 * schema that it does not know yet from the registry. For one thread.
 */
public final class Decoder implements AutoCloseable {

  private final String inbound;
  private final String deadLetter;

  /** Null where the configuration names no registry. */
  private final @Nullable WireFormatReader values;

  /** Connects to nothing yet. */
  public Decoder(Configuration configuration) {
    Topics topics = new Topics(configuration.topics().prefix());
    inbound = topics.inbound();
    deadLetter = topics.deadLetter();
    values =
        configuration.schemaRegistry().url().isEmpty()
            ? null
            : new WireFormatReader(configuration.schemaRegistry());
  }

  /**
   * Decodes a record of the landing log, of the dead letters, or of events.
   *
   * @return {@link Shown.Unreadable} where it cannot be read, never an exception for anything that
   *     the record holds
   * @throws io.penstock.ingest.registry.RegistryUnavailableException if the registry does not
   *     answer
   */
  public Shown shown(ConsumerRecord<byte[], byte[]> record) {
    RecordPosition position = RecordPosition.of(record);
    Instant time = Instant.ofEpochMilli(record.timestamp());
    try {
      if (record.topic().equals(inbound)) {
        return new Shown.Landed(
            position,
            time,
            LandingHeaders.read(record.key(), record.value(), record.headers()),
            LandingHeaders.wasSpooled(record.headers()));
      }
      if (values == null) {
        return new Shown.Unreadable(position, time, "schema-registry.url is needed to read it");
      }
      if (record.value() == null) {
        return new Shown.Unreadable(position, time, "it has no value");
      }
      GenericRecord value = values.read(record.value());
      return record.topic().equals(deadLetter)
          ? new Shown.Letter(
              position,
              time,
              DeadLetter.of(
                  new DeadLetter.Position(record.partition(), record.offset()),
                  time,
                  value,
                  record.headers()))
          : published(position, time, record, value);
    } catch (IOException
        | IllegalArgumentException
        | AvroRuntimeException
        | ClassCastException
        | NullPointerException e) {
      return new Shown.Unreadable(position, time, String.valueOf(e.getMessage()));
    }
  }

  private static Shown published(
      RecordPosition position,
      Instant time,
      ConsumerRecord<byte[], byte[]> record,
      GenericRecord event)
      throws IOException {
    GenericRecord metadata = (GenericRecord) event.get("metadata");
    Long occurredAt = (Long) metadata.get("occurredAt");
    return new Shown.Published(
        position,
        time,
        WireFormatReader.schemaId(record.value()),
        metadata.get("eventId").toString(),
        metadata.get("type").toString(),
        metadata.get("source").toString(),
        metadata.get("provider").toString(),
        metadata.get("entityKey").toString(),
        metadata.get("receiptId").toString(),
        occurredAt == null ? null : Instant.ofEpochMilli(occurredAt),
        Instant.ofEpochMilli((Long) metadata.get("receivedAt")),
        EventJson.of(event, "metadata"),
        headers(record));
  }

  private static Map<String, String> headers(ConsumerRecord<byte[], byte[]> record) {
    Map<String, String> headers = new HashMap<>();
    for (Header header : record.headers()) {
      headers.put(header.key(), header.value() == null ? "" : new String(header.value(), UTF_8));
    }
    return headers;
  }

  @Override
  public void close() {
    if (values != null) {
      try {
        values.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
