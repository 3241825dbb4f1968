package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.console.UsualRates;
import io.penstock.ingest.console.live.Following;
import io.penstock.ingest.console.live.LiveBoard;
import io.penstock.ingest.console.live.LiveFeed;
import io.penstock.ingest.console.live.LiveFilter;
import io.penstock.ingest.console.live.LiveListener;
import io.penstock.ingest.delivery.DeduplicationId;
import io.penstock.ingest.landing.LandingHeaders;
import io.penstock.ingest.landing.LandingRecord;
import io.penstock.ingest.provider.Providers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The console's live feed on a real Kafka, without a pipeline. */
@ExtendWith(Stack.Shared.class)
class LiveFeedIT {

  /** More for a measurement: {@code -Dpenstock.live.deliveries}. */
  private static final int DELIVERIES = Integer.getInteger("penstock.live.deliveries", 5_000);

  @TempDir private Path directory;

  private static void create(Settings settings) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", settings.bootstrapServers()))) {
      List<NewTopic> topics = new ArrayList<>();
      for (String topic :
          List.of(settings.inbound(), settings.smartshape(), settings.deadLetter())) {
        topics.add(new NewTopic(topic, Optional.of(4), Optional.empty()));
      }
      admin.createTopics(topics).all().get();
    }
  }

  private static ProducerRecord<byte[], byte[]> landing(Settings settings, int number) {
    LandingRecord landed =
        new LandingRecord.Event(
            new LandingRecord.LandingEnvelope(
                "shapes",
                "smartshape",
                "receipt-" + number,
                System.currentTimeMillis(),
                "file-" + number,
                "application/json",
                null,
                Map.of(),
                Sender.shape("file-" + number, "uuid-" + number)),
            id(number),
            null);
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(settings.inbound(), landed.key().getBytes(UTF_8), landed.body());
    LandingHeaders.write(
        landed, (name, value) -> record.headers().add(name, value.getBytes(UTF_8)));
    return record;
  }

  private static DeduplicationId id(int number) {
    return DeduplicationId.of("shapes", "file", List.of("uuid-" + number), "");
  }

  private static ProducerRecord<byte[], byte[]> event(Settings settings, int number) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            settings.smartshape(), ("file-" + number).getBytes(UTF_8), new byte[] {0});
    record.headers().add("ce_id", id(number).hex().getBytes(UTF_8));
    record.headers().add("ce_type", "io.penstock.smartshape.file_uploaded".getBytes(UTF_8));
    return record;
  }

  /**
   * Not idempotent: where the leader of a new topic refuses the first batch and takes the second,
   * an idempotent producer gives the first to a broker that refuses it for ever.
   */
  private static Map<String, Object> producing(Settings settings) {
    return Map.of(
        "bootstrap.servers",
        settings.bootstrapServers(),
        "linger.ms",
        "5",
        "enable.idempotence",
        "false");
  }

  private static void send(
      KafkaProducer<byte[], byte[]> producer, ProducerRecord<byte[], byte[]> record) {
    Future<RecordMetadata> unused = producer.send(record);
  }

  @Test
  void whatLandsIsSeenAndJoinedAlsoWhereTheTopicsComeLater(Stack stack) throws Exception {
    Settings settings = Settings.of(stack);
    Configuration configuration = settings.configuration(directory);
    LiveBoard board =
        new LiveBoard(2 * DELIVERIES, 1L << 30, Duration.ofDays(3), InstantSource.system());
    try (LiveFeed feed =
            new LiveFeed(
                configuration,
                Providers.all(),
                board,
                Set::of,
                LiveListener.NONE,
                InstantSource.system());
        KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(
                producing(settings), new ByteArraySerializer(), new ByteArraySerializer())) {
      feed.start();
      await().until(() -> board.summary().following() instanceof Following.Broken);
      create(settings);
      await().until(() -> board.summary().following() instanceof Following.Live);

      long begun = System.nanoTime();
      for (int i = 0; i < DELIVERIES; i++) {
        send(producer, landing(settings, i));
        if (i % 2 == 0) {
          send(producer, event(settings, i));
        }
      }
      producer.flush();
      long written = System.nanoTime();
      LiveFilter published = new LiveFilter("", "", "", "published", "");
      await()
          .until(
              () ->
                  board.summary().seen() + board.summary().skipped() >= DELIVERIES
                      && (board.summary().skipped() > 0
                          || board.newest(published, DELIVERIES).size() >= DELIVERIES / 2));
      long seen = System.nanoTime();
      System.out.printf(
          "live feed: %d deliveries written in %d ms, seen %d ms later, %d skipped%n",
          DELIVERIES,
          (written - begun) / 1_000_000,
          (seen - written) / 1_000_000,
          board.summary().skipped());
      assertThat(board.newest(new LiveFilter("", "", "", "waiting", ""), DELIVERIES))
          .as("those without an event wait")
          .hasSize((int) board.summary().seen() - board.newest(published, DELIVERIES).size());
    }
  }

  @Test
  void whatIsUsualAtThisHourIsReadFromTheDaysBefore(Stack stack) throws Exception {
    Settings settings = Settings.of(stack);
    create(settings);
    long now = System.currentTimeMillis();
    long hour = Duration.ofHours(1).toMillis();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            producing(settings), new ByteArraySerializer(), new ByteArraySerializer())) {
      for (int i = 0; i < 20; i++) {
        send(producer, at(now - 26 * hour, landing(settings, i))); // of another hour
      }
      producer.flush();
      for (int i = 0; i < 30; i++) {
        send(producer, at(now - 24 * hour, landing(settings, i)));
      }
      producer.flush();
      send(producer, at(now, landing(settings, 1)));
    }
    UsualRates usual =
        new UsualRates(
            settings.configuration(directory).kafka(), settings.inbound(), InstantSource.system());
    await().until(() -> usual.of("shapes").isPresent());
    assertThat(usual.of("shapes")).hasValue(new UsualRates.Usual(30, 1, false));
    assertThat(usual.of("models")).isEmpty();
  }

  private static ProducerRecord<byte[], byte[]> at(
      long millis, ProducerRecord<byte[], byte[]> record) {
    return new ProducerRecord<>(
        record.topic(), null, millis, record.key(), record.value(), record.headers());
  }

  @Test
  void itBeginsWithTheNewestAndWithWhatBecameOfThem(Stack stack) throws Exception {
    Settings settings = Settings.of(stack);
    create(settings);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            producing(settings), new ByteArraySerializer(), new ByteArraySerializer())) {
      for (int i = 0; i < 100; i++) {
        send(producer, landing(settings, i));
        send(producer, event(settings, i));
      }
    }
    LiveBoard board = new LiveBoard(1_000, 1 << 20, Duration.ofDays(3), InstantSource.system());
    try (LiveFeed feed =
        new LiveFeed(
            settings.configuration(directory),
            Providers.all(),
            board,
            Set::of,
            LiveListener.NONE,
            InstantSource.system())) {
      feed.start();
      LiveFilter published = new LiveFilter("", "", "", "published", "");
      await().until(() -> board.newest(published, 1_000).size() == 100);
      assertThat(board.newest(published, 1_000))
          .as("the console did not see how long they took")
          .allMatch(row -> row.tookMillis().isEmpty());
    }
  }
}
