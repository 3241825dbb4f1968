package io.penstock.ingest.lookup;

import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.landing.KeyHash;
import io.penstock.ingest.lookup.ReadRange.End;
import io.penstock.ingest.lookup.ReadRange.Start;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Finds the landing records that events and dead letters were made from: their exact bytes, and the
 * headers that were kept. Blocks on Kafka. For one thread, but for {@link #wakeup}.
 */
public final class LandingLookup implements AutoCloseable {

  /** Landing records that were read on the way to another, and may be asked for next. */
  private static final int MOST_READ_AHEAD = 200;

  private static final long MOST_BYTES_AHEAD = 16L * 1024 * 1024;

  private final String inbound;
  private final TopicReader reader;
  private final Decoder decoder;
  private final Map<String, Shown.Landed> ahead = new LinkedHashMap<>();
  private long aheadBytes;

  /** Connects to nothing yet. */
  public LandingLookup(Configuration configuration) {
    inbound = new Topics(configuration.topics().prefix()).inbound();
    reader = new TopicReader(configuration.kafka(), "penstock-landing-lookup");
    decoder = new Decoder(configuration);
  }

  /**
   * The landing record of a record.
   *
   * @return null where the landing log no longer keeps it
   * @throws org.apache.kafka.common.KafkaException if Kafka does not answer
   */
  public Shown.@Nullable Landed of(Shown shown) {
    return switch (shown) {
      case Shown.Landed landed -> landed;
      case Shown.Published event -> of(event);
      case Shown.Letter letter -> {
        RecordPosition at = ShownJson.landed(letter.letter());
        ConsumerRecord<byte[], byte[]> record = at == null ? null : reader.at(at);
        yield record != null
                && decoder.shown(record) instanceof Shown.Landed landed
                && landed.landing().receiptId().equals(letter.letter().receiptId())
            ? landed
            : null;
      }
      case Shown.Unreadable unreadable -> null;
    };
  }

  /** An event has the time stamp and the key of its landing record. */
  private Shown.@Nullable Landed of(Shown.Published event) {
    Shown.Landed known = ahead.remove(event.receiptId());
    if (known != null) {
      aheadBytes -= known.landing().body().length;
      return known;
    }
    List<TopicPartition> partitions = reader.partitions(inbound);
    if (partitions.isEmpty()) {
      return null;
    }
    TopicPartition partition = partitions.get(KeyHash.of(event.entityKey()) % partitions.size());
    Shown.Landed found = find(event, List.of(partition));
    // The landing log may have had another number of partitions.
    return found == null && !reader.isWoken() ? find(event, partitions) : found;
  }

  private Shown.@Nullable Landed find(Shown.Published event, List<TopicPartition> partitions) {
    ahead.clear();
    aheadBytes = 0;
    Finding finding = new Finding(event.receiptId());
    reader.readPartitions(
        partitions,
        ReadRange.everything()
            .from(new Start.Since(event.timestamp()))
            .until(
                partitions.size() == 1
                    ? new End.Now()
                    : new End.Before(event.timestamp().plusMillis(1))),
        finding);
    return finding.found;
  }

  /** Reads a little further than to what it looks for. */
  private final class Finding implements TopicReader.Visitor {

    private final String receiptId;
    private Shown.@Nullable Landed found;
    private int looked;

    Finding(String receiptId) {
      this.receiptId = receiptId;
    }

    @Override
    public void accept(ConsumerRecord<byte[], byte[]> record) {
      looked++;
      if (decoder.shown(record) instanceof Shown.Landed landed) {
        if (found == null && landed.landing().receiptId().equals(receiptId)) {
          found = landed;
        } else if (found != null) {
          ahead.put(landed.landing().receiptId(), landed);
          aheadBytes += landed.landing().body().length;
        }
      }
    }

    @Override
    public boolean isDone() {
      return looked >= MOST_READ_AHEAD || aheadBytes >= MOST_BYTES_AHEAD;
    }
  }

  /** Ends the look-up that goes on, and each later one, at once. May be called by any thread. */
  public void wakeup() {
    reader.wakeup();
  }

  @Override
  public void close() {
    reader.close();
    decoder.close();
  }
}
