package io.penstock.ingest.pausing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.cluster.ClientProperties;
import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.pausing.SourceState.Decision;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Pauses and resumes sources. Every pipeline instance follows within about a second of a change,
 * and this class does not see when it has. Blocks on Kafka, for some 15 seconds a call at most. For
 * one thread at a time.
 */
public final class PauseControl {

  private final Configuration configuration;
  private final InstantSource clock;

  /**
   * Connects to nothing yet.
   *
   * @param clock tells since when a source is paused
   */
  public PauseControl(Configuration configuration, InstantSource clock) {
    this.configuration = configuration;
    this.clock = clock;
  }

  /** What came of a change. */
  public sealed interface Change {

    /** It is written, on as many replicas as the control topic demands. */
    record Made(SourceState state) implements Change {}

    /** The source is in this state already, and nothing was written. */
    record Already(SourceState state) implements Change {}

    /** The source was never paused, and nothing was written. */
    record NeverPaused() implements Change {}

    /**
     * The configuration names no such source, and nothing was ever decided about one.
     *
     * @param configured those that it names
     */
    record Unknown(List<String> configured) implements Change {
      public Unknown {
        configured = List.copyOf(configured);
      }
    }

    /**
     * There is no control topic, or it may not be read or written.
     *
     * @param why in words for the operator, with what to do
     */
    record Unavailable(String why) implements Change {}
  }

  /** What is decided about sources now. */
  public PausedSources read() {
    return PausedSources.read(configuration);
  }

  /**
   * Pauses or resumes a source, unless it is in that state.
   *
   * @param by who decides: 1 to {@value SourceState#MOST_BY} characters
   * @param reason null where none is given
   * @throws IllegalArgumentException if a text is too long
   * @throws KafkaException if Kafka does not answer, or refuses: whether the change is made is then
   *     unknown
   */
  public Change decide(Decision decision, String source, String by, @Nullable String reason)
      throws InterruptedException {
    return switch (read()) {
      case PausedSources.Unavailable unavailable -> new Change.Unavailable(unavailable.why());
      case PausedSources.Known known ->
          decide(decision, source, by, reason, known.states().get(source));
    };
  }

  private Change decide(
      Decision decision,
      String source,
      String by,
      @Nullable String reason,
      @Nullable SourceState before)
      throws InterruptedException {
    List<String> configured =
        configuration.sources().stream().map(Configuration.SourceConfig::name).toList();
    if (before == null && !configured.contains(source)) {
      return new Change.Unknown(configured);
    }
    if (before == null && decision == Decision.RUNNING) {
      return new Change.NeverPaused();
    }
    if (before != null && before.decision() == decision) {
      return new Change.Already(before);
    }
    SourceState state =
        new SourceState(
            source, decision, clock.instant().truncatedTo(ChronoUnit.MILLIS), by, reason);
    return write(state);
  }

  private Change write(SourceState state) throws InterruptedException {
    String topic = new Topics(configuration.topics().prefix()).control();
    Properties properties = ClientProperties.of(configuration.kafka());
    properties.put(ProducerConfig.CLIENT_ID_CONFIG, "penstock-sources");
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, "10000");
    properties.put(ProducerConfig.LINGER_MS_CONFIG, "0");
    properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, "5000");
    properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, "10000");
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer
          .send(new ProducerRecord<>(topic, state.source().getBytes(UTF_8), state.bytes()))
          .get();
      return new Change.Made(state);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof AuthorizationException) {
        return new Change.Unavailable(
            "topic " + topic + " may not be written: grant Write on it to this account");
      }
      if (e.getCause() instanceof KafkaException cause) {
        throw cause;
      }
      throw new KafkaException(e.getCause());
    }
  }
}
