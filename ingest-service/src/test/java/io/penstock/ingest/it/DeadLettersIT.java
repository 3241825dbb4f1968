package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.ingest.Thorough;
import io.penstock.ingest.deadletter.DeadLetter;
import io.penstock.ingest.deadletter.DeadLetters;
import io.penstock.ingest.deadletter.Selection;
import io.penstock.ingest.provider.EventSchemas;
import io.penstock.ingest.registry.WireFormat;
import io.penstock.localstack.LocalStack;
import java.io.BufferedReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code penstock dead-letters}, as an operator calls it, beside a running instance. */
@ExtendWith(Stack.Shared.class)
class DeadLettersIT {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path directory;

  private Command.Ended penstock(Settings settings, String command, String... arguments) {
    return Command.run(settings, directory, line(command, arguments));
  }

  private static List<String> line(String command, String... arguments) {
    List<String> line = new ArrayList<>(List.of("dead-letters", command));
    line.addAll(List.of(arguments));
    return line;
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

      Command.Ended list = penstock(settings, "list");
      assertThat(list.err()).contains("2 dead letters: {malformed-json=1, missing-identity=1}");
      assertThat(list.status()).isZero();
      assertThat(list.lines())
          .hasSize(2)
          .anySatisfy(line -> assertThat(line).contains(" generations ", " malformed-json "))
          .anySatisfy(line -> assertThat(line).contains(" shapes ", " missing-identity "));
      assertThat(list.out()).as("no part of a body").doesNotContain("session_id", "ken");

      Command.Ended some = penstock(settings, "list", "--source", "generations", "--since", "1h");
      assertThat(some.lines()).hasSize(1);
      String position = some.lines().getFirst().split(" ", 2)[0];

      Command.Ended show = penstock(settings, "show", position);
      JsonNode letter = JSON.readTree(show.out());
      assertThat(letter.path("reason").asText()).isEqualTo("malformed-json");
      assertThat(letter.path("base64").binaryValue()).isEqualTo(broken);
      assertThat(penstock(settings, "show", "--body", position).bytes()).isEqualTo(broken);

      Command.Ended redrive = penstock(settings, "redrive", "--all");
      assertThat(redrive.status()).isEqualTo(1);
      assertThat(redrive.lines())
          .hasSize(2)
          .anySatisfy(line -> assertThat(line).contains("kept: still malformed-json"))
          .anySatisfy(line -> assertThat(line).contains("kept: still missing-identity"));
      assertThat(outsider.readAll(settings.deadLetter())).as("nothing was driven").hasSize(2);

      assertThat(penstock(settings, "redrive").status()).as("nothing says which").isEqualTo(2);
      Command.Ended none = penstock(settings, "show", "0-99999");
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
      List<Outsider.Read> written = outsider.readAll(settings.deadLetter());
      assertThat(written).hasSize(1);
      assertThat(outsider.readAll(settings.smartshape())).isEmpty();
      limit(stack, settings.smartshape(), 3_000_000);
      limit(stack, settings.deadLetter(), 3_000_000);

      Command.Ended dry =
          penstock(settings, "redrive", "--reason", "payload-too-large", "--dry-run");
      assertThat(dry.err()).contains("would drive 1, kept 0 dead letters");
      assertThat(outsider.readAll(settings.smartshape())).as("a dry run").isEmpty();

      // The pipeline learns of the new limit from the first that is too large by the old one.
      await()
          .atMost(Duration.ofMinutes(2))
          .until(
              () -> {
                Command.Ended redrive =
                    penstock(settings, "redrive", "--reason", "payload-too-large");
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
                assertThat(event.header("ce_id"))
                    .as("a consumer that removes copies by their ids keeps it")
                    .isNotEqualTo(written.getFirst().header("ce_id"))
                    .isEqualTo(written.getFirst().value().get("eventId").toString());
              });
    }
  }

  /** As after an upgrade: an older version could not decode a body that this version can decode. */
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
      write(settings, letter, Instant.now());

      Command.Ended redrive = penstock(settings, "redrive", "--receipt-id", "receipt-1");
      assertThat(redrive.out()).contains("receipt-1 driven");
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

  private static final String ASSETS =
      """
      sources:
        - name: assets
          provider: echo3d
          deduplicate-equal-within: 30m
          auth: [{type: url-token, tokens: [{env: CSM_URL_TOKEN}]}]
        - name: twins
          provider: matterport
          auth: [{type: url-token, tokens: [{env: CSM_URL_TOKEN}]}]
      """;

  /** The colour of an asset was set to red three times today, and one of them was sent twice. */
  @Thorough("`afterATopicTakesMoreItsLettersBecomeEventsOnce`")
  @Test
  void whatIsEqualToAnEventOfAnotherTimeIsDrivenAllTheSame(Stack stack) throws Exception {
    Settings settings = Settings.of(stack).withText("sources:\n", ASSETS);
    byte[] body = "{\"event\":\"Edit\",\"entryIds\":[\"a\"]}".getBytes(UTF_8);
    String first = "1".repeat(32);
    String second = "2".repeat(32);
    String copyOfSecond = "3".repeat(32);
    try (Instance instance = Instance.ready(settings);
        Sender sender = new Sender();
        Outsider outsider = new Outsider(settings)) {
      Instant now = Instant.now();
      for (Map.Entry<String, Duration> letter :
          List.of(
              Map.entry(first, Duration.ofHours(3)),
              Map.entry(second, Duration.ofHours(1)),
              Map.entry(copyOfSecond, Duration.ofMinutes(59)))) {
        GenericRecord record = letter(settings, letter.getKey(), body);
        record.put("source", "assets");
        record.put("provider", "echo3d");
        record.put("receiptId", "receipt-" + letter.getKey().charAt(0));
        record.put("entityKey", "unknown-collection");
        write(settings, record, now.minus(letter.getValue()));
      }
      String address = instance.url() + "/webhooks/assets/" + Settings.CSM_TOKEN;
      assertThat(sender.send(Sender.request(address, body).build()).statusCode()).isEqualTo(200);

      Command.Ended redrive = penstock(settings, "redrive", "--all");

      assertThat(redrive.lines())
          .hasSize(3)
          .anySatisfy(line -> assertThat(line).contains("receipt-1 driven"))
          .anySatisfy(line -> assertThat(line).contains("receipt-2 driven"))
          .anySatisfy(line -> assertThat(line).contains("receipt-3 left out: a copy of "));
      assertThat(redrive.err()).contains("drove 2, kept 0 dead letters, left out 1 copies");
      assertThat(redrive.status()).isZero();
      assertThat(penstock(settings, "redrive", "--all").status()).as("once more").isZero();
      assertThat(outsider.readAll(settings.prefix() + ".echo3d"))
          .hasSize(3)
          .extracting(event -> event.header("ce_id"))
          .doesNotHaveDuplicates()
          .contains(first, second)
          .doesNotContain(copyOfSecond);
    }
  }

  /**
   * The order of dead letters of several partitions of the landing log that were read at different
   * times.
   */
  @Thorough("`lettersAreListedAndShownAndThoseThatAreStillHopelessAreKept`")
  @Test
  void sinceIsAskedOfEachLetterAndNotOfItsPlace(Stack stack) throws Exception {
    Settings settings = Settings.of(stack);
    try (Instance instance = Instance.ready(settings)) {
      assertThat(instance.metric("penstock_pipeline_running")).isEqualTo(1);
      Instant now = Instant.now();
      for (int minutes : List.of(200, 10, 300, 20, 100)) {
        GenericRecord letter = letter(settings, "0".repeat(32), Sender.shape("f-1", "u"));
        letter.put("receiptId", "receipt-" + minutes);
        write(settings, letter, now.minus(Duration.ofMinutes(minutes)));
      }

      Command.Ended list = penstock(settings, "list", "--since", "1h");
      assertThat(list.lines())
          .hasSize(2)
          .anySatisfy(line -> assertThat(line).contains(" receipt-10 "))
          .anySatisfy(line -> assertThat(line).contains(" receipt-20 "));
      Command.Ended redrive = penstock(settings, "redrive", "--since", "1h", "--dry-run");
      assertThat(redrive.err()).contains("would drive 2, kept 0 dead letters");
      assertThat(penstock(settings, "list").lines()).hasSize(5);
    }
  }

  /**
   * A dead letter whose body did not fit has no body, which must not be taken for an empty body.
   */
  @Thorough("`afterATopicTakesMoreItsLettersBecomeEventsOnce`")
  @Test
  void aBodyThatIsLostMakesNoEvent(Stack stack) throws Exception {
    Settings settings = Settings.of(stack).withText("sources:\n", ASSETS);
    try (Instance instance = Instance.ready(settings);
        Outsider outsider = new Outsider(settings)) {
      assertThat(instance.metric("penstock_pipeline_running")).isEqualTo(1);
      GenericRecord letter = letter(settings, "0".repeat(32), new byte[0]);
      letter.put("source", "twins");
      letter.put("provider", "matterport");
      letter.put("inboundOffset", 999L);
      write(settings, letter, Instant.now());

      Command.Ended redrive = penstock(settings, "redrive", "--all");

      assertThat(redrive.out()).contains("kept: it has no body", "keeps it no longer");
      assertThat(redrive.status()).isEqualTo(1);
      assertThat(outsider.readAll(settings.prefix() + ".matterport")).isEmpty();
    }
  }

  @Thorough("`lettersAreListedAndShownAndThoseThatAreStillHopelessAreKept`")
  @Test
  void whatComesWhileLettersAreReadIsNotShown(Stack stack) throws Exception {
    Settings settings = Settings.of(stack);
    try (Instance instance = Instance.ready(settings);
        DeadLetters letters = new DeadLetters(settings.configuration(directory))) {
      assertThat(instance.metric("penstock_pipeline_running")).isEqualTo(1);
      for (int i = 0; i < 20; i++) {
        GenericRecord letter = letter(settings, "0".repeat(32), Sender.shape("f-" + i, "u"));
        letter.put("entityKey", "f-" + i);
        write(settings, letter, Instant.now());
      }
      List<DeadLetter> seen = new ArrayList<>();
      letters.visit(
          new Selection(List.of(), Set.of(), Set.of(), Set.of(), null),
          new Collecting(seen) {
            @Override
            public void accept(DeadLetter letter) {
              super.accept(letter);
              try {
                // As where a letter that is driven fails once more.
                write(settings, letter(settings, "1".repeat(32), letter.body()), Instant.now());
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            }
          });
      assertThat(seen).hasSize(20);
    }
  }

  @Test
  void aTopicThatIsNotThereIsAnError(Stack stack) throws Exception {
    Settings settings = Settings.of(stack).withText("prefix: ", "prefix: not-there-");

    Command.Ended list = penstock(settings, "list");

    assertThat(list.status()).isEqualTo(1);
    assertThat(list.err()).contains("error: Kafka: ", "not-there-");
  }

  /** For dead letters without a readable body. */
  private static class Collecting implements DeadLetters.Visitor {

    private final List<DeadLetter> seen;

    Collecting(List<DeadLetter> seen) {
      this.seen = seen;
    }

    @Override
    public void accept(DeadLetter letter) {
      seen.add(letter);
    }

    @Override
    public void unreadable(DeadLetter.Position position, String problem) {
      throw new AssertionError(position + ": " + problem);
    }

    @Override
    public void unreadable(int partition, String problem) {
      throw new AssertionError(partition + ": " + problem);
    }
  }

  /** Kafka becomes unavailable while dead letters are re-driven, and again while they are read. */
  @Test
  @Thorough("`afterATopicTakesMoreItsLettersBecomeEventsOnce`, where Kafka stays available")
  void whenKafkaGoesTheCommandEndsAndCanBeRunAgain(LocalStack stack) throws Exception {
    int count = 800;
    Settings settings = Settings.of(stack);
    try (Instance instance = Instance.ready(settings);
        Outsider outsider = new Outsider(settings)) {
      assertThat(instance.metric("penstock_pipeline_running")).isEqualTo(1);
      List<GenericRecord> letters = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        GenericRecord letter =
            letter(settings, "%032x".formatted(i), Sender.shape("f-" + i, "u-" + i));
        letter.put("entityKey", "f-" + i);
        letter.put("receiptId", "receipt-" + i);
        letters.add(letter);
      }
      write(settings, letters, Instant.now());

      Process redrive =
          Command.start(
              settings, directory, directory.resolve("redrive.err"), line("redrive", "--all"));
      int driven = 0;
      try (BufferedReader out = redrive.inputReader(UTF_8)) {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
          driven += line.endsWith(" driven") ? 1 : 0;
          if (driven == 10) {
            stack.kafka().broker(0).kill();
          }
        }
        assertThat(redrive.waitFor(120, TimeUnit.SECONDS)).as("it ends").isTrue();
      } finally {
        redrive.destroyForcibly();
      }
      String err = Files.readString(directory.resolve("redrive.err"));
      assertThat(redrive.exitValue()).as(err).isEqualTo(3);
      assertThat(driven).isBetween(10, count - 1);
      assertThat(err)
          .contains("error: Kafka: ")
          .contains("drove " + driven + ", kept 0 dead letters")
          .contains("Run it again");

      stack.kafka().broker(0).start();
      instance.awaitReady();
      Command.Ended again = penstock(settings, "redrive", "--all");
      assertThat(again.err()).contains("drove " + count + ", kept 0 dead letters");
      assertThat(again.status()).isZero();
      assertThat(outsider.readAll(settings.smartshape()))
          .extracting(event -> event.value().get("uuid").toString())
          .doesNotHaveDuplicates()
          .hasSize(count);

      List<GenericRecord> large = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        large.add(letter(settings, "0".repeat(32), new byte[500_000]));
      }
      write(settings, large, Instant.now());
      List<DeadLetter> seen = new ArrayList<>();
      Selection every = new Selection(List.of(), Set.of(), Set.of("large"), Set.of(), null);
      try (DeadLetters reader =
          new DeadLetters(settings.configuration(directory), Duration.ofSeconds(3))) {
        assertThatExceptionOfType(KafkaException.class)
            .isThrownBy(
                () ->
                    reader.visit(
                        every,
                        new Collecting(seen) {
                          @Override
                          public boolean isDone() {
                            stack.kafka().broker(0).kill();
                            return false;
                          }
                        }))
            .withMessageContaining(settings.deadLetter());
      }
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

  private static void write(Settings settings, GenericRecord letter, Instant at) throws Exception {
    write(settings, List.of(letter), at);
  }

  private static void write(Settings settings, List<GenericRecord> letters, Instant at)
      throws Exception {
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
      List<Future<RecordMetadata>> written = new ArrayList<>();
      for (GenericRecord letter : letters) {
        written.add(
            producer.send(
                new ProducerRecord<>(
                    settings.deadLetter(),
                    null,
                    at.toEpochMilli(),
                    letter.get("entityKey").toString().getBytes(UTF_8),
                    new WireFormat().encode(id, letter))));
      }
      for (Future<RecordMetadata> one : written) {
        one.get(120, TimeUnit.SECONDS);
      }
    }
  }

  private static void limit(Stack stack, String topic, int bytes) throws Exception {
    try (TopicSettings topics = new TopicSettings(stack.bootstrapServers())) {
      topics.set(topic, "max.message.bytes", Integer.toString(bytes));
    }
  }
}
