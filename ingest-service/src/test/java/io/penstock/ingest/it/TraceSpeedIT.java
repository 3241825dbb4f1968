package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.ingest.Timed;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.delivery.DeduplicationId;
import io.penstock.ingest.landing.LandingHeaders;
import io.penstock.ingest.landing.LandingRecord;
import io.penstock.ingest.lookup.Pauses;
import io.penstock.ingest.lookup.Trace;
import io.penstock.ingest.lookup.TraceJson;
import io.penstock.ingest.lookup.TraceQuery;
import io.penstock.ingest.lookup.TraceSearch;
import io.penstock.ingest.pausing.PausedSources;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * How long {@code penstock trace} takes with 1 million landed records in the range of time that it
 * is given. The pipeline publishes all of them first. With fewer records: {@code
 * -Dpenstock.trace.records=100000}.
 */
@Timed
@ExtendWith(Stack.Shared.class)
class TraceSpeedIT {

  private static final int RECORDS = Integer.getInteger("penstock.trace.records", 1_000_000);

  /** For the whole command, with the start of Java. */
  private static final Duration MOST = Duration.ofSeconds(3);

  /** As an operator runs it; its first run in a build also prepares the later ones. */
  private static final Path PENSTOCK = Path.of("..", "penstock").toAbsolutePath().normalize();

  @TempDir private Path directory;

  private final Random random = new Random(14);

  /** Deliveries of other entities, as an ingress lands them. */
  private void land(Settings settings, int count) throws Exception {
    Map<String, Object> properties =
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrapServers(),
            ProducerConfig.LINGER_MS_CONFIG, "5",
            ProducerConfig.BATCH_SIZE_CONFIG, "65536");
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      Future<?> last = CompletableFuture.completedFuture(null);
      for (int i = 0; i < count; i++) {
        String entity = "%024x".formatted(random.nextLong());
        String uuid = new UUID(random.nextLong(), random.nextLong()).toString();
        LandingRecord.Event record =
            new LandingRecord.Event(
                new LandingRecord.LandingEnvelope(
                    "shapes",
                    "smartshape",
                    new UUID(random.nextLong(), random.nextLong()).toString(),
                    1_790_000_000_000L + i,
                    entity,
                    "application/json",
                    null,
                    Map.of(),
                    body(entity, uuid)),
                new DeduplicationId(uuid.replace("-", "")),
                null);
        RecordHeaders headers = new RecordHeaders();
        LandingHeaders.write(record, (name, value) -> headers.add(name, value.getBytes(UTF_8)));
        last =
            producer.send(
                new ProducerRecord<>(
                    settings.inbound(),
                    null,
                    record.key().getBytes(UTF_8),
                    record.body(),
                    headers));
      }
      last.get(120, TimeUnit.SECONDS);
    }
  }

  /** Of about half a kilobyte. */
  private static byte[] body(String entity, String uuid) {
    return """
        {"file":"%s","event":"file_uploaded","uuid":"%s","name":"%s.scene","note":"%s"}"""
        .formatted(entity, uuid, entity, "abcdefghij ".repeat(30))
        .getBytes(UTF_8);
  }

  private static void awaitPipeline(Outsider outsider) {
    await()
        .atMost(Duration.ofMinutes(20))
        .pollInterval(Duration.ofSeconds(1))
        .ignoreExceptionsInstanceOf(org.awaitility.core.ConditionTimeoutException.class)
        .until(
            () -> {
              outsider.awaitPipeline();
              return true;
            });
  }

  private void deliver(Sender sender, Instance instance, byte[] body, int status) {
    assertThat(sender.send(Sender.shapes(instance, body)).statusCode()).isEqualTo(status);
  }

  @Test
  void findsEachKindOfDeliveryAmongAMillion(Stack stack) throws Exception {
    Settings settings = Settings.of(stack).patient(2);
    String uuid = UUID.randomUUID().toString();
    String refused = UUID.randomUUID().toString();
    String late = UUID.randomUUID().toString();
    try (Sender sender = new Sender();
        Outsider outsider = new Outsider(settings);
        Instance instance = Instance.ready(settings)) {
      Instant start = Instant.now();
      land(settings, RECORDS / 2);
      deliver(sender, instance, body("traced", uuid), 200);
      deliver(sender, instance, body("traced", uuid), 200);
      deliver(sender, instance, ("{\"uuid\":\"" + refused + "\"}").getBytes(UTF_8), 400);
      land(settings, RECORDS - RECORDS / 2);
      awaitPipeline(outsider);
      assertThat(command(settings, "sources", "pause", "shapes").status()).isZero();
      await()
          .atMost(Duration.ofMinutes(2))
          .until(() -> instance.metric("penstock_source_paused", "source=\"shapes\"") == 1);
      deliver(sender, instance, body("late", late), 200);
      awaitPipeline(outsider);

      Configuration configuration = settings.configuration(directory);
      List<Trace> both = find(configuration, start, uuid, "to warm up").traces();
      assertThat(both).hasSize(2);
      Map<String, String> ids = new LinkedHashMap<>();
      ids.put("an event and its copy, by the provider's id", uuid);
      ids.put("by event id", String.valueOf(both.getFirst().received().eventId()));
      ids.put("by entity", "traced");
      ids.put("by receipt id", both.getFirst().received().receiptId());
      ids.put("the copy by receipt id", both.getLast().received().receiptId());
      ids.put("a dead letter", refused);
      ids.put("one that waits in a paused source", late);
      ids.put("nothing", "no-such-id");
      ids.forEach((what, id) -> find(configuration, start, id, what));
      for (Map.Entry<String, String> each : ids.entrySet()) {
        Ended ended = command(settings, "trace", each.getValue(), "--since", start.toString());
        System.out.printf(
            "trace: %s: the command took %d ms: %s%n",
            each.getKey(), ended.took().toMillis(), ended.err().strip());
        assertThat(ended.status()).isEqualTo(each.getKey().equals("nothing") ? 1 : 0);
        if (!each.getKey().equals("nothing")) { // all events and dead letters are read as well then
          assertThat(ended.took()).as(each.getKey()).isLessThan(MOST);
        }
      }
    }
  }

  private TraceSearch.Found find(
      Configuration configuration, Instant since, String id, String what) {
    long start = System.nanoTime();
    try (TraceSearch search =
        new TraceSearch(configuration, Pauses.of(PausedSources.read(configuration)))) {
      TraceSearch.Found found =
          search.find(new TraceQuery(id, since, null, 20), TraceSearch.Listener.NONE);
      System.out.printf(
          "trace: %s: %d ms in this process; %d records, %d decoded; %s%n",
          what,
          (System.nanoTime() - start) / 1_000_000,
          found.looked(),
          found.decoded(),
          found.traces().stream().map(trace -> TraceJson.outcome(trace.fate())).toList());
      return found;
    }
  }

  private record Ended(int status, Duration took, String err) {}

  private Ended command(Settings settings, String... arguments) throws Exception {
    List<String> line = new ArrayList<>(List.of(PENSTOCK.toString()));
    line.addAll(List.of(arguments));
    line.addAll(List.of("--config", settings.write(directory).toString()));
    ProcessBuilder builder =
        new ProcessBuilder(line).redirectOutput(directory.resolve("out").toFile());
    builder.environment().putAll(settings.environment());
    long start = System.nanoTime();
    Process process = builder.start();
    try {
      String err = new String(process.getErrorStream().readAllBytes(), UTF_8);
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).as("it ends").isTrue();
      return new Ended(process.exitValue(), Duration.ofNanos(System.nanoTime() - start), err);
    } finally {
      process.destroyForcibly();
    }
  }
}
