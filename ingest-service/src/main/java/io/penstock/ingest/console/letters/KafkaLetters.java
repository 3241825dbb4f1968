package io.penstock.ingest.console.letters;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.cluster.ClientProperties;
import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.console.NotReadableException;
import io.penstock.ingest.deadletter.DeadLetter;
import io.penstock.ingest.deadletter.DeadLetters;
import io.penstock.ingest.deadletter.Selection;
import io.penstock.ingest.provider.Providers;
import io.penstock.ingest.registry.RegistryUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** Reads letters and the ids of events from Kafka, each for some seconds at most. */
final class KafkaLetters implements OpenLetters.TopicSource {

  private static final Duration READING = Duration.ofSeconds(8);
  private static final Duration POLL = Duration.ofMillis(200);

  /** How many events are looked at. */
  private static final int MOST_EVENTS = 100_000;

  private final Configuration configuration;
  private final InstantSource clock;

  KafkaLetters(Configuration configuration, InstantSource clock) {
    this.configuration = configuration;
    this.clock = clock;
  }

  @Override
  public OpenLetters.Letters letters(Instant since, int most) throws NotReadableException {
    if (configuration.schemaRegistry().url().isEmpty()) {
      throw new NotReadableException("schema-registry.url is needed to read dead letters.");
    }
    List<OpenLetters.Letter> found = new ArrayList<>();
    long until = clock.millis() + READING.toMillis();
    // Unreadable ones are letters too: one is in the topic for each.
    LetterReading reading =
        new LetterReading(
            new LetterChoice(List.of(), "", "", Optional.empty(), "7d"),
            letter -> found.add(letter(letter)),
            () -> found.size() >= most || clock.millis() > until);
    try (DeadLetters topic = new DeadLetters(configuration, READING)) {
      topic.visit(new Selection(List.of(), Set.of(), Set.of(), Set.of(), since), reading);
    } catch (KafkaException | RegistryUnavailableException e) {
      throw new NotReadableException("The dead letters cannot be read: " + e.getClass().getName());
    }
    return new OpenLetters.Letters(found, !reading.isStopped() && reading.unreadable() == 0);
  }

  private static OpenLetters.Letter letter(DeadLetter letter) {
    String eventId = letter.eventId();
    return new OpenLetters.Letter(eventId == null ? "" : eventId, letter.landedAt());
  }

  @Override
  public OpenLetters.Published published(Set<String> eventIds, Instant since)
      throws NotReadableException {
    Properties properties =
        ClientProperties.ofReader(configuration.kafka(), "penstock-console-letters", READING);
    properties.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 8 << 20);
    properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 1 << 20);
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 2_000);
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      return published(consumer, eventIds, since);
    } catch (KafkaException e) {
      throw new NotReadableException("The events cannot be read: " + e.getClass().getName());
    }
  }

  private OpenLetters.Published published(
      KafkaConsumer<byte[], byte[]> consumer, Set<String> eventIds, Instant since) {
    Topics topics = new Topics(configuration.topics().prefix());
    Set<String> events = new HashSet<>();
    Providers.all().forEach(provider -> events.add(topics.events(provider)));
    Map<TopicPartition, Long> times = new HashMap<>();
    consumer
        .listTopics()
        .forEach(
            (topic, partitions) -> {
              if (events.contains(topic)) {
                partitions.forEach(
                    each ->
                        times.put(
                            new TopicPartition(topic, each.partition()), since.toEpochMilli()));
              }
            });
    consumer.assign(times.keySet());
    Map<TopicPartition, Long> ends = consumer.endOffsets(times.keySet());
    Map<TopicPartition, @Nullable OffsetAndTimestamp> starts = consumer.offsetsForTimes(times);
    for (TopicPartition each : times.keySet()) {
      OffsetAndTimestamp start = starts.get(each);
      consumer.seek(each, start == null ? ends.getOrDefault(each, 0L) : start.offset());
    }
    Set<String> found = new HashSet<>();
    long until = clock.millis() + READING.toMillis();
    long seen = 0;
    while (times.keySet().stream().anyMatch(each -> isLeft(consumer, each, ends))) {
      if (seen >= MOST_EVENTS || clock.millis() > until) {
        return new OpenLetters.Published(found, false);
      }
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        seen++;
        Header id = record.headers().lastHeader("ce_id");
        if (id != null && id.value() != null) {
          String event = new String(id.value(), UTF_8);
          if (eventIds.contains(event)) {
            found.add(event);
          }
        }
      }
    }
    return new OpenLetters.Published(found, true);
  }

  private static boolean isLeft(
      KafkaConsumer<?, ?> consumer, TopicPartition partition, Map<TopicPartition, Long> ends) {
    return consumer.position(partition) < ends.getOrDefault(partition, 0L);
  }
}
