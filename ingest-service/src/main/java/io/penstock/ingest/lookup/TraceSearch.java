package io.penstock.ingest.lookup;

import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.provider.ProviderCatalog;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Finds what became of deliveries: by a receipt id, an event id, an id of the provider's own, or a
 * position. Reads Kafka alone, committed records only, and changes nothing. Blocks on Kafka and on
 * the registry. For one thread, but for {@link #wakeup}, which any may call.
 */
public final class TraceSearch implements AutoCloseable {

  static final String CLIENT = "penstock-trace";

  final Configuration configuration;
  final Topics topics;
  final ProviderCatalog providers;
  private final Pauses pauses;
  final TopicReader reader;
  final Decoder decoder;
  final WideRead wide;

  /**
   * Connects to nothing yet.
   *
   * @param pauses tells which sources are paused
   * @throws KafkaException if the client refuses a property of the configuration
   */
  public TraceSearch(Configuration configuration, Pauses pauses) {
    this.configuration = configuration;
    this.topics = new Topics(configuration.topics().prefix());
    this.providers = ProviderCatalog.of(configuration);
    this.pauses = pauses;
    reader = TopicReader.forSearches(configuration.kafka(), CLIENT);
    decoder = new Decoder(configuration);
    wide = new WideRead(configuration.kafka(), CLIENT, reader);
  }

  /**
   * What was found.
   *
   * @param traces of the deliveries, in the order in which they were received
   * @param more whether there are older ones than the limit allows
   * @param looked how many records were looked at
   * @param decoded how many of those were decoded: their bytes did not tell them apart from what
   *     was looked for
   */
  public record Found(List<Trace> traces, boolean more, long looked, long decoded) {
    public Found {
      traces = List.copyOf(traces);
    }
  }

  /** Hears of the search on the thread that searches. */
  public interface Listener {

    /** Hears nothing. */
    Listener NONE = new Listener() {};

    /**
     * A part of Kafka is looked through; called twice a second at most.
     *
     * @param where what is looked through, in words
     */
    default void progress(String where, ReadProgress progress) {}

    /**
     * Something cannot be looked at now.
     *
     * @param problem for the operator
     */
    default void unreadable(String problem) {}
  }

  /** Ends the search that goes on, and each later one, at once. May be called by any thread. */
  public void wakeup() {
    wide.wakeup();
  }

  /**
   * Searches.
   *
   * @return nothing where {@link #wakeup} was called
   * @throws KafkaException if Kafka does not answer, or there is no landing log
   * @throws io.penstock.ingest.registry.RegistryUnavailableException if the registry does not
   *     answer
   */
  public Found find(TraceQuery query, Listener listener) {
    return new TraceRun(this, query, listener).find();
  }

  /** Finds what became of landing records, by where the pipeline is. */
  FateFinder finder(Map<TopicPartition, Long> committed) {
    return new FateFinder(configuration, reader, decoder, committed, pauses);
  }

  @Override
  public void close() {
    wide.close();
    reader.close();
    decoder.close();
  }
}
