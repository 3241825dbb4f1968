package io.penstock.ingest.lookup;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.landing.KeyHash;
import io.penstock.ingest.lookup.ReadRange.End;
import io.penstock.ingest.lookup.ReadRange.Start;
import io.penstock.ingest.provider.ProviderCatalog;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** Finds single records in partitions. For one thread. */
final class RecordFinder {

  private static final long ANY_TIME = Long.MIN_VALUE;

  private final TopicReader reader;
  private final ProviderCatalog providers;

  /**
   * @param reader used by this alone while it works
   */
  RecordFinder(TopicReader reader, ProviderCatalog providers) {
    this.reader = reader;
    this.providers = providers;
  }

  /** The partition in which a topic has a key; null where there is no such topic. */
  @Nullable TopicPartition partition(String topic, String key) {
    List<TopicPartition> partitions = reader.partitions(topic);
    return partitions.isEmpty() ? null : partitions.get(KeyHash.of(key) % partitions.size());
  }

  /** The first record of a partition that is wanted; null where there is none. */
  @Nullable ConsumerRecord<byte[], byte[]> first(
      TopicPartition partition,
      Start start,
      End end,
      Predicate<ConsumerRecord<byte[], byte[]>> wanted) {
    Finding finding = new Finding(wanted, ANY_TIME);
    reader.readPartitions(
        List.of(partition), ReadRange.everything().from(start).until(end), finding);
    return finding.found;
  }

  /**
   * The first record of a partition that has an id in a header; null where there is none.
   *
   * @param header the header's name
   * @param wanted what else it must be
   */
  @Nullable ConsumerRecord<byte[], byte[]> first(
      TopicPartition partition,
      Start start,
      End end,
      String header,
      String id,
      Predicate<ConsumerRecord<byte[], byte[]>> wanted) {
    return find(partition, start, end, header, id, new Finding(wanted, ANY_TIME));
  }

  /**
   * The record of a time that has an id in a header, or else the last one that has it; null where
   * there is none.
   *
   * @param header the header's name
   * @param time of the record, in milliseconds since 1970
   * @param wanted what else it must be
   */
  @Nullable ConsumerRecord<byte[], byte[]> ofTime(
      TopicPartition partition,
      Start start,
      End end,
      String header,
      String id,
      long time,
      Predicate<ConsumerRecord<byte[], byte[]>> wanted) {
    return find(partition, start, end, header, id, new Finding(wanted, time));
  }

  private @Nullable ConsumerRecord<byte[], byte[]> find(
      TopicPartition partition, Start start, End end, String header, String id, Finding finding) {
    byte[] bytes = id.getBytes(UTF_8);
    finding.wanted =
        finding.wanted.and(
            record -> {
              Header found = record.headers().lastHeader(header);
              return found != null && Arrays.equals(found.value(), bytes);
            });
    reader.search(
        List.of(partition),
        ReadRange.everything().from(start).until(end),
        new IdMatch(providers, id),
        finding);
    return finding.found;
  }

  /** Finds one of a certain time, or else the last; with {@link #ANY_TIME}, the first. */
  private static final class Finding implements TopicReader.Visitor {

    private Predicate<ConsumerRecord<byte[], byte[]>> wanted;
    private final long best;
    private @Nullable ConsumerRecord<byte[], byte[]> found;
    private boolean done;

    Finding(Predicate<ConsumerRecord<byte[], byte[]>> wanted, long best) {
      this.wanted = wanted;
      this.best = best;
    }

    @Override
    public void accept(ConsumerRecord<byte[], byte[]> record) {
      if (wanted.test(record)) {
        found = record;
        done = best == ANY_TIME || record.timestamp() == best;
      }
    }

    @Override
    public boolean isDone() {
      return done;
    }
  }
}
