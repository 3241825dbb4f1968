package io.penstock.ingest.pipeline;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.provider.EventSchemas;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.registry.FakeRegistry;
import io.penstock.ingest.registry.SchemaIds;
import io.penstock.ingest.tracing.Tracing;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;

/** A publisher of the real providers alone: what it makes of a landing record, byte for byte. */
final class Publishing {

  static final Topics TOPICS = new Topics("webhooks");

  final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  private final Publications publications;
  private long offset;

  /**
   * @param limits the largest records that the topics take
   */
  Publishing(List<Provider> providers, TopicLimits limits, @Nullable String sourceBase) {
    publications =
        new Publications(
            TOPICS,
            providers,
            schemaIds(providers),
            limits,
            new EventHeaders(sourceBase),
            new PipelineMeters(meters),
            Tracing.off());
  }

  private static SchemaIds schemaIds(List<Provider> providers) {
    Map<String, Schema> schemas = new HashMap<>();
    providers.forEach(p -> schemas.put(Topics.subject(TOPICS.events(p)), p.schema()));
    schemas.put(Topics.subject(TOPICS.deadLetter()), EventSchemas.deadLetter());
    try (FakeRegistry registry = new FakeRegistry()) {
      schemas.keySet().forEach(subject -> registry.knows(subject, 1));
      SchemaIds ids = new SchemaIds(registry.configuration(false), schemas);
      ids.resolve();
      return ids;
    }
  }

  /** What it is made into: an event or a dead letter, as its sink says. */
  Published publish(TestRecord<byte[], byte[]> landed) {
    Record<byte[], Publication> record =
        publications.of(
            new Record<>(landed.key(), landed.value(), landed.timestamp(), landed.headers()),
            new LandingPosition(TOPICS.inbound(), 0, offset++));
    return new Published(
        record.value() instanceof Publication.Event event
            ? event.sink()
            : PipelineTopology.DEAD_LETTER_SINK,
        new TestRecord<>(record.key(), record.value().value(), record.headers()));
  }

  /**
   * @param sink the node that would write it
   */
  record Published(String sink, TestRecord<byte[], byte[]> record) {

    boolean isDeadLetter() {
      return sink.equals(PipelineTopology.DEAD_LETTER_SINK);
    }
  }
}
