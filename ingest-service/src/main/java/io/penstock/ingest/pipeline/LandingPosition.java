package io.penstock.ingest.pipeline;

import java.util.Optional;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.slf4j.spi.LoggingEventBuilder;

/** Where a record stands in the landing log. */
record LandingPosition(String topic, int partition, long offset) {

  /** Of the record that a processor is working on. */
  static LandingPosition of(Optional<RecordMetadata> metadata) {
    return metadata
        .map(at -> new LandingPosition(at.topic(), at.partition(), at.offset()))
        .orElseGet(() -> new LandingPosition("", -1, -1));
  }

  /** As {@code TOPIC-PARTITION-OFFSET}. */
  String text() {
    return topic + "-" + partition + "-" + offset;
  }

  /** Adds this to a line of the log. */
  LoggingEventBuilder in(LoggingEventBuilder line) {
    return line.addKeyValue("topic", topic)
        .addKeyValue("partition", partition)
        .addKeyValue("offset", offset);
  }
}
