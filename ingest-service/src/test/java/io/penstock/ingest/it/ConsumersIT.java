package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.examples.ReadEvents;
import io.penstock.ingest.it.Outsider.Read;
import io.penstock.ingest.provider.Sample;
import io.penstock.ingest.provider.smartshape.SmartShape;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The programs of {@code docs/consumers} read the published events, and no record of an aborted
 * transaction.
 */
@ExtendWith(Stack.Shared.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // set before all tests
class ConsumersIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path NODE = Path.of("..", "docs", "consumers", "node");

  /** The class path of the Java example: no class of the service, no other library. */
  private static final Pattern JAVA_LIBRARIES =
      Pattern.compile(
          "(schemas|kafka-clients|avro|jackson-(core|databind|annotations)|slf4j-api)-[0-9.].*jar");

  /** No double has this value, so no number of JavaScript has it. */
  private static final long LARGE = (1L << 53) + 1;

  private final String session = "SESSION_" + UUID.randomUUID();
  private Settings settings;
  private Instance instance;
  private List<String> eventIds;

  /** Three events of one session, an aborted copy of the first between them and a fourth. */
  @BeforeAll
  void publish(Stack stack) {
    settings = Settings.of(stack);
    instance = Instance.ready(settings);
    try (Sender sender = new Sender();
        Outsider outsider = new Outsider(settings)) {
      for (String status : List.of("queued", "running", "complete")) {
        assertThat(sender.send(Sender.generations(instance, body(status))).statusCode())
            .isEqualTo(200);
      }
      outsider.awaitPipeline();
      abortACopyOfTheFirst();
      byte[] unknown = new String(body("x"), UTF_8).replace("_status_", "_nobody_").getBytes(UTF_8);
      assertThat(sender.send(Sender.generations(instance, unknown)).statusCode()).isEqualTo(200);
      for (Sample sample : new SmartShape().samples()) {
        assertThat(sender.send(Sender.shapes(instance, sample.body())).statusCode()).isEqualTo(200);
      }
      byte[] large =
          new String(Sender.shape("large", "large"), UTF_8)
              .replace("6581919", Long.toString(LARGE))
              .getBytes(UTF_8);
      assertThat(sender.send(Sender.shapes(instance, large)).statusCode()).isEqualTo(200);
      eventIds =
          outsider.readAll(settings.csm()).stream()
              .map(read -> read.metadata().get("eventId").toString())
              .toList();
    }
    assertThat(eventIds).hasSize(4).doesNotHaveDuplicates();
  }

  @AfterAll
  void stop() {
    instance.close();
  }

  private byte[] body(String status) {
    return """
    {"type":"session_status_changed","payload":{"session_id":"%s","session_type":"image_to_3d",\
    "old_status":"incomplete","new_status":"%s","timestamp":"%s","session_data":{}}}\
    """
        .formatted(session, status, "2025-09-01T07:26:51." + (100 + status.length()) + "Z")
        .getBytes(UTF_8);
  }

  /** Writes what an instance leaves behind if it is killed while it publishes. */
  private void abortACopyOfTheFirst() {
    ConsumerRecord<byte[], byte[]> first = first();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                settings.bootstrapServers(),
                ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                settings.prefix() + "-killed"),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      Future<?> aborted =
          producer.send(
              new ProducerRecord<>(
                  first.topic(), first.partition(), first.key(), first.value(), first.headers()));
      producer.flush();
      assertThat(aborted.isDone()).isTrue();
      producer.abortTransaction();
    }
  }

  private ConsumerRecord<byte[], byte[]> first() {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrapServers()),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(settings.csm()).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      List<ConsumerRecord<byte[], byte[]>> read = new ArrayList<>();
      await()
          .atMost(Duration.ofMinutes(2))
          .until(
              () -> {
                consumer.poll(Duration.ofMillis(200)).forEach(read::add);
                return !read.isEmpty();
              });
      return read.getFirst();
    }
  }

  @Test
  void theJavaProgramReadsTypedEventsWithNothingButKafkaAvroAndTheSchemas() throws IOException {
    String libraries =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
            .filter(
                path -> JAVA_LIBRARIES.matcher(Path.of(path).getFileName().toString()).matches())
            .collect(Collectors.joining(File.pathSeparator));
    Path classes = Files.createDirectories(Path.of("target", "consumers", "java"));
    copyExample(classes);

    try (Program program =
        Program.start(
            classes,
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Dorg.apache.avro.SERIALIZABLE_PACKAGES=io.penstock.events",
            "-cp",
            libraries + File.pathSeparator + classes.toAbsolutePath(),
            ReadEvents.class.getName(),
            settings.bootstrapServers(),
            settings.registryUrl(),
            settings.csm(),
            settings.prefix() + "-java")) {
      assertThat(program.lines(4))
          .containsExactly(
              session + " session_status_changed " + eventIds.get(0) + " is queued",
              session + " session_status_changed " + eventIds.get(1) + " is running",
              session + " session_status_changed " + eventIds.get(2) + " is complete",
              session
                  + " session_nobody_changed "
                  + eventIds.get(3)
                  + " something new, or of no interest");
    }
  }

  /** Only its classes, and no others of the tests. */
  private static void copyExample(Path classes) throws IOException {
    String example = ReadEvents.class.getPackageName().replace('.', '/');
    Path from = Path.of("target", "test-classes", example);
    Path to = Files.createDirectories(classes.resolve(example));
    try (var files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(
            file,
            to.resolve(file.getFileName()),
            java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  @Test
  void theNodeProgramReadsEveryEventOnceAndInOrder() throws IOException {
    Path directory = installed();

    try (Program program = consume(directory, settings.csm())) {
      List<String> lines = program.lines(4);

      assertThat(lines).hasSize(4);
      for (int i = 0; i < 4; i++) {
        JsonNode read = JSON.readTree(lines.get(i));
        assertThat(read.path("key").asText()).isEqualTo(session);
        assertThat(read.at("/event/metadata/eventId").asText()).isEqualTo(eventIds.get(i));
      }
      JsonNode last = JSON.readTree(lines.get(2));
      assertThat(last.path("type").asText()).isEqualTo("io.penstock.csm.session_status_changed");
      assertThat(last.at("/event/sessionStatusChanged/newStatus").asText()).isEqualTo("complete");
      assertThat(last.at("/event/metadata/occurredAt").asLong()).isEqualTo(1756711611108L);
    }
  }

  @Test
  void theNodeProgramReadsEverySampleOfSmartShapeAndLargeNumbersToo(Stack stack)
      throws IOException {
    Path directory = installed();
    List<Read> published;
    try (Outsider outsider = new Outsider(settings)) {
      published = outsider.readAll(settings.smartshape());
    }

    try (Program program = consume(directory, settings.smartshape())) {
      List<String> read = new ArrayList<>();
      List<JsonNode> sizes = new ArrayList<>();
      for (String line : program.lines(published.size())) {
        JsonNode event = JSON.readTree(line).path("event");
        read.add(event.path("json").asText());
        if (event.path("uuid").asText().equals("large")) {
          sizes.add(event.findValue("size"));
        }
      }
      assertThat(read)
          .containsExactlyInAnyOrderElementsOf(
              published.stream().map(event -> event.value().get("json").toString()).toList());
      assertThat(sizes)
          .singleElement()
          .satisfies(size -> assertThat(size.asText()).isEqualTo(Long.toString(LARGE)));
    }
  }

  private Program consume(Path directory, String topic) throws IOException {
    return Program.start(
        directory,
        "node",
        "consume.js",
        settings.bootstrapServers(),
        settings.registryUrl(),
        topic,
        topic + "-node");
  }

  /**
   * The directory of the Node program with its packages. Without Node or the packages, the test is
   * skipped.
   */
  private static Path installed() throws IOException {
    Path directory = Files.createDirectories(Path.of("target", "consumers", "node"));
    for (String file : List.of("package.json", "consume.js")) {
      Files.writeString(directory.resolve(file), Files.readString(NODE.resolve(file)));
    }
    try (Program node = Program.start(directory, "node", "--version")) {
      node.waitFor(Duration.ofSeconds(30));
    } catch (IOException e) {
      return abort("Node is not installed: " + e.getMessage());
    }
    try (Program npm =
        Program.start(
            directory,
            "npm",
            "install",
            "--no-audit",
            "--no-fund",
            "--no-package-lock",
            "--ignore-scripts",
            "--prefer-offline")) {
      int status = npm.waitFor(Duration.ofMinutes(2));
      return status == 0
          ? directory
          : abort("npm cannot install the program's packages: " + npm.errors());
    } catch (IOException e) {
      return abort("npm is not installed: " + e.getMessage());
    }
  }

  /** A child process that prints lines. */
  private record Program(Process process, Path output, Path errorOutput) implements AutoCloseable {

    static Program start(Path directory, String... command) throws IOException {
      Path output = Files.createTempFile("penstock-it-", ".out");
      Path errors = Files.createTempFile("penstock-it-", ".err");
      Process process =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
              .redirectOutput(output.toFile())
              .redirectError(errors.toFile())
              .start();
      return new Program(process, output, errors);
    }

    /** All lines that it has printed, when there are this many, and a moment later. */
    List<String> lines(int count) {
      try {
        await()
            .atMost(Duration.ofMinutes(2))
            .pollInterval(Duration.ofMillis(50))
            .untilAsserted(
                () ->
                    assertThat(Files.readAllLines(output).size() >= count || !process.isAlive())
                        .as("it has printed enough, or ended; its errors: %s", errors())
                        .isTrue());
        if (!process.isAlive()) {
          throw new AssertionError("it ended: " + errors());
        }
        // What should not come would come with the next fetch.
        process.waitFor(1, TimeUnit.SECONDS);
        return Files.readAllLines(output);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    int waitFor(Duration time) {
      try {
        return process.waitFor(time.toSeconds(), TimeUnit.SECONDS) ? process.exitValue() : -1;
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    String errors() {
      try {
        return Files.readString(errorOutput);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }
}
