package io.penstock.ingest.lookup;

import java.time.Instant;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * Which records of some partitions are read, and in which order.
 *
 * @param start the first record of each partition
 * @param end where each partition ends
 * @param order in which the records are handed out
 */
public record ReadRange(Start start, End end, Order order) {

  /** What there is now, from the earliest on, partition by partition as it comes. */
  public static ReadRange everything() {
    return new ReadRange(new Start.Earliest(), new End.Now(), Order.ARRIVAL);
  }

  /** The same with another start. */
  public ReadRange from(Start other) {
    return new ReadRange(other, end, order);
  }

  /** The same with another end. */
  public ReadRange until(End other) {
    return new ReadRange(start, other, order);
  }

  /** The same in another order. */
  public ReadRange in(Order other) {
    return new ReadRange(start, end, other);
  }

  /** The first record of each partition. */
  public sealed interface Start {

    /** The first that Kafka still keeps. */
    record Earliest() implements Start {}

    /** The first that is written from now on. */
    record Latest() implements Start {}

    /**
     * The first with this time stamp or a later one. What follows it may be older all the same.
     *
     * @param time of the record, in milliseconds
     */
    record Since(Instant time) implements Start {}

    /**
     * The same offset in every partition, or the earliest that Kafka still keeps.
     *
     * @param offset from 0 up
     */
    record Offset(long offset) implements Start {}

    /** An offset for each partition; a partition that is not named starts at its earliest. */
    record Offsets(Map<TopicPartition, Long> offsets) implements Start {
      public Offsets {
        offsets = Map.copyOf(offsets);
      }
    }
  }

  /** Where the partitions end. */
  public sealed interface End {

    /** Behind what is committed when the read begins. */
    record Now() implements End {}

    /** Before the first record with this time stamp or a later one, or as {@link Now}. */
    record Before(Instant time) implements End {}

    /**
     * Before an offset of each partition; a partition that is not named has none.
     *
     * @param offsets the first that does not count
     */
    record Offsets(Map<TopicPartition, Long> offsets) implements End {
      public Offsets {
        offsets = Map.copyOf(offsets);
      }
    }

    /** Never: what is written later is read when it comes. */
    record Never() implements End {}
  }

  /** In which order the records of several partitions are handed out. */
  public enum Order {
    /** As they come: each partition's own order, and nothing between partitions. */
    ARRIVAL,
    /**
     * By their time stamps over all partitions, each partition's own order kept. Only for a read
     * with an end.
     */
    TIME
  }
}
