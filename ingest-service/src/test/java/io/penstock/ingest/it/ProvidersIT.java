package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.ingest.it.Outsider.Read;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.Sample;
import io.penstock.ingest.provider.echo3d.Echo3d;
import io.penstock.ingest.provider.matterport.Matterport;
import java.io.IOException;
import java.net.Authenticator;
import java.net.PasswordAuthentication;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Matterport and echo3D, with all that may stand in for a signature, through HTTP, Kafka and the
 * registry; and echo3D's API key through none of it.
 */
@ExtendWith(Stack.Shared.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@SuppressWarnings("NullAway.Init") // set before all tests
class ProvidersIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<List<Object>> LIST_OF_OBJECTS = new TypeReference<>() {};

  private static final String SECRET = "matterport-secret-" + UUID.randomUUID();
  private static final String API_KEY = "brave-key-" + UUID.randomUUID();
  private static final String SAMPLE_KEY = "bold-sky-1234";

  private static final String SOURCES =
      """
      sources:
        - name: twins
          provider: matterport
          auth:
            - {type: basic, username: penstock, passwords: [{env: OLD}, {env: TWINS}]}
            - {type: header, name: X-Twins, values: [{env: TWINS}]}
            - {type: query, parameter: key, values: [{env: TWINS}]}
        - name: twins-bearer
          provider: matterport
          auth: [{type: bearer, tokens: [{env: TWINS}]}]
        - name: assets
          provider: echo3d
          auth:
            - {type: url-token, tokens: [{env: CSM_URL_TOKEN}]}
            - {type: body-field, field: apiKey, values: [{env: OLD}, {env: API_KEY}]}
        - name: assets-once
          provider: echo3d
          deduplicate-equal-within: 1h
          auth: [{type: url-token, tokens: [{env: CSM_URL_TOKEN}]}]
        - name: assets-by-address
          provider: echo3d
          auth: [{type: url-token, tokens: [{env: CSM_URL_TOKEN}]}]
      """;

  private Settings settings;
  private Instance instance;
  private Sender sender;
  private Outsider outsider;

  @BeforeAll
  void start(Stack stack) {
    settings =
        Settings.of(stack)
            .withText("sources:\n", SOURCES)
            .with("OLD", "an-old-secret")
            .with("TWINS", SECRET)
            .with("API_KEY", API_KEY)
            .with("PENSTOCK_LOG_LEVEL", "trace")
            .with("PENSTOCK_LOG_LEVEL_KAFKA", "trace")
            .with("PENSTOCK_LOG_LEVEL_ROOT", "trace");
    instance = Instance.ready(settings);
    sender = new Sender();
    outsider = new Outsider(settings);
  }

  @AfterAll
  void stop() {
    outsider.close();
    sender.close();
    instance.close();
  }

  private HttpRequest twins(byte[] body) {
    return Sender.request(instance.url() + "/webhooks/twins?a=b&key=" + SECRET, body)
        .header("Authorization", basic("penstock", SECRET))
        .header("X-Twins", SECRET)
        .build();
  }

  private HttpRequest assets(String source, byte[] body) {
    String address = instance.url() + "/webhooks/" + source + "/" + Settings.CSM_TOKEN;
    return Sender.request(address, body).build();
  }

  private static String basic(String username, String password) {
    return "Basic "
        + Base64.getEncoder().encodeToString((username + ":" + password).getBytes(UTF_8));
  }

  private void assertAcknowledged(HttpRequest request) {
    var answer = sender.send(request);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("{\"success\": true}");
    assertThat(answer.headers().firstValue("content-type")).contains("application/json");
  }

  private List<Read> events(String provider, String source) {
    return outsider.readAll(
        settings.prefix() + "." + provider,
        read -> read.metadata().get("source").toString().equals(source));
  }

  private static List<String> setTypes(Read event) {
    return event.value().getSchema().getFields().stream()
        .filter(field -> field.getObjectProp("penstock.eventType") != null)
        .filter(field -> event.value().get(field.pos()) != null)
        .map(Schema.Field::name)
        .toList();
  }

  @Test
  @Order(2)
  void aSenderThatWaitsForAChallengeGetsIn() throws IOException, InterruptedException {
    try (HttpClient http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .authenticator(
                new Authenticator() {
                  @Override
                  protected PasswordAuthentication getPasswordAuthentication() {
                    return new PasswordAuthentication("penstock", SECRET.toCharArray());
                  }
                })
            .build()) {
      HttpRequest request =
          Sender.request(
                  instance.url() + "/webhooks/twins?key=" + SECRET,
                  "{\"message\":\"challenged\"}".getBytes(UTF_8))
              .header("X-Twins", SECRET)
              .build();
      assertThat(http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
          .isEqualTo(200);
    }
  }

  @Test
  @Order(1)
  void everyMatterportSampleComesOutTypedOnceAndWhole() throws IOException {
    Provider provider = new Matterport();
    for (Sample sample : provider.samples()) {
      assertAcknowledged(twins(sample.body()));
      assertAcknowledged(twins(sample.body()));
    }

    List<Read> events = events("matterport", "twins");

    assertThat(events).hasSameSizeAs(provider.samples());
    for (Sample sample : provider.samples()) {
      JsonNode json = JSON.readTree(sample.body());
      Read event =
          events.stream()
              .filter(e -> e.value().get("json").toString().equals(text(sample)))
              .findFirst()
              .orElseThrow();
      String type = json.path("type").asText();
      JsonNode timestamp = json.path("timestamp");
      Instant time =
          timestamp.isNumber()
              ? Instant.ofEpochMilli(timestamp.asLong())
              : Instant.parse(timestamp.asText());
      assertThat(event.key()).isEqualTo(json.path("modelId").asText());
      assertThat(event.metadata().get("type")).hasToString(type);
      assertThat(event.metadata().get("provider")).hasToString("matterport");
      assertThat(event.metadata().get("occurredAt")).isEqualTo(time.toEpochMilli());
      assertThat(event.headers())
          .containsEntry("ce_specversion", "1.0")
          .containsEntry("ce_id", event.metadata().get("eventId").toString())
          .containsEntry("ce_source", "/webhooks/twins")
          .containsEntry("ce_type", "io.penstock.matterport." + type)
          .containsEntry("ce_subject", event.key())
          .containsEntry("content-type", "application/avro; framing=confluent");
      assertThat(Instant.parse(event.header("ce_time"))).isEqualTo(time);
      if (sample.name().equals("deleted")) {
        assertThat(setTypes(event)).isEmpty();
      } else {
        assertThat(setTypes(event))
            .singleElement()
            .asString()
            .matches(name -> name.startsWith("v1") == sample.name().startsWith("v1"));
      }
    }
  }

  @Test
  @Order(2)
  void everyPingIsAnsweredAndVisibleEachTime() {
    List<String> pings =
        List.of("{}", "null", "\"ping\"", "[]", "{\"message\":\"This is a test\"}");
    for (String ping : pings) {
      assertAcknowledged(ping("application/json", ping.getBytes(UTF_8)));
      assertAcknowledged(ping(null, ping.getBytes(UTF_8)));
      assertAcknowledged(ping("text/plain", ping.getBytes(UTF_8)));
    }

    List<Read> events = events("matterport", "twins-bearer");

    assertThat(events).hasSize(3 * pings.size());
    assertThat(events)
        .allSatisfy(
            event -> {
              assertPing(event);
              assertThat(((GenericRecord) event.value().get("ping")).get("text")).isNull();
            });
    assertThat(events.stream().map(event -> event.value().get("json").toString()).distinct())
        .containsExactlyInAnyOrderElementsOf(pings);
    assertThat(events.stream().map(event -> event.header("ce_id"))).doesNotHaveDuplicates();
  }

  private static void assertPing(Read event) {
    assertThat(event.key()).isEqualTo("ping");
    assertThat(event.header("ce_type")).isEqualTo("io.penstock.matterport.ping");
    assertThat(event.metadata().get("type")).hasToString("ping");
    assertThat(setTypes(event)).containsExactly("ping");
  }

  static Stream<Arguments> pingsOfNoJson() {
    return Stream.of(
        Arguments.of("application/json", ""),
        Arguments.of(null, ""),
        Arguments.of("text/plain", ""),
        Arguments.of("text/plain; charset=utf-8", "ping \u00e4"),
        Arguments.of("application/json", "ping"),
        Arguments.of(null, "pong"),
        Arguments.of("application/x-www-form-urlencoded", "event=ping&model=FR1wedSZUWQ"),
        Arguments.of("text/xml", "<ping/>"),
        Arguments.of("nonsense", " \n"));
  }

  @ParameterizedTest
  @Order(2)
  @MethodSource("pingsOfNoJson")
  void aPingThatIsNoJsonIsAnsweredAndVisible(@Nullable String contentType, String body) {
    double published =
        instance.metric("penstock_events_published_total", "source=\"twins-bearer\"");

    assertAcknowledged(ping(contentType, body.getBytes(UTF_8)));

    List<Read> events =
        events("matterport", "twins-bearer").stream()
            .filter(event -> isPingOf(event, contentType, body))
            .toList();
    assertThat(events).hasSize(1);
    assertPing(events.getFirst());
    assertThat(events.getFirst().value().get("json")).hasToString("");
    assertThat(instance.metric("penstock_events_published_total", "source=\"twins-bearer\""))
        .isEqualTo(published + 1);
  }

  private static boolean isPingOf(Read event, @Nullable String contentType, String body) {
    GenericRecord ping = (GenericRecord) event.value().get("ping");
    return body.equals(String.valueOf(ping.get("text")))
        && String.valueOf(contentType).equals(String.valueOf(ping.get("contentType")));
  }

  @Test
  @Order(2)
  void aPingOfBytesIsAnsweredAndVisible() {
    byte[] body = {(byte) 0x89, 'P', 'N', 'G', 0};

    assertAcknowledged(ping("application/octet-stream", body));

    assertThat(events("matterport", "twins-bearer"))
        .extracting(event -> ((GenericRecord) event.value().get("ping")).get("bytes"))
        .contains(ByteBuffer.wrap(body));
  }

  @ParameterizedTest
  @Order(2)
  @ValueSource(strings = {"application/json", "text/plain"})
  void aDamagedEventIsNoPing(String contentType) {
    String body = "{\"type\":\"created\",\"modelId\":\"" + UUID.randomUUID();

    var answer = sender.send(ping(contentType, body.getBytes(UTF_8)));

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("malformed-json");
    assertThat(outsider.readAll(settings.deadLetter()))
        .filteredOn(read -> UTF_8.decode(bytes(read)).toString().equals(body))
        .singleElement()
        .satisfies(
            read -> {
              assertThat(read.value().get("reason")).hasToString("malformed-json");
              assertThat(read.value().get("headers"))
                  .hasToString("{content-type=" + contentType + "}");
            });
  }

  private static ByteBuffer bytes(Read letter) {
    return ((ByteBuffer) letter.value().get("body")).duplicate();
  }

  @Test
  @Order(2)
  void aCompressedPingIsRefusedAndKeptAsItCame() {
    var answer =
        sender.send(
            HttpRequest.newBuilder(
                    ping("text/plain", new byte[] {0x1F, (byte) 0x8B}), (n, v) -> true)
                .header("Content-Encoding", "gzip")
                .build());

    assertThat(answer.statusCode()).isEqualTo(415);
    assertThat(outsider.readAll(settings.deadLetter()))
        .filteredOn(read -> bytes(read).equals(ByteBuffer.wrap(new byte[] {0x1F, (byte) 0x8B})))
        .singleElement()
        .satisfies(
            read -> assertThat(read.value().get("reason")).hasToString("unsupported-content-type"));
  }

  private HttpRequest ping(@Nullable String contentType, byte[] body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(instance.url() + "/webhooks/twins-bearer"))
            .timeout(Duration.ofMinutes(2))
            .header("Authorization", "Bearer " + SECRET)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    return contentType == null
        ? request.build()
        : request.header("Content-Type", contentType).build();
  }

  @Test
  @Order(3)
  void everyEcho3dSampleComesOutTypedAndWithoutTheKey() throws IOException {
    Provider provider = new Echo3d();
    for (Sample sample : provider.samples()) {
      assertAcknowledged(assets("assets", withKey(text(sample))));
    }

    List<Read> events = events("echo3d", "assets");

    assertThat(events).hasSameSizeAs(provider.samples());
    for (Sample sample : provider.samples()) {
      Read event =
          events.stream()
              .filter(e -> e.header("ce_type").equals("io.penstock.echo3d." + sample.name()))
              .findFirst()
              .orElseThrow();
      String fingerprint = event.value().get("apiKeyFingerprint").toString();
      assertThat(fingerprint).matches("sha256/16:[0-9a-f]{4}");
      assertThat(event.key()).isEqualTo(fingerprint);
      assertThat(event.value().get("json"))
          .hasToString(text(sample).replace(SAMPLE_KEY, fingerprint));
      JsonNode json = JSON.readTree(sample.body());
      assertThat(event.value().get("metadataPairs"))
          .asInstanceOf(InstanceOfAssertFactories.LIST)
          .extracting(pair -> String.valueOf(((GenericRecord) pair).get("metadataKey")))
          .isEqualTo(JSON.convertValue(json.path("metadataKeys"), LIST_OF_OBJECTS));
      assertThat(event.metadata().get("occurredAt")).isNull();
      assertThat(event.value().get("entries"))
          .asInstanceOf(InstanceOfAssertFactories.LIST)
          .extracting(entry -> String.valueOf(((GenericRecord) entry).get("entryId")))
          .isEqualTo(JSON.convertValue(json.path("entryIds"), LIST_OF_OBJECTS));
    }
  }

  /** Of nearly a mebibyte: its ids stand in the event once, beside its JSON. */
  @Test
  @Order(4)
  void aDeleteOfThousandsOfEntriesIsTypedAndWhole() {
    int count = 26_000;
    String ids =
        IntStream.range(0, count)
            .mapToObj("\"a1b2c3d4-5678-90ab-cdef-%012d\""::formatted)
            .collect(Collectors.joining(","));
    String body =
        "{\"event\":\"Delete\",\"apiKey\":\"" + SAMPLE_KEY + "\",\"entryIds\":[" + ids + "]}";
    assertThat(body.length()).isBetween(1_000_000, 1024 * 1024);

    assertAcknowledged(assets("assets", withKey(body)));

    assertThat(events("echo3d", "assets"))
        .filteredOn(event -> event.value().get("json").toString().length() > 1_000_000)
        .singleElement()
        .satisfies(
            event ->
                assertThat(event.value().get("entries"))
                    .asInstanceOf(InstanceOfAssertFactories.LIST)
                    .hasSize(count));
  }

  @Test
  @Order(4)
  void equalDeliveriesOfEcho3dAreEventsEach() {
    byte[] body = withKey("{\"event\":\"Repeated\",\"apiKey\":\"" + SAMPLE_KEY + "\"}");
    for (int i = 0; i < 3; i++) {
      assertAcknowledged(assets("assets", body));
    }

    assertThat(
            events("echo3d", "assets").stream()
                .filter(event -> event.header("ce_type").equals("io.penstock.echo3d.Repeated"))
                .map(event -> event.header("ce_id")))
        .hasSize(3)
        .doesNotHaveDuplicates();
  }

  @Test
  @Order(4)
  void equalDeliveriesAreOneEventWhereASourceSaysSo() {
    for (String entry : List.of("a", "b", "a", "a", "b")) {
      String body =
          "{\"event\":\"Edit\",\"apiKey\":\"" + API_KEY + "\",\"entryIds\":[\"" + entry + "\"]}";
      assertAcknowledged(assets("assets-once", body.getBytes(UTF_8)));
    }

    assertThat(
            events("echo3d", "assets-once").stream()
                .map(event -> event.value().get("entries").toString()))
        .satisfiesExactly(
            first -> assertThat(first).contains("\"entryId\": \"a\""),
            second -> assertThat(second).contains("\"entryId\": \"b\""));
  }

  @ParameterizedTest
  @Order(5)
  @ValueSource(
      strings = {
        "{\"apiKey\":\"KEY\"}",
        "[{\"event\":\"Upload\",\"apiKey\":\"KEY\"}]",
        "{\"event\":\"Upload\",\"apiKey\":\"KEY\",\"apiKey\":\"KEY\"}",
        "{\"event\":\"Upload\",\"apiKey\":\"KEY",
        "{\"event\":\"Upload\",\"apiKey\":\"KEY\",}",
        "{event:'Upload',apiKey:'KEY'}",
        "{\"u\":\"https://a/q?key=KEY\",\"event\":\"Upload\",\"apiKey\":\"KEY\",}",
        "{\"u\":\"https://a/q?key=KEY\",\"event\":\"Upload\",x,\"apiKey\":\"KEY\"}",
        "{\"u\":\"https://a/q?key=KEY\",\"event\":\"Upload\",\"apiKey\":\"KEY",
        "{\"u\":[\"KEY\"],\"KEY\":{\"ApiKey\":\"KEY\"}}",
        "KEY"
      })
  void whatIsRefusedIsKeptWithoutTheKey(String body) {
    var answer =
        sender.send(assets("assets-by-address", body.replace("KEY", API_KEY).getBytes(UTF_8)));

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).doesNotContain(API_KEY);
  }

  @ParameterizedTest
  @Order(5)
  @ValueSource(
      strings = {
        "https://api.echo3D.com/query?key=KEY&file=x",
        "https://KEY.echo3D.com/",
        "KEY",
        "{\\\"apiKey\\\":\\\"KEY\\\"}"
      })
  void aKeyInAValueReachesNoTopic(String value) {
    String source = "source=\"assets-by-address\"";
    double published = instance.metric("penstock_events_published_total", source);
    for (String form :
        List.of(
            "{\"event\":\"Keyed\",\"entryIds\":[\"VALUE\"],\"metadataKeys\":[\"u\"],\"metadataValues\":[\"VALUE\"],\"apiKey\":\"KEY\"}",
            "{\"apiKey\":\"KEY\",\"event\":\"Keyed\",\"new\":{\"VALUE\":\"VALUE\"}}")) {
      String body = form.replace("VALUE", value).replace("KEY", API_KEY);
      assertAcknowledged(assets("assets-by-address", body.getBytes(UTF_8)));
    }

    List<Read> events = events("echo3d", "assets-by-address");

    assertThat(instance.metric("penstock_events_published_total", source)).isEqualTo(published + 2);
    assertThat(events)
        .allSatisfy(event -> assertAbsent("an event", event.value().toString()))
        .anySatisfy(
            event ->
                assertThat(event.value().get("json").toString())
                    .contains(value.replace("KEY", "***"), "sha256/16:"));
  }

  @ParameterizedTest
  @Order(5)
  @ValueSource(
      strings = {"{\"apiKey\":1}", "[{\"apiKey\":1},", "{\"event\":\"E\",\"x\":[{\"apiKey\":1},"})
  void aBodyOfNothingButKeysIsKept(String unit) {
    int limit = 1024 * 1024;
    String repeated = unit.substring(unit.lastIndexOf('{'));
    String start = unit.substring(0, unit.lastIndexOf('{'));
    String end = start.isEmpty() ? "" : start.startsWith("[") ? "{}]" : "{}]}";
    int times = (limit - start.length() - end.length()) / repeated.length();
    byte[] body = (start + repeated.repeat(times) + end).getBytes(UTF_8);

    var answer = sender.send(assets("assets-by-address", body));

    // The first is two values and more, the second none that names its event.
    assertThat(answer.statusCode()).isEqualTo(unit.contains("event") ? 200 : 400);
  }

  @Test
  @Order(6)
  void nobodyElseGetsIn() {
    byte[] body = "{\"event\":\"Intruder\",\"apiKey\":\"wrong-key\"}".getBytes(UTF_8);
    String twins = instance.url() + "/webhooks/twins";
    String good = basic("penstock", SECRET);
    List<HttpRequest> requests =
        List.of(
            assets("assets", body),
            assets("assets", ("{\"apiKey\":\"" + API_KEY + "\"").getBytes(UTF_8)),
            Sender.request(twins + "?key=" + SECRET, body).header("X-Twins", SECRET).build(),
            Sender.request(twins, body)
                .header("Authorization", good)
                .header("X-Twins", SECRET)
                .build(),
            Sender.request(twins + "?key=" + SECRET, body).header("Authorization", good).build(),
            Sender.request(twins + "?key=" + SECRET + "&key=" + SECRET, body)
                .header("Authorization", good)
                .header("X-Twins", SECRET)
                .build(),
            Sender.request(twins + "?key=" + SECRET, body)
                .header("Authorization", good)
                .header("Authorization", good)
                .header("X-Twins", SECRET)
                .build(),
            Sender.request(twins + "?key=" + SECRET, body)
                .header("Authorization", good)
                .header("X-Twins", SECRET)
                .header("X-Twins", SECRET)
                .build(),
            Sender.request(twins + "?key=" + SECRET, body)
                .header("Authorization", basic("somebody", SECRET))
                .header("X-Twins", SECRET)
                .build(),
            Sender.request(twins + "-bearer", body).header("Authorization", good).build());
    for (HttpRequest request : requests) {
      var answer = sender.send(request);
      assertThat(answer.statusCode()).isEqualTo(401);
      assertThat(answer.body())
          .isEqualTo(
              "{\"type\":\"authentication-failed\",\"title\":\"The sender did not prove who it"
                  + " is\",\"status\":401}");
    }
  }

  @Test
  @Order(7)
  void noSecretIsAnywhere() throws IOException {
    outsider.awaitPipeline();
    String metrics = instance.metrics() + instance.health("ready").body();
    Map<String, List<byte[]>> written = everything();

    assertThat(written.get(settings.inbound())).isNotEmpty();
    assertThat(written.get(settings.deadLetter())).isNotEmpty();
    assertThat(written.get(settings.prefix() + ".echo3d")).isNotEmpty();
    written.forEach(
        (topic, parts) -> {
          for (byte[] part : parts) {
            assertAbsent(topic, new String(part, UTF_8));
          }
        });
    assertAbsent("metrics", metrics);
    instance.terminate();
    String log = instance.log();
    assertThat(log.contains("TRACE")).isTrue();
    assertAbsent("log", log);
  }

  /** Keys, values and headers of every topic of this service, its own internal ones included. */
  private Map<String, List<byte[]>> everything() {
    Map<String, List<byte[]>> written = new HashMap<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", settings.bootstrapServers()),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = new ArrayList<>();
      consumer
          .listTopics()
          .forEach(
              (topic, infos) -> {
                if (topic.startsWith(settings.prefix())) {
                  infos.forEach(
                      info -> partitions.add(new TopicPartition(topic, info.partition())));
                }
              });
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          List<byte[]> parts = written.computeIfAbsent(record.topic(), t -> new ArrayList<>());
          parts.add(record.key() == null ? new byte[0] : record.key());
          parts.add(record.value() == null ? new byte[0] : record.value());
          record.headers().forEach(header -> parts.add(header.value()));
        }
      }
    }
    return written;
  }

  /** Without AssertJ's description, which would print the secret. */
  private static void assertAbsent(String where, String text) {
    String basic = basic("penstock", SECRET).substring("Basic ".length());
    for (String secret : List.of(API_KEY, SECRET, Settings.CSM_TOKEN, basic)) {
      if (text.contains(secret)) {
        throw new AssertionError("a secret stands in " + where);
      }
    }
  }

  private static byte[] withKey(String body) {
    return body.replace(SAMPLE_KEY, API_KEY).getBytes(UTF_8);
  }

  private static String text(Sample sample) {
    return new String(sample.body(), UTF_8);
  }
}
