package io.penstock.ingest.pipeline;

import java.util.Optional;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.slf4j.spi.LoggingEventBuilder;

/** Where a record stands in the landing log. */
record Position(String topic, int partition, long offset) {

  /** Of the record that a processor is working on. */
  static Position of(Optional<RecordMetadata> metadata) {
    return metadata
        .map(at -> new Position(at.topic(), at.partition(), at.offset()))
        .orElseGet(() -> new Position("", -1, -1));
  }

  /** Adds this to a line of the log. */
  LoggingEventBuilder in(LoggingEventBuilder line) {
    return line.addKeyValue("topic", topic)
        .addKeyValue("partition", partition)
        .addKeyValue("offset", offset);
  }
}
