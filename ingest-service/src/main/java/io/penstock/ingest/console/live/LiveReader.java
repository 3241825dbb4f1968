package io.penstock.ingest.console.live;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection of a {@link LiveFeed}: reads until it is closed or Kafka fails. For the feed's
 * thread.
 */
final class LiveReader {

  private static final Logger log = LoggerFactory.getLogger(LiveReader.class);

  /** How many landing records are looked at when it begins. */
  private static final int BEGIN = 2_000;

  /** How many records it may be behind. */
  private static final long MOST_BEHIND = 50_000;

  /** Beyond so many records it says that it is behind. */
  private static final long FAR_BEHIND = 10_000;

  /** Below so many it says that no more. */
  private static final long CAUGHT_UP = 2_000;

  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  /** How often it looks how far it and the pipeline are. */
  private static final long ROUND_MILLIS = 1_000;

  /** How often it looks for topics and partitions that are new. */
  private static final long TOPICS_MILLIS = 10_000;

  private static final String TYPE = "ce_type";
  private static final String TYPE_PREFIX = "io.penstock.";

  private final LiveFeed.Names names;
  private final String inbound;
  private final LiveBoard board;
  private final Supplier<Set<String>> paused;
  private final LiveListener listener;
  private final InstantSource clock;
  private final Consumer<byte[], byte[]> kafka;
  private final Admin admin;
  private final Set<TopicPartition> assigned = new HashSet<>();

  /** Where the other topics ended when this began: what comes behind it is seen as it happens. */
  private final Map<TopicPartition, Long> past = new HashMap<>();

  private long topicsAt;
  private long roundAt;
  private @Nullable KafkaFuture<Map<TopicPartition, OffsetAndMetadata>> asked;

  /** What the pipeline had committed at the last round. */
  private Map<TopicPartition, Long> committed = Map.of();

  /** How far the other topics have to be read until all that was committed has been seen. */
  private Map<TopicPartition, Long> needed = Map.of();

  LiveReader(
      LiveFeed.Names names,
      LiveBoard board,
      Supplier<Set<String>> paused,
      LiveListener listener,
      InstantSource clock,
      Consumer<byte[], byte[]> kafka,
      Admin admin) {
    this.names = names;
    this.inbound = names.inbound();
    this.board = board;
    this.paused = paused;
    this.listener = listener;
    this.clock = clock;
    this.kafka = kafka;
    this.admin = admin;
  }

  /**
   * Reads until there is no more to do.
   *
   * @param isWanted asked many times a second
   * @throws KafkaException if Kafka does not answer
   */
  void follow(BooleanSupplier isWanted) {
    board.clear();
    begin();
    while (isWanted.getAsBoolean()) {
      read();
      long now = clock.millis();
      if (now - roundAt >= ROUND_MILLIS || now < roundAt) {
        roundAt = now;
        round();
      }
      if (now - topicsAt >= TOPICS_MILLIS || now < topicsAt) {
        topicsAt = now;
        addPartitions();
      }
    }
  }

  /** Reads the last deliveries, and then what became of them. */
  private void begin() {
    topicsAt = clock.millis();
    List<TopicPartition> landing = partitions(inbound);
    if (landing.isEmpty()) {
      throw new UnknownTopicOrPartitionException("the topic " + inbound + " does not exist");
    }
    assigned.addAll(landing);
    kafka.assign(assigned); // first: the client warns of ends of what is not assigned
    Map<TopicPartition, Long> starts = kafka.beginningOffsets(landing);
    Map<TopicPartition, Long> ends = kafka.endOffsets(landing);
    long each = Math.max(1, BEGIN / Math.max(1, landing.size()));
    for (TopicPartition partition : landing) {
      long end = ends.getOrDefault(partition, 0L);
      kafka.seek(partition, Math.max(starts.getOrDefault(partition, 0L), end - each));
    }
    long deadline = clock.millis() + PATIENCE.toMillis();
    long oldest = clock.millis();
    while (clock.millis() < deadline
        && landing.stream().anyMatch(one -> kafka.position(one) < ends.getOrDefault(one, 0L))) {
      for (ConsumerRecord<byte[], byte[]> record : kafka.poll(POLL)) {
        oldest = Math.min(oldest, record.timestamp());
        board.landed(Landings.of(record));
      }
    }
    List<TopicPartition> others = new ArrayList<>();
    names.topics().stream()
        .filter(topic -> !topic.equals(inbound))
        .forEach(topic -> others.addAll(partitions(topic)));
    assigned.addAll(others);
    kafka.assign(assigned);
    seek(others, oldest);
    board.following(new Following.Live());
  }

  private void seek(List<TopicPartition> others, long since) {
    Map<TopicPartition, Long> ends = kafka.endOffsets(others);
    past.putAll(ends);
    Map<TopicPartition, Long> times = new HashMap<>();
    others.forEach(partition -> times.put(partition, since));
    Map<TopicPartition, @Nullable OffsetAndTimestamp> found = kafka.offsetsForTimes(times);
    for (TopicPartition partition : others) {
      OffsetAndTimestamp at = found.get(partition);
      long end = ends.getOrDefault(partition, 0L);
      long from = at == null ? end : at.offset();
      if (end - from > 2 * BEGIN) {
        from = end - 2 * BEGIN;
        board.unsure();
        listener.unread();
      }
      kafka.seek(partition, from);
    }
  }

  private List<TopicPartition> partitions(String topic) {
    List<TopicPartition> partitions = new ArrayList<>();
    for (PartitionInfo info : kafka.partitionsFor(topic)) {
      partitions.add(new TopicPartition(topic, info.partition()));
    }
    return partitions;
  }

  private void addPartitions() {
    List<TopicPartition> added = new ArrayList<>();
    for (String topic : names.topics()) {
      for (TopicPartition partition : partitions(topic)) {
        if (assigned.add(partition)) {
          added.add(partition);
        }
      }
    }
    if (!added.isEmpty()) {
      kafka.assign(assigned);
      kafka.seekToBeginning(added);
    }
  }

  private void read() {
    for (ConsumerRecord<byte[], byte[]> record : kafka.poll(POLL)) {
      if (record.topic().equals(inbound)) {
        board.landed(Landings.of(record));
      } else if (record.topic().equals(names.deadLetters())) {
        String id = header(record, "ce_id");
        String type = header(record, TYPE);
        board.letter(id, Landings.position(record), type.substring(type.lastIndexOf('.') + 1));
        listener.letter();
      } else {
        String id = header(record, "ce_id");
        board.published(id, Landings.position(record), type(record), isLive(record));
        listener.published(id);
      }
    }
  }

  private boolean isLive(ConsumerRecord<?, ?> record) {
    return record.offset()
        >= past.getOrDefault(new TopicPartition(record.topic(), record.partition()), 0L);
  }

  /** The provider's name of what happened: what stands behind its own name. */
  private String type(ConsumerRecord<?, ?> record) {
    String type = header(record, TYPE);
    int dot = type.indexOf('.', TYPE_PREFIX.length());
    return type.startsWith(TYPE_PREFIX) && dot > 0 ? type.substring(dot + 1) : type;
  }

  private String header(ConsumerRecord<?, ?> record, String name) {
    Header header = record.headers().lastHeader(name);
    return header == null || header.value() == null ? "" : new String(header.value(), UTF_8);
  }

  /** Looks how far the pipeline is, and how far this is. */
  private void round() {
    board.paused(paused.get());
    long landingBehind = 0;
    long othersBehind = 0;
    for (TopicPartition partition : assigned) {
      long lag = kafka.currentLag(partition).orElse(0);
      if (partition.topic().equals(inbound)) {
        landingBehind += lag;
      } else {
        othersBehind += lag;
      }
    }
    listener.behind(landingBehind, othersBehind);
    judge(landingBehind + othersBehind);
    if (landingBehind > MOST_BEHIND) {
      long left = skip(true);
      board.skipped(left);
      listener.leftOut(left);
    }
    if (othersBehind > MOST_BEHIND) {
      skip(false);
      board.unsure();
      listener.unread();
    }
    settle();
    ask();
  }

  /** Warns when it is far behind, until it has caught up. */
  private void judge(long behind) {
    boolean wasBehind = board.summary().following() instanceof Following.Behind;
    board.following(
        behind > (wasBehind ? CAUGHT_UP : FAR_BEHIND)
            ? new Following.Behind(behind)
            : new Following.Live());
  }

  /** Goes on near the ends; returns how many records are left out. */
  private long skip(boolean landing) {
    long left = 0;
    for (TopicPartition partition : assigned) {
      long lag = kafka.currentLag(partition).orElse(0);
      if (partition.topic().equals(inbound) == landing && lag > BEGIN) {
        kafka.seek(partition, kafka.position(partition) + lag - BEGIN / 10);
        left += lag - BEGIN / 10;
      }
    }
    return left;
  }

  /** What the pipeline had passed a round ago, and whose publications have all been read since. */
  private void settle() {
    for (Map.Entry<TopicPartition, Long> need : needed.entrySet()) {
      if (kafka.position(need.getKey()) < need.getValue()) {
        return;
      }
    }
    committed.forEach((partition, offset) -> board.passed(partition.partition(), offset));
    committed = Map.of();
    needed = Map.of();
  }

  private void ask() {
    if (asked == null) {
      if (committed.isEmpty() && board.isAnyWaiting()) {
        asked = admin.listConsumerGroupOffsets(names.group()).partitionsToOffsetAndMetadata();
      }
      return;
    }
    if (!asked.isDone()) {
      return;
    }
    Map<TopicPartition, Long> offsets = new HashMap<>();
    try {
      asked
          .get()
          .forEach(
              (partition, offset) -> {
                if (offset != null && partition.topic().equals(inbound)) {
                  offsets.put(partition, offset.offset());
                }
              });
    } catch (ExecutionException e) {
      log.atDebug().setCause(e.getCause()).log("Kafka does not say how far the pipeline is");
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
    asked = null;
    committed = offsets;
    Map<TopicPartition, Long> ends = new HashMap<>();
    for (TopicPartition partition : assigned) {
      if (!partition.topic().equals(inbound)) {
        ends.put(partition, kafka.position(partition) + kafka.currentLag(partition).orElse(0));
      }
    }
    needed = ends;
  }
}
