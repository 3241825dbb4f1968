package io.penstock.ingest.deadletter;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.hash.Hashing;
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
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Appends deliveries that ended as dead letters to the landing log again, under their own ids: one
 * that has become an event meanwhile is a copy, which the pipeline removes. It is recognized by its
 * id alone: an equal body that arrives now is another delivery.
 *
 * <p>Where equal bodies of a source are copies ({@code deduplicate-equal-within}), letters are
 * compared with each other, by the times at which they were landed first.
 *
 * <p>Blocks on Kafka, within bounds; for one thread, and one run over the letters in the order of
 * their topic.
 */
public final class Redrive implements AutoCloseable {

  /** In bytes: more than the largest body that a configuration allows. */
  private static final int LARGEST_REQUEST = 65 * 1024 * 1024;

  /** How long one append may take, in milliseconds. */
  private static final int APPEND_MILLIS = 30_000;

  /** The provider of records that no ingress wrote. */
  private static final String UNKNOWN = "unknown";

  private final Configuration configuration;
  private final Function<String, Optional<Provider>> providers;
  private final DeadLetters letters;
  private final String inbound;

  /** By content, the letters with which a time begins within which equal ones are copies. */
  private final Map<DeduplicationId, DeadLetter> firsts = new HashMap<>();

  private @Nullable KafkaProducer<byte[], byte[]> producer;

  /**
   * @param providers finds a provider by its name
   * @param letters finds bodies that did not fit their letter; not closed with this
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
     * Its source says that it is a copy of another letter, which comes before it.
     *
     * @param first the other letter's place
     */
    record Copy(DeadLetter.Position first) implements Plan {}

    /**
     * It would end as a dead letter again.
     *
     * @param why for the operator
     */
    record Hopeless(String why) implements Plan {}
  }

  /**
   * Applies today's rules to a letter; changes nothing in Kafka.
   *
   * @throws KafkaException if the letter's body has to be read from the landing log, and Kafka does
   *     not answer
   */
  public Plan plan(DeadLetter letter) {
    Provider provider = providers.apply(letter.provider()).orElse(null);
    if (provider == null) {
      return new Plan.Hopeless(
          letter.provider().equals(UNKNOWN)
              ? "no ingress wrote it, so its provider is not known"
              : "this version knows no provider "
                  + letter.provider()
                  + ", and no configured source has such a topic");
    }
    if (letter.reason().equals(Reason.UNSUPPORTED_CONTENT_TYPE.code())) {
      return new Plan.Hopeless("its body is compressed: it came with a Content-Encoding");
    }
    Redelivery delivery = new Redelivery(letter.entityKey(), letter.headers(), letter.body());
    if (letter.body().length == 0) {
      // Either there was none, or it did not fit the letter: the landing log knows.
      LandingRecord landed = letters.landed(letter);
      if (landed == null) {
        return new Plan.Hopeless(
            "it has no body, as one that did not fit has none, and the landing log keeps it no"
                + " longer");
      }
      delivery =
          new Redelivery(
              landed instanceof LandingRecord.Event ? landed.key() : null,
              landed.envelope().headers(),
              landed.body());
    }
    try {
      return plan(letter, provider, delivery);
    } catch (RuntimeException | StackOverflowError e) {
      return new Plan.Hopeless("the rules failed: " + e.getClass().getSimpleName());
    }
  }

  /** The delivery that a letter is about, read from the letter or from the landing log. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Redelivery(@Nullable String entityKey, Map<String, String> headers, byte[] body) {}

  private Plan plan(DeadLetter letter, Provider provider, Redelivery delivery) {
    return switch (provider.identify(delivery.body(), delivery.headers())) {
      case Identification.Malformed malformed ->
          new Plan.Hopeless("still malformed-json: " + malformed.detail());
      case Identification.Missing missing ->
          new Plan.Hopeless("still missing-identity: " + missing.detail());
      case Identification.Identified identified ->
          switch (provider.decode(delivery.body(), delivery.headers())) {
            case Decoding.Undecodable undecodable ->
                new Plan.Hopeless("still undecodable: " + undecodable.detail());
            case Decoding.Decoded decoded -> {
              DeadLetter.Position first =
                  identified.uniqueParts().isEmpty()
                      ? firstOfEquals(letter, delivery.body())
                      : null;
              yield first == null
                  ? new Plan.Ready(record(letter, identified, delivery))
                  : new Plan.Copy(first);
            }
          };
    };
  }

  /**
   * The position of the letter that this one is a copy of by its source's configuration; null if it
   * is not a copy. As in the pipeline, a copy does not renew the time.
   */
  private DeadLetter.@Nullable Position firstOfEquals(DeadLetter letter, byte[] body) {
    Duration within = equalWithin(letter.source());
    if (within == null) {
      return null;
    }
    DeduplicationId content =
        DeduplicationId.ofContent(letter.source(), Hashing.sha256().hashBytes(body).toString());
    DeadLetter first = firsts.get(content);
    if (first != null
        && !first.receiptId().equals(letter.receiptId())
        && Duration.between(first.landedAt(), letter.landedAt()).abs().compareTo(within) <= 0) {
      return first.position();
    }
    firsts.put(content, letter);
    return null;
  }

  private LandingRecord record(
      DeadLetter letter, Identification.Identified identified, Redelivery delivery) {
    // It keeps the key and id that it got when it arrived: copies of it may have the same.
    String entityKey = delivery.entityKey() == null ? identified.entityKey() : delivery.entityKey();
    String eventId = letter.eventId();
    return new LandingRecord.Event(
        new LandingRecord.LandingEnvelope(
            letter.source(),
            letter.provider(),
            letter.receiptId(),
            letter.receivedAt().toEpochMilli(),
            entityKey,
            null,
            letter.traceparent(),
            delivery.headers(),
            delivery.body()),
        eventId == null
            ? DeduplicationId.of(
                letter.source(), entityKey, identified.uniqueParts(), letter.receiptId())
            : new DeduplicationId(eventId),
        null); // an equal body that arrives now does not make it a copy
  }

  private @Nullable Duration equalWithin(String source) {
    return configuration.sources().stream()
        .filter(configured -> configured.name().equals(source))
        .findFirst()
        .map(Configuration.SourceConfig::equalWithin)
        .orElse(null);
  }

  /** What became of an append. */
  public sealed interface Appended {

    /** All in-sync replicas have the record. */
    record Done() implements Appended {}

    /**
     * The landing log does not take this record; it may take others.
     *
     * @param why for the operator
     */
    record Refused(String why) implements Appended {}

    /**
     * Kafka takes nothing. Whether it has the record all the same is unknown, and trying again is
     * harmless.
     *
     * @param why for the operator
     */
    record Failed(String why) implements Appended {}
  }

  /**
   * Appends a record to the landing log and waits until all in-sync replicas have it, for {@value
   * #APPEND_MILLIS} ms at most.
   */
  public Appended append(LandingRecord record) throws InterruptedException {
    ProducerRecord<byte[], byte[]> landing =
        new ProducerRecord<>(inbound, record.key().getBytes(UTF_8), record.body());
    LandingHeaders.write(
        record, (name, value) -> landing.headers().add(name, value.getBytes(UTF_8)));
    try {
      producer().send(landing).get();
      return new Appended.Done();
    } catch (ExecutionException e) {
      return e.getCause() instanceof RecordTooLargeException
          ? new Appended.Refused("the landing log did not take it: " + e.getCause().getMessage())
          : new Appended.Failed(String.valueOf(e.getCause()));
    } catch (KafkaException e) {
      return new Appended.Failed(e.toString());
    }
  }

  private KafkaProducer<byte[], byte[]> producer() {
    KafkaProducer<byte[], byte[]> open = producer;
    if (open == null) {
      Properties properties = ClientProperties.of(configuration.kafka());
      properties.put(ProducerConfig.CLIENT_ID_CONFIG, "penstock-redrive");
      properties.put(ProducerConfig.ACKS_CONFIG, "all");
      properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
      properties.put(ProducerConfig.LINGER_MS_CONFIG, "0");
      properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, APPEND_MILLIS / 2);
      properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, APPEND_MILLIS / 2);
      properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, APPEND_MILLIS / 3);
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
