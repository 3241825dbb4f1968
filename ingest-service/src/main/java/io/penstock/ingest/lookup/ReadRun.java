package io.penstock.ingest.lookup;

import io.penstock.ingest.lookup.ReadRange.End;
import io.penstock.ingest.lookup.ReadRange.Order;
import io.penstock.ingest.lookup.ReadRange.Start;
import io.penstock.ingest.lookup.TopicReader.Ended;
import io.penstock.ingest.lookup.TopicReader.Visitor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One read of a {@link TopicReader}. */
final class ReadRun {

  /** How often a read without an end looks for topics and partitions that are new. */
  private static final Duration LOOK = Duration.ofSeconds(5);

  private static final Duration TELL = Duration.ofMillis(500);

  private final TopicReader reader;
  private final Consumer<byte[], byte[]> consumer;
  private final Collection<String> topics;
  private final ReadRange range;
  private final Visitor visitor;
  private final List<TopicPartition> unread = new ArrayList<>();
  private final Map<TopicPartition, Long> starts = new HashMap<>();
  private final Map<TopicPartition, Long> positions = new HashMap<>();
  private final Map<TopicPartition, Long> ends = new HashMap<>();
  private @Nullable TimeMerge merge;
  private long advancedAt = System.nanoTime();
  private long lookedAt = advancedAt;
  private long toldAt = advancedAt;

  /**
   * @param topics those to look for; none where the partitions are given
   */
  ReadRun(
      TopicReader reader,
      Consumer<byte[], byte[]> consumer,
      Collection<String> topics,
      ReadRange range,
      Visitor visitor) {
    this.reader = reader;
    this.consumer = consumer;
    this.topics = topics;
    this.range = range;
    this.visitor = visitor;
  }

  private boolean follows() {
    return range.end() instanceof End.Never;
  }

  private long end(TopicPartition partition) {
    return ends.getOrDefault(partition, 0L);
  }

  /** Reads these partitions. */
  Ended over(List<TopicPartition> partitions) {
    consumer.assign(partitions);
    add(partitions, range.start());
    if (range.order() == Order.TIME) {
      TimeMerge merged = new TimeMerge(partitions);
      partitions.stream().filter(each -> !unread.contains(each)).forEach(merged::ended);
      merge = merged;
    }
    Ended ended = loop();
    tell();
    return ended;
  }

  private void add(List<TopicPartition> partitions, Start start) {
    ends.putAll(reader.ends(partitions, range.end()));
    for (Map.Entry<TopicPartition, Long> each : reader.starts(partitions, start).entrySet()) {
      TopicPartition partition = each.getKey();
      starts.put(partition, each.getValue());
      positions.put(partition, each.getValue());
      consumer.seek(partition, each.getValue());
      if (each.getValue() < end(partition)) {
        unread.add(partition);
        consumer.resume(List.of(partition));
      } else {
        consumer.pause(List.of(partition));
      }
    }
  }

  private Ended loop() {
    while (true) {
      if (reader.isWoken()) {
        return Ended.WOKEN;
      }
      if (visitor.isDone()) {
        return Ended.DONE;
      }
      if (unread.isEmpty()) {
        return Ended.AT_END;
      }
      lookAround();
      Ended ended = step();
      if (ended != Ended.AT_END) {
        return ended;
      }
    }
  }

  private void lookAround() {
    long now = System.nanoTime();
    if (!follows() && now - advancedAt > reader.patience().toNanos()) {
      throw new TimeoutException(
          "no record came for %d s of %s".formatted(reader.patience().toSeconds(), unread));
    }
    if (follows() && !topics.isEmpty() && now - lookedAt > LOOK.toNanos()) {
      look();
      lookedAt = System.nanoTime();
    }
    if (now - toldAt > TELL.toNanos()) {
      tell();
      toldAt = now;
    }
  }

  /** Reads once. Returns {@link Ended#AT_END} at the end of what came. */
  private Ended step() {
    TimeMerge merged = merge;
    ConsumerRecords<byte[], byte[]> records = consumer.poll(TopicReader.POLL);
    Map<TopicPartition, Skim.Passed> passed = passed(records);
    for (ConsumerRecord<byte[], byte[]> record : records) {
      TopicPartition partition = new TopicPartition(record.topic(), record.partition());
      if (record.offset() >= end(partition)
          || passed.getOrDefault(partition, Skim.Passed.NONE).contains(record.offset())) {
        continue;
      }
      if (merged != null) {
        merged.add(partition, record);
      } else if (visitor.isDone()) {
        return Ended.DONE;
      } else if (reader.isWoken()) {
        return Ended.WOKEN;
      } else {
        visitor.accept(record);
      }
    }
    advance(merged);
    Ended ended = merged == null ? Ended.AT_END : handOut(merged);
    if (!records.isEmpty()) {
      visitor.paused();
    }
    return ended;
  }

  /** Goes on behind what a search need not look at. Returns what that is. */
  private Map<TopicPartition, Skim.Passed> passed(ConsumerRecords<byte[], byte[]> records) {
    Map<TopicPartition, Skim.Passed> all = new HashMap<>();
    for (TopicPartition partition : records.partitions()) {
      Skim.Passed passed = reader.sieve().passes(records.records(partition));
      long until = Math.min(passed.until(), end(partition));
      if (until > passed.from()) {
        all.put(partition, passed);
        visitor.passed(until - passed.from());
        if (passed.until() > consumer.position(partition)) {
          consumer.seek(partition, passed.until());
        }
      }
    }
    reader.sieve().handedOut();
    return all;
  }

  private void advance(@Nullable TimeMerge merged) {
    unread.removeIf(
        partition -> {
          // Beyond the last record too: a transaction ends with a marker, which no consumer gets.
          long position = consumer.position(partition);
          Long before = positions.put(partition, position);
          if (before == null || before != position) {
            advancedAt = System.nanoTime();
          }
          if (position < end(partition)) {
            return false;
          }
          consumer.pause(List.of(partition));
          if (merged != null) {
            merged.ended(partition);
          }
          return true;
        });
  }

  private Ended handOut(TimeMerge merged) {
    ConsumerRecord<byte[], byte[]> record = merged.next();
    while (record != null) {
      if (visitor.isDone()) {
        return Ended.DONE;
      }
      if (reader.isWoken()) {
        return Ended.WOKEN;
      }
      visitor.accept(record);
      advancedAt = System.nanoTime();
      record = merged.next();
    }
    for (TopicPartition partition : unread) {
      if (merged.isFull(partition)) {
        consumer.pause(List.of(partition));
      } else {
        consumer.resume(List.of(partition));
      }
    }
    return Ended.AT_END;
  }

  /** Adds what has been created since. */
  private void look() {
    try {
      List<TopicPartition> found =
          reader.partitions(topics, visitor).stream()
              .filter(each -> !starts.containsKey(each))
              .toList();
      if (!found.isEmpty()) {
        List<TopicPartition> all = new ArrayList<>(starts.keySet());
        all.addAll(found);
        consumer.assign(all); // those that were assigned keep their places
        add(found, new Start.Earliest());
      }
    } catch (TimeoutException e) {
      visitor.unreadable("Kafka does not answer");
    }
  }

  private void tell() {
    long read = 0;
    long total = 0;
    long behind = 0;
    for (Map.Entry<TopicPartition, Long> each : positions.entrySet()) {
      TopicPartition partition = each.getKey();
      long start = starts.getOrDefault(partition, 0L);
      long done = each.getValue() - start;
      if (follows()) {
        read += done;
        behind += consumer.currentLag(partition).orElse(0);
      } else {
        long length = Math.max(0, end(partition) - start);
        total += length;
        read += Math.min(length, done);
      }
    }
    visitor.progress(new ReadProgress(read, total, follows() ? behind : total - read));
  }
}
