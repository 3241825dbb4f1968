package io.penstock.ingest.pipeline;

import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.registry.SchemaIds;
import io.penstock.ingest.registry.WireFormat;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** Encodes what is written to topics, and knows how much they take. For one stream task. */
final class RecordEncoder {

  private final SchemaIds schemaIds;
  private final TopicLimits limits;
  private final WireFormat wireFormat = new WireFormat();

  RecordEncoder(SchemaIds schemaIds, TopicLimits limits) {
    this.schemaIds = schemaIds;
    this.limits = limits;
  }

  /** A record's value, in the Confluent wire format. */
  byte[] encode(String topic, GenericRecord record) {
    return wireFormat.encode(schemaIds.id(Topics.subject(topic)), record);
  }

  /** The largest record that a topic takes, in bytes, as far as it is known. */
  int limit(String topic) {
    return limits.maxRecordBytes(topic);
  }

  /** A record was larger than its topic's limit, which may have been raised since it was read. */
  void limitReached() {
    limits.reached();
  }

  /** A record's size in its batch, in bytes, rounded up: key, value, headers and framing. */
  static int size(byte @Nullable [] key, byte[] value, Headers headers) {
    int size = 256 + value.length + (key == null ? 0 : key.length);
    for (var header : headers) {
      size += 16 + header.key().length() + (header.value() == null ? 0 : header.value().length);
    }
    return size;
  }
}
