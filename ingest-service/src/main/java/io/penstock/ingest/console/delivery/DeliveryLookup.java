package io.penstock.ingest.console.delivery;

import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.lookup.Decoder;
import io.penstock.ingest.lookup.Pauses;
import io.penstock.ingest.lookup.RecordPosition;
import io.penstock.ingest.lookup.Shown;
import io.penstock.ingest.lookup.TopicReader;
import io.penstock.ingest.lookup.TraceQuery;
import io.penstock.ingest.lookup.TraceSearch;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Reads what pages of deliveries show: so many at a time, and each for so long. Blocks; for any
 * number of threads.
 */
final class DeliveryLookup {

  /** How many are read at a time: each has a few connections to Kafka. */
  private static final int MOST_AT_A_TIME = 8;

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Configuration configuration;
  private final Pauses pauses;
  private final Semaphore places = new Semaphore(MOST_AT_A_TIME);

  DeliveryLookup(Configuration configuration, Pauses pauses) {
    this.configuration = configuration;
    this.pauses = pauses;
  }

  /** Reads with a reader of its own. */
  @FunctionalInterface
  interface RecordReading<T> {
    T read(TopicReader reader, Decoder decoder);
  }

  /** Reads records. */
  <T> T reading(RecordReading<T> reading) throws InterruptedException {
    places.acquire();
    try (TopicReader reader = new TopicReader(configuration.kafka(), "penstock-console", PATIENCE);
        Decoder decoder = new Decoder(configuration)) {
      return reading.read(reader, decoder);
    } finally {
      places.release();
    }
  }

  /** The record at a position; empty where there is none. */
  Optional<Shown> at(RecordPosition position) throws InterruptedException {
    return reading(
        (reader, decoder) ->
            Optional.ofNullable(reader.at(position)).map(record -> decoder.shown(record)));
  }

  /** The value of a record as it stands in Kafka; empty where there is none. */
  Optional<byte[]> bytes(RecordPosition position) throws InterruptedException {
    return reading(
        (reader, decoder) -> Optional.ofNullable(reader.at(position)).map(ConsumerRecord::value));
  }

  /**
   * What was found.
   *
   * @param whole whether everything was looked through that was asked for
   */
  record Searched(TraceSearch.Found found, boolean whole, List<String> problems) {}

  /**
   * Searches for an id.
   *
   * @param since as in {@link TraceQuery}; null: as long as Kafka keeps it
   * @param longest after which it ends with nothing
   */
  Searched search(
      String id, @org.jspecify.annotations.Nullable Instant since, Duration longest, int limit)
      throws InterruptedException {
    places.acquire();
    List<String> problems = new ArrayList<>();
    try (TraceSearch search = new TraceSearch(configuration, pauses)) {
      CompletableFuture<Boolean> late =
          new CompletableFuture<Boolean>()
              .completeOnTimeout(true, longest.toMillis(), TimeUnit.MILLISECONDS);
      CompletableFuture<Void> woken =
          late.thenAccept(
              isLate -> {
                if (isLate) {
                  search.wakeup();
                }
              });
      TraceSearch.Found found =
          search.find(
              new TraceQuery(id, since, null, limit),
              new TraceSearch.Listener() {
                @Override
                public void unreadable(String problem) {
                  problems.add(problem);
                }
              });
      late.complete(false);
      woken.join();
      return new Searched(found, !late.join(), List.copyOf(problems));
    } finally {
      places.release();
    }
  }
}
