package io.penstock.ingest.deadletter;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.cluster.ClientProperties;
import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.delivery.DeduplicationId;
import io.penstock.ingest.delivery.Reason;
import io.penstock.ingest.landing.LandingHeaders;
import io.penstock.ingest.landing.LandingRecord;
import io.penstock.ingest.provider.Decoding;
import io.penstock.ingest.provider.Identification;
import io.penstock.ingest.provider.Provider;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Appends deliveries that ended as dead letters to the landing log again, under their own ids: what
 * has become an event meanwhile is a copy, which the pipeline removes. Blocks on Kafka; for one
 * thread.
 */
public final class Redrive implements AutoCloseable {

  /** The largest body that any configuration allows, and some. */
  private static final int LARGEST_REQUEST = 65 * 1024 * 1024;

  private final Configuration configuration;
  private final Function<String, Optional<Provider>> providers;
  private final DeadLetters letters;
  private final String inbound;
  private @Nullable KafkaProducer<byte[], byte[]> producer;

  /**
   * @param providers finds a provider by its name
   * @param letters where bodies are found that did not fit their letter; not closed with this
   */
  public Redrive(
      Configuration configuration,
      Function<String, Optional<Provider>> providers,
      DeadLetters letters) {
    this.configuration = configuration;
    this.providers = providers;
    this.letters = letters;
    this.inbound = new Topics(configuration.topics().prefix()).inbound();
  }

  /** What can be done with a letter. */
  public sealed interface Plan {

    /** By today's rules it is an event. */
    record Ready(LandingRecord record) implements Plan {}

    /**
     * It would end as a dead letter again.
     *
     * @param why for people
     */
    record Hopeless(String why) implements Plan {}
  }

  /** Applies today's rules to a letter; changes nothing. */
  public Plan plan(DeadLetter letter) {
    Provider provider = providers.apply(letter.provider()).orElse(null);
    if (provider == null) {
      return new Plan.Hopeless("this version knows no provider " + letter.provider());
    }
    byte[] body = letter.body();
    if (body.length == 0 && letter.reason().equals(Reason.PAYLOAD_TOO_LARGE.code())) {
      LandingRecord landed = letters.landed(letter);
      if (landed == null) {
        return new Plan.Hopeless(
            "its body did not fit the letter, and the landing log keeps it no longer");
      }
      body = landed.body();
    }
    try {
      return plan(letter, provider, body);
    } catch (RuntimeException | StackOverflowError e) {
      return new Plan.Hopeless("the rules failed: " + e.getClass().getSimpleName());
    }
  }

  private Plan plan(DeadLetter letter, Provider provider, byte[] body) {
    return switch (provider.identify(body, letter.headers())) {
      case Identification.Malformed malformed ->
          new Plan.Hopeless("still malformed-json: " + malformed.detail());
      case Identification.Missing missing ->
          new Plan.Hopeless("still missing-identity: " + missing.detail());
      case Identification.Identified identified ->
          switch (provider.decode(body, letter.headers())) {
            case Decoding.Undecodable undecodable ->
                new Plan.Hopeless("still undecodable: " + undecodable.detail());
            case Decoding.Decoded decoded -> new Plan.Ready(record(letter, identified, body));
          };
    };
  }

  private LandingRecord record(
      DeadLetter letter, Identification.Identified identified, byte[] body) {
    List<String> parts = identified.uniqueParts();
    String eventId = letter.eventId();
    String entityKey = letter.entityKey();
    return new LandingRecord(
        letter.source(),
        letter.provider(),
        letter.receiptId(),
        letter.receivedAt().toEpochMilli(),
        // What it was given when it arrived stays: copies of it may have been given the same.
        entityKey == null ? identified.entityKey() : entityKey,
        eventId == null
            ? DeduplicationId.of(
                letter.source(),
                entityKey == null ? identified.entityKey() : entityKey,
                parts,
                letter.receiptId())
            : new DeduplicationId(eventId),
        parts.isEmpty() ? equalWithin(letter.source()) : null,
        null,
        null,
        null,
        letter.traceparent(),
        letter.headers(),
        body);
  }

  private @Nullable Duration equalWithin(String source) {
    return configuration.sources().stream()
        .filter(configured -> configured.name().equals(source))
        .findFirst()
        .map(Configuration.Source::equalWithin)
        .orElse(null);
  }

  /**
   * Appends a record to the landing log and waits until all in-sync replicas have it.
   *
   * @throws ExecutionException if Kafka does not take it; whether it has it all the same is
   *     unknown, and trying again is harmless
   */
  public void append(LandingRecord record) throws ExecutionException, InterruptedException {
    ProducerRecord<byte[], byte[]> landing =
        new ProducerRecord<>(inbound, record.key().getBytes(UTF_8), record.body());
    LandingHeaders.write(
        record, (name, value) -> landing.headers().add(name, value.getBytes(UTF_8)));
    producer().send(landing).get();
  }

  private KafkaProducer<byte[], byte[]> producer() {
    KafkaProducer<byte[], byte[]> open = producer;
    if (open == null) {
      Properties properties = ClientProperties.of(configuration.kafka());
      properties.put(ProducerConfig.CLIENT_ID_CONFIG, "penstock-redrive");
      properties.put(ProducerConfig.ACKS_CONFIG, "all");
      properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
      properties.put(ProducerConfig.LINGER_MS_CONFIG, "0");
      properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, "15000");
      properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, LARGEST_REQUEST);
      properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 2L * LARGEST_REQUEST);
      open = new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
      producer = open;
    }
    return open;
  }

  @Override
  public void close() {
    if (producer != null) {
      producer.close(Duration.ofSeconds(5));
    }
  }
}
