package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.ingest.provider.EventSchemas;
import io.penstock.ingest.registry.WireFormat;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code penstock dead-letters}, as an operator calls it, beside a running instance. */
@ExtendWith(Stack.Shared.class)
class DeadLettersIT {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path directory;

  /** A command that has ended. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Ended(int status, byte[] out, String err) {
    String text() {
      return new String(out, UTF_8);
    }

    List<String> lines() {
      return text().lines().toList();
    }
  }

  private Ended penstock(Settings settings, String command, String... arguments)
      throws IOException, InterruptedException {
    Path out = Files.createTempFile(directory, "out", "");
    Path err = Files.createTempFile(directory, "err", "");
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-jar"));
    line.add(System.getProperty("penstock.service.jar"));
    line.addAll(List.of("dead-letters", command));
    line.addAll(List.of("--config", settings.write(directory).toString()));
    line.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(line).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().putAll(settings.environment());
    Process process = builder.start();
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).as("it ends").isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Ended(process.exitValue(), Files.readAllBytes(out), Files.readString(err));
  }

  @Test
  void lettersAreListedAndShownAndThoseThatAreStillHopelessAreKept(Stack stack) throws Exception {
    Settings settings = Settings.of(stack);
    byte[] broken = "{\"session_id\": \"bro\u00efken\"".getBytes(UTF_8);
    try (Instance instance = Instance.ready(settings);
        Sender sender = new Sender();
        Outsider outsider = new Outsider(settings)) {
      assertThat(sender.send(Sender.generations(instance, broken)).statusCode()).isEqualTo(400);
      assertThat(sender.send(Sender.shapes(instance, "{}".getBytes(UTF_8))).statusCode())
          .isEqualTo(400);
      outsider.awaitPipeline();

      Ended list = penstock(settings, "list");
      assertThat(list.err()).contains("2 dead letters: {malformed-json=1, missing-identity=1}");
      assertThat(list.status()).isZero();
      assertThat(list.lines())
          .hasSize(2)
          .anySatisfy(line -> assertThat(line).contains(" generations ", " malformed-json "))
          .anySatisfy(line -> assertThat(line).contains(" shapes ", " missing-identity "));
      assertThat(list.text()).as("no part of a body").doesNotContain("session_id", "ken");

      Ended some = penstock(settings, "list", "--source", "generations", "--since", "1h");
      assertThat(some.lines()).hasSize(1);
      String position = some.lines().getFirst().split(" ", 2)[0];

      Ended show = penstock(settings, "show", position);
      JsonNode letter = JSON.readTree(show.text());
      assertThat(letter.path("reason").asText()).isEqualTo("malformed-json");
      assertThat(letter.path("base64").binaryValue()).isEqualTo(broken);
      assertThat(penstock(settings, "show", "--body", position).out()).isEqualTo(broken);

      Ended redrive = penstock(settings, "redrive", "--all");
      assertThat(redrive.status()).isEqualTo(1);
      assertThat(redrive.lines())
          .hasSize(2)
          .anySatisfy(line -> assertThat(line).contains("kept: still malformed-json"))
          .anySatisfy(line -> assertThat(line).contains("kept: still missing-identity"));
      assertThat(outsider.readAll(settings.deadLetter())).as("nothing was driven").hasSize(2);

      assertThat(penstock(settings, "redrive").status()).as("nothing says which").isEqualTo(2);
      Ended none = penstock(settings, "show", "0-99999");
      assertThat(none.status()).isEqualTo(1);
      assertThat(none.err()).contains("error: 0-99999: there is no record");
    }
  }

  @Test
  void afterATopicTakesMoreItsLettersBecomeEventsOnce(Stack stack) throws Exception {
    Settings settings = Settings.of(stack);
    String uuid = UUID.randomUUID().toString();
    byte[] body =
        ("{\"file\":\"f\",\"event\":\"e\",\"uuid\":\"" + uuid + "\",\"x\":\"%s\"}")
            .formatted("a".repeat(300_000))
            .getBytes(UTF_8);
    try (Instance instance = Instance.ready(settings);
        Sender sender = new Sender();
        Outsider outsider = new Outsider(settings)) {
      limit(stack, settings.smartshape(), 100_000);
      // The letter's own topic takes less than the body: it stands in the landing log alone.
      limit(stack, settings.deadLetter(), 100_000);
      assertThat(sender.send(Sender.shapes(instance, body)).statusCode()).isEqualTo(200);
      assertThat(outsider.readAll(settings.deadLetter())).hasSize(1);
      assertThat(outsider.readAll(settings.smartshape())).isEmpty();
      limit(stack, settings.smartshape(), 3_000_000);
      limit(stack, settings.deadLetter(), 3_000_000);

      Ended dry = penstock(settings, "redrive", "--reason", "payload-too-large", "--dry-run");
      assertThat(dry.err()).contains("would drive 1, kept 0 dead letters");
      assertThat(outsider.readAll(settings.smartshape())).as("a dry run").isEmpty();

      // The pipeline learns of the new limit from the first that is too large by the old one.
      await()
          .atMost(Duration.ofMinutes(2))
          .until(
              () -> {
                Ended redrive = penstock(settings, "redrive", "--reason", "payload-too-large");
                assertThat(redrive.err()).contains("kept 0 dead letters");
                assertThat(redrive.status()).isZero();
                return !outsider.readAll(settings.smartshape()).isEmpty();
              });
      assertThat(penstock(settings, "redrive", "--all").status()).isZero();
      assertThat(outsider.readAll(settings.smartshape()))
          .singleElement()
          .satisfies(
              event -> {
                assertThat(event.value().get("uuid")).hasToString(uuid);
                assertThat(event.value().get("json")).hasToString(new String(body, UTF_8));
              });
    }
  }

  /**
   * As after an upgrade: an older version could make nothing of a body that this one understands.
   */
  @Test
  void whatANewerVersionUnderstandsBecomesTheEventThatItWouldHaveBeen(Stack stack)
      throws Exception {
    Settings settings = Settings.of(stack);
    String uuid = UUID.randomUUID().toString();
    byte[] body = Sender.shape("f-1", uuid);
    String eventId = "0123456789abcdef0123456789abcdef";
    try (Instance instance = Instance.ready(settings);
        Outsider outsider = new Outsider(settings)) {
      assertThat(instance.metric("penstock_pipeline_running")).isEqualTo(1);
      GenericRecord letter = letter(settings, eventId, body);
      write(settings, letter);

      Ended redrive = penstock(settings, "redrive", "--receipt-id", "receipt-1");
      assertThat(redrive.text()).contains("receipt-1 driven");
      assertThat(redrive.status()).isZero();

      assertThat(outsider.readAll(settings.smartshape()))
          .singleElement()
          .satisfies(
              event -> {
                assertThat(event.key()).isEqualTo("f-1");
                assertThat(event.header("ce_id")).isEqualTo(eventId);
                assertThat(event.metadata().get("receiptId")).hasToString("receipt-1");
                assertThat(event.metadata().get("receivedAt")).isEqualTo(1_700_000_000_000L);
                assertThat(event.value().get("json")).hasToString(new String(body, UTF_8));
              });
    }
  }

  private static GenericRecord letter(Settings settings, String eventId, byte[] body) {
    GenericRecord letter = new GenericData.Record(EventSchemas.deadLetter());
    letter.put("source", "shapes");
    letter.put("provider", "smartshape");
    letter.put("reason", "undecodable");
    letter.put("detail", "an older version's words");
    letter.put("receiptId", "receipt-1");
    letter.put("receivedAt", 1_700_000_000_000L);
    letter.put("eventId", eventId);
    letter.put("entityKey", "f-1");
    letter.put("inboundTopic", settings.inbound());
    letter.put("inboundPartition", 0);
    letter.put("inboundOffset", 0L);
    letter.put("headers", Map.of());
    letter.put("body", ByteBuffer.wrap(body));
    return letter;
  }

  private static void write(Settings settings, GenericRecord letter) throws Exception {
    String versions = settings.registryUrl() + "/subjects/" + settings.deadLetter() + "-value";
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create(versions + "/versions/latest")).build(),
                HttpResponse.BodyHandlers.ofString());
    int id = JSON.readTree(answer.body()).path("id").asInt();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", settings.bootstrapServers()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer
          .send(
              new ProducerRecord<>(
                  settings.deadLetter(),
                  "f-1".getBytes(UTF_8),
                  new WireFormat().encode(id, letter)))
          .get(120, TimeUnit.SECONDS);
    }
  }

  private static void limit(Stack stack, String topic, int bytes) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
      admin
          .incrementalAlterConfigs(
              Map.of(
                  new ConfigResource(ConfigResource.Type.TOPIC, topic),
                  List.of(
                      new AlterConfigOp(
                          new ConfigEntry("max.message.bytes", Integer.toString(bytes)),
                          AlterConfigOp.OpType.SET))))
          .all()
          .get(120, TimeUnit.SECONDS);
    }
  }
}
