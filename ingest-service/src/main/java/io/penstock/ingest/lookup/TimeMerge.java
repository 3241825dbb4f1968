package io.penstock.ingest.lookup;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Merges the records of several partitions by their time stamps; each partition keeps its own
 * order. A record goes out when every partition that is not at its end has one waiting. For one
 * thread.
 */
final class TimeMerge {

  /** Records of one partition that wait: with more the partition is read no further for now. */
  private static final int MOST_RECORDS = 500;

  /** Bytes of one partition that wait. */
  private static final long MOST_BYTES = 4L * 1024 * 1024;

  private static final class Waiting {
    final Deque<ConsumerRecord<byte[], byte[]>> records = new ArrayDeque<>();
    long bytes;
    boolean ended;

    long time() {
      return records.getFirst().timestamp();
    }
  }

  private final Map<TopicPartition, Waiting> partitions = new HashMap<>();

  /** Those that have a record, by the time of their first. */
  private final PriorityQueue<Waiting> heads =
      new PriorityQueue<>(Comparator.comparingLong(Waiting::time));

  /** How many partitions are not at their end and have no record waiting. */
  private int empty;

  TimeMerge(Collection<TopicPartition> partitions) {
    partitions.forEach(each -> this.partitions.put(each, new Waiting()));
    empty = this.partitions.size();
  }

  private Waiting waiting(TopicPartition partition) {
    Waiting waiting = partitions.get(partition);
    if (waiting == null) {
      throw new IllegalArgumentException(partition + " is not one of those that are merged");
    }
    return waiting;
  }

  private static long size(ConsumerRecord<byte[], byte[]> record) {
    return Math.max(0L, record.serializedKeySize()) + Math.max(0L, record.serializedValueSize());
  }

  void add(TopicPartition partition, ConsumerRecord<byte[], byte[]> record) {
    Waiting waiting = waiting(partition);
    waiting.records.addLast(record);
    waiting.bytes += size(record);
    if (waiting.records.size() == 1) {
      heads.add(waiting);
      if (!waiting.ended) {
        empty--;
      }
    }
  }

  /** Nothing more comes of this partition. */
  void ended(TopicPartition partition) {
    Waiting waiting = waiting(partition);
    if (!waiting.ended) {
      waiting.ended = true;
      if (waiting.records.isEmpty()) {
        empty--;
      }
    }
  }

  /** Whether so much of a partition waits that no more of it should be read now. */
  boolean isFull(TopicPartition partition) {
    Waiting waiting = waiting(partition);
    return waiting.records.size() >= MOST_RECORDS || waiting.bytes >= MOST_BYTES;
  }

  /** The next record; null where one of a partition has to come first, or nothing is left. */
  @Nullable ConsumerRecord<byte[], byte[]> next() {
    if (empty > 0) {
      return null;
    }
    Waiting first = heads.poll();
    if (first == null) {
      return null;
    }
    ConsumerRecord<byte[], byte[]> record = first.records.removeFirst();
    first.bytes -= size(record);
    if (!first.records.isEmpty()) {
      heads.add(first);
    } else if (!first.ended) {
      empty++;
    }
    return record;
  }
}
