package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.EmptyWebhookSecretException;
import com.standardwebhooks.exceptions.WebhookSigningException;
import io.penstock.ingest.it.Outsider.Read;
import io.penstock.ingest.provider.Decoding.Decoded;
import io.penstock.ingest.provider.EventSchemas;
import io.penstock.ingest.provider.Identification.Identified;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.Providers;
import io.penstock.ingest.provider.Sample;
import io.penstock.ingest.provider.Shape;
import io.penstock.ingest.provider.TestEvents;
import io.penstock.ingest.provider.TypedFields;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Promises 4 and 5: every documented event of every provider, and what no documentation names,
 * through HTTP, Kafka and the registry.
 */
@ExtendWith(Stack.Shared.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // set before all tests
class SamplesIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final InstantSource CLOCK = InstantSource.system();

  /** Beside those that all tests have: of Matterport, echo3D and Move. */
  private static final String SOURCES =
      """
      sources:
        - name: twins
          provider: matterport
          auth: [{type: header, name: X-Twins, values: [{env: CSM_URL_TOKEN}]}]
        - name: assets
          provider: echo3d
          deduplicate-equal-within: 1h
          auth: [{type: url-token, tokens: [{env: CSM_URL_TOKEN}]}]
        - name: captures
          provider: move
          auth: [{type: standard-webhooks, secrets: [{env: MOVE_SECRET}]}]
      """;

  /** The providers of the sources that all tests have. */
  private static final String USUAL = "provider: smartshape\nprovider: csm\n";

  private Settings settings;
  private Instance instance;
  private Sender sender;
  private Outsider outsider;

  @BeforeAll
  void start(Stack stack) {
    settings =
        Settings.of(stack)
            .withText("sources:\n", SOURCES + OtherProviders.sourcesBeside(SOURCES + USUAL))
            .with("MOVE_SECRET", MoveSettings.SECRET);
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

  static List<String> providers() {
    return Providers.all().stream().map(Provider::name).toList();
  }

  /** The name of a provider's source. */
  private static String source(String provider) {
    return switch (provider) {
      case "smartshape" -> "shapes";
      case "csm" -> "generations";
      case "move" -> "captures";
      case "matterport" -> "twins";
      case "echo3d" -> "assets";
      default -> provider;
    };
  }

  private List<Read> events(String provider) {
    return outsider.readAll(settings.prefix() + "." + provider);
  }

  /**
   * As a provider would send it.
   *
   * @param id of the message, for Move
   * @param attempt each has its own time, for Move
   */
  private HttpRequest request(String provider, String id, int attempt, byte[] body) {
    String address = instance.url() + "/webhooks/" + source(provider);
    return switch (provider) {
      case "smartshape" -> Sender.shapes(instance, body);
      case "csm" -> Sender.generations(instance, body);
      case "move" -> signed(Sender.request(address, body), id, attempt, body);
      case "matterport" ->
          Sender.request(address, body).header("X-Twins", Settings.CSM_TOKEN).build();
      default -> OtherProviders.request(instance, source(provider), body);
    };
  }

  private static HttpRequest signed(HttpRequest.Builder to, String id, int attempt, byte[] body) {
    long at = CLOCK.instant().getEpochSecond() - attempt;
    try {
      return to.header("svix-id", id)
          .header("svix-timestamp", Long.toString(at))
          .header(
              "svix-signature",
              new Webhook(MoveSettings.SECRET).sign(id, at, new String(body, UTF_8)))
          .build();
    } catch (EmptyWebhookSecretException | WebhookSigningException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * Something that a provider sends.
   *
   * @param field the one that is set for its type
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Delivery(String id, JsonNode json, byte[] body, String field) {

    static Delivery of(String id, byte[] body, String field) throws IOException {
      return new Delivery(id, JSON.readTree(body), body, field);
    }

    String text() {
      return new String(body, UTF_8);
    }
  }

  private static List<Delivery> documented(Provider provider) throws IOException {
    List<Delivery> deliveries = new ArrayList<>();
    for (Sample sample : provider.samples()) {
      String type = JSON.readTree(sample.body()).at(type(provider.name())).asText();
      String field = field(provider, type);
      deliveries.add(
          Delivery.of(
              "msg_" + sample.name().replace('.', '_'),
              sample.body(),
              sample.name().startsWith("v1-")
                  ? "v1" + Character.toUpperCase(field.charAt(0)) + field.substring(1)
                  : field));
    }
    if (provider.name().equals("move")) {
      for (Delivery sample : List.copyOf(deliveries)) {
        deliveries.add(withOtherPrefix(sample));
      }
    }
    return deliveries;
  }

  /** Move may print its types with the prefix or without, whichever the catalogue has. */
  private static Delivery withOtherPrefix(Delivery sample) throws IOException {
    String type = sample.json.path("event_name").asText();
    String other = type.startsWith("ugc.") ? type.substring("ugc.".length()) : "ugc." + type;
    return Delivery.of(
        sample.id + "_otherwise",
        sample.text().replace("\"" + type + "\"", "\"" + other + "\"").getBytes(UTF_8),
        switch (other) {
          case "ugc.job.state.started" -> "jobStateStarted";
          case "job.state.failed" -> "ugcJobStateFailed";
          default -> camelCase(other);
        });
  }

  /** The name of a type's field; what it would be if the type has none. */
  private static String field(Provider provider, String type) {
    return provider.schema().getFields().stream()
        .filter(field -> type.equals(field.getProp("penstock.eventType")))
        .filter(field -> field.getProp("penstock.eventForm") == null)
        .map(Schema.Field::name)
        .findFirst()
        .orElseGet(() -> camelCase(type));
  }

  private static Provider provider(String name) {
    return Providers.byName(name).orElseThrow();
  }

  private static String type(String provider) {
    return switch (provider) {
      case "smartshape", "echo3d" -> "/event";
      case "move" -> "/event_name";
      case "csm", "matterport" -> "/type";
      default -> Shape.pointer(Shape.of(provider(provider)).type());
    };
  }

  /** As the provider's own rules read it, for providers that this test knows nothing of. */
  private static Decoded decoded(String provider, JsonNode json) {
    return TestEvents.decode(provider(provider), json.toString().getBytes(UTF_8));
  }

  private static @Nullable Instant time(String provider, JsonNode json) {
    JsonNode time =
        switch (provider) {
          case "smartshape" -> json.path("runTimestamp");
          case "csm" -> json.at("/payload/timestamp");
          case "matterport", "move", "echo3d" -> json.path("timestamp");
          default -> JSON.valueToTree(millis(decoded(provider, json).occurredAt()));
        };
    if (time.isMissingNode() || time.isNull()) {
      return null;
    }
    return time.isNumber() ? Instant.ofEpochMilli(time.asLong()) : Instant.parse(time.asText());
  }

  private static @Nullable Long millis(@Nullable Instant time) {
    return time == null ? null : time.toEpochMilli();
  }

  private static String key(String provider, Read event, JsonNode json) {
    return switch (provider) {
      case "smartshape" -> json.path("file").asText();
      case "csm" -> json.at("/payload/session_id").asText();
      case "matterport" -> json.path("modelId").asText();
      case "move" ->
          json.at(
                  json.at("/detail/job_id").isMissingNode()
                      ? "/detail/event_attributes/job/id"
                      : "/detail/job_id")
              .asText();
      case "echo3d" -> event.value().get("apiKeyFingerprint").toString();
      default ->
          provider(provider).identify(json.toString().getBytes(UTF_8), Map.of())
                  instanceof Identified identified
              ? identified.entityKey()
              : "";
    };
  }

  /** As it is to come out: echo3D's key alone is replaced. */
  private static String json(String provider, Read event, String sent) {
    return provider.equals("echo3d")
        ? sent.replace("bold-sky-1234", event.value().get("apiKeyFingerprint").toString())
        : sent;
  }

  @ParameterizedTest
  @MethodSource("providers")
  void everythingDocumentedComesOutTypedOnceAndWhole(String name) throws IOException {
    Provider provider = provider(name);
    List<Delivery> deliveries = documented(provider);
    for (Delivery delivery : deliveries) {
      for (int attempt = 0; attempt < 2; attempt++) {
        assertAcknowledged(sender.send(request(name, delivery.id, attempt, delivery.body)));
      }
    }

    List<Read> events = events(name);

    Map<String, Long> landed =
        outsider.readHeaders(settings.inbound()).stream()
            .filter(headers -> source(name).equals(headers.get("penstock-source")))
            .collect(
                Collectors.groupingBy(
                    headers -> String.valueOf(headers.get("penstock-deduplication-id")),
                    Collectors.counting()));
    for (Delivery delivery : deliveries) {
      List<Read> found =
          events.stream()
              .filter(
                  event ->
                      event
                          .value()
                          .get("json")
                          .toString()
                          .equals(json(name, event, delivery.text())))
              .toList();
      assertThat(found).as(delivery.id).hasSize(1);
      Read event = found.getFirst();
      assertMetadata(event, name, delivery.json);
      assertThat(event.key()).isEqualTo(key(name, event, delivery.json));
      boolean hasRecord = event.value().getSchema().getField(delivery.field) != null;
      assertThat(setTypes(event))
          .as(delivery.id)
          .isEqualTo(hasRecord ? Set.of(delivery.field) : Set.of());
      assertEnvelope(event, delivery, name);
      if (name.equals("echo3d")) {
        assertThat(event.key()).matches("sha256/16:[0-9a-f]{4}");
      } else {
        if (hasRecord) {
          TypedFields.assertAllOf(
              delivery.body, provider, (GenericRecord) event.value().get(delivery.field));
        }
        assertThat(landed).as("of both copies").containsEntry(event.header("ce_id"), 2L);
      }
    }
  }

  /** Fields outside of the types' records: of the envelope, by their own names. */
  private static void assertEnvelope(Read event, Delivery delivery, String provider) {
    for (Schema.Field field : event.value().getSchema().getFields()) {
      String name = field.name();
      if (field.getObjectProp("penstock.eventType") != null
          || name.equals("metadata")
          || name.equals("json")) {
        continue;
      }
      if (!source(provider).equals(provider)) {
        assertRootField(event, delivery, name);
      } else {
        assertThat(String.valueOf(event.value().get(name)))
            .as(name)
            .isEqualTo(String.valueOf(decoded(provider, delivery.json).event().get(name)));
      }
    }
  }

  private static void assertRootField(Read event, Delivery delivery, String name) {
    JsonNode json =
        switch (name) {
          case "jobId" -> JSON.valueToTree(event.key());
          case "takeId" -> delivery.json.at("/detail/event_attributes/take/id");
          case "sessionId" -> JSON.valueToTree(event.key());
          case "entries" -> JSON.valueToTree(entries(delivery.json));
          case "messageId" -> JSON.valueToTree(delivery.id);
          case "apiKeyFingerprint" -> JSON.valueToTree(event.key());
          case "metadataPairs" -> JSON.valueToTree(pairs(delivery.json));
          default -> delivery.json.path(name);
        };
    Object value = event.value().get(name);
    if (json.isMissingNode() || json.isNull()) {
      assertThat(value).as(name).isNull();
    } else if (name.equals("timestamp") || name.equals("runTimestamp")) {
      assertThat(value).as(name).isEqualTo(event.metadata().get("occurredAt"));
    } else if (json.isArray()) {
      List<String> texts = new ArrayList<>();
      json.forEach(item -> texts.add(item.asText()));
      assertThat(value).as(name).hasToString(texts.toString());
    } else {
      assertThat(value).as(name).hasToString(json.asText());
    }
  }

  /** As Avro shows the pairs that the two lists stand for. */
  private static List<String> pairs(JsonNode json) {
    JsonNode keys = json.path("metadataKeys");
    JsonNode values = json.path("metadataValues");
    List<String> pairs = new ArrayList<>();
    for (int i = 0; i < Math.max(keys.size(), values.size()); i++) {
      pairs.add("{\"metadataKey\": " + keys.get(i) + ", \"metadataValue\": " + values.get(i) + "}");
    }
    return pairs;
  }

  /** As Avro shows the entries that the three lists stand for. */
  private static List<String> entries(JsonNode json) {
    List<String> entries = new ArrayList<>();
    for (int i = 0; i < json.path("entryIds").size(); i++) {
      entries.add(
          "{\"entryId\": %s, \"status\": %s, \"versionId\": %s}"
              .formatted(
                  json.path("entryIds").get(i),
                  json.path("statuses").get(i),
                  json.path("versionIds").get(i)));
    }
    return entries;
  }

  private static void assertMetadata(Read event, String provider, JsonNode json) {
    String type = json.at(type(provider)).asText();
    Instant occurredAt = time(provider, json);
    GenericRecord metadata = event.metadata();
    assertThat(metadata.get("source")).hasToString(source(provider));
    assertThat(metadata.get("provider")).hasToString(provider);
    assertThat(metadata.get("type")).hasToString(type);
    assertThat(metadata.get("occurredAt"))
        .isEqualTo(occurredAt == null ? null : occurredAt.toEpochMilli());
    assertThat(metadata.get("eventId").toString()).matches("[0-9a-f]{32}");
    assertThat(metadata.get("receiptId").toString()).isNotEmpty();
    Instant receivedAt = Instant.ofEpochMilli((long) metadata.get("receivedAt"));
    assertThat(receivedAt).isBetween(CLOCK.instant().minusSeconds(600), CLOCK.instant());
    assertThat(event.headers())
        .isEqualTo(
            Map.of(
                "ce_specversion",
                "1.0",
                "ce_id",
                metadata.get("eventId").toString(),
                "ce_source",
                "/webhooks/" + source(provider),
                "ce_type",
                "io.penstock." + provider + "." + type,
                "ce_time",
                (occurredAt == null ? receivedAt : occurredAt).toString(),
                "ce_dataschema",
                EventSchemas.uri(event.value().getSchema()),
                "ce_subject",
                event.key(),
                "ce_partitionkey",
                event.key(),
                "content-type",
                "application/avro; framing=confluent"));
    assertThat(metadata.get("entityKey")).hasToString(event.key());
  }

  private static Set<String> setTypes(Read event) {
    Set<String> set = new HashSet<>();
    event
        .value()
        .getSchema()
        .getFields()
        .forEach(
            field -> {
              if (field.getObjectProp("penstock.eventType") != null
                  && event.value().get(field.pos()) != null) {
                set.add(field.name());
              }
            });
    return set;
  }

  private static String camelCase(String type) {
    StringBuilder name = new StringBuilder();
    for (String word : type.split("[_.]", -1)) {
      char first = word.charAt(0);
      name.append(name.isEmpty() ? Character.toLowerCase(first) : Character.toUpperCase(first))
          .append(word.substring(1));
    }
    return name.toString();
  }

  /** A documented event, of another identity than the sample's, to be changed. */
  private static ObjectNode another(String provider) throws IOException {
    String sample = provider.equals("matterport") ? "created" : "";
    ObjectNode json =
        (ObjectNode)
            JSON.readTree(
                provider(provider).samples().stream()
                    .filter(each -> sample.isEmpty() || each.name().equals(sample))
                    .findFirst()
                    .orElseThrow()
                    .body());
    String id = UUID.randomUUID().toString();
    switch (provider) {
      case "smartshape" -> json.put("uuid", id);
      case "csm" -> ((ObjectNode) json.path("payload")).put("session_id", id);
      case "matterport" -> json.put("modelId", id);
      case "move", "echo3d" -> {} // by the message's id; each is another
      default -> Shape.of(provider(provider)).required().forEach(path -> put(json, path, id));
    }
    return json;
  }

  private static void put(ObjectNode json, String path, String value) {
    int dot = path.lastIndexOf('.');
    ObjectNode parent =
        dot < 0 ? json : (ObjectNode) json.at(Shape.pointer(path.substring(0, dot)));
    parent.put(path.substring(dot + 1), value);
  }

  private Read published(String provider, JsonNode json) throws IOException {
    byte[] body = JSON.writeValueAsBytes(json);
    assertAcknowledged(sender.send(request(provider, "msg_" + UUID.randomUUID(), 0, body)));
    List<Read> found =
        events(provider).stream()
            .filter(
                event ->
                    event
                        .value()
                        .get("json")
                        .toString()
                        .equals(json(provider, event, new String(body, UTF_8))))
            .toList();
    assertThat(found).hasSize(1);
    return found.getFirst();
  }

  private double counted(String meter, String... labels) {
    return instance.metric("penstock_events_" + meter + "_total", labels);
  }

  @ParameterizedTest
  @MethodSource("providers")
  void aTypeThatNobodyDocumentsIsPublishedAndCounted(String name) throws IOException {
    String source = "source=\"" + source(name) + "\"";
    double published = counted("published", source);
    double unknown = counted("unknown_type", source);
    ObjectNode json = another(name);
    put(json, type(name).substring(1).replace('/', '.'), "brand_new_type");

    Read event = published(name, json);

    assertThat(event.header("ce_type")).endsWith(".brand_new_type");
    assertThat(event.metadata().get("type")).hasToString("brand_new_type");
    assertThat(setTypes(event)).isEmpty();
    assertThat(counted("unknown_type", source)).isEqualTo(unknown + 1);
    assertThat(counted("published", source)).isEqualTo(published + 1);
  }

  @ParameterizedTest
  @CsvSource({"job.state.failed, ugcJobStateFailed", "ugc.job.state.started, jobStateStarted"})
  void aTypeThatIsTypedIsNotCountedAsUnknown(String type, String field) throws IOException {
    String source = "source=\"" + source("move") + "\"";
    double published = counted("published", source);
    double unknown = counted("unknown_type", source);
    ObjectNode json = another("move");
    json.put("event_name", type);

    Read event = published("move", json);

    assertThat(event.metadata().get("type")).hasToString(type);
    assertThat(setTypes(event)).containsExactly(field);
    assertThat(counted("published", source)).isEqualTo(published + 1);
    assertThat(counted("unknown_type", source)).isEqualTo(unknown);
  }

  @ParameterizedTest
  @MethodSource("providers")
  void aFieldThatNobodyDocumentsIsPublishedAndCounted(String name) throws IOException {
    Provider rules = provider(name);
    String content = Shape.of(rules).content();
    String type = another(name).at(type(name)).asText();
    boolean hasRecord = rules.schema().getField(field(rules, type)) != null;
    String field = field(rules, type);
    String provider = "provider=\"" + name + "\"";
    String below = "field=\"" + field + ".*\"";
    double atTheRoot = counted("unknown_fields", provider, "field=\"*\"");
    double inTheRecord = counted("unknown_fields", provider, below);
    double deviations = counted("deviations", provider);
    ObjectNode json = another(name);
    json.putObject("brand_new").putArray("a").add(1);
    if (!content.isEmpty()) {
      ((ObjectNode) json.at(Shape.pointer(content))).put("brand_new", true);
    }

    Read event = published(name, json);

    assertThat(setTypes(event)).isEqualTo(hasRecord ? Set.of(field) : Set.of());
    assertThat(counted("unknown_fields", provider, "field=\"*\"")).isEqualTo(atTheRoot + 1);
    assertThat(counted("unknown_fields", provider, below))
        .isEqualTo(inTheRecord + (content.isEmpty() ? 0 : 1));
    assertThat(counted("deviations", provider)).isEqualTo(deviations);
  }

  @Test
  void svixIsToldToGiveUpWhatNoRetryCanMend() {
    for (String body : List.of("{\"event_name\":", "{\"detail\":{}}")) {
      HttpResponse<String> answer =
          sender.send(request("move", "msg_" + UUID.randomUUID(), 0, body.getBytes(UTF_8)));
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.headers().allValues("webhook-delivery")).containsExactly("abort-message");
    }
    HttpResponse<String> other = sender.send(request("csm", "", 0, "{".getBytes(UTF_8)));
    assertThat(other.statusCode()).isEqualTo(400);
    assertThat(other.headers().map()).doesNotContainKey("webhook-delivery");
  }

  private static void assertAcknowledged(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("{\"success\": true}");
    assertThat(answer.headers().firstValue("content-type")).contains("application/json");
  }

  @Test
  void fiveHundredEventsOfOneSessionComeOutInTheirOrder() {
    String session = "SESSION_" + UUID.randomUUID();
    Instant start = Instant.parse("2025-09-01T07:26:51.484Z");
    for (int i = 0; i < 500; i++) {
      String timestamp = start.plusMillis(i).toString();
      byte[] body =
          ("{\"type\":\"session_status_changed\",\"payload\":{\"session_id\":\""
                  + session
                  + "\",\"session_type\":\"image_to_3d\","
                  + "\"old_status\":\"incomplete\",\"new_status\":\"step-"
                  + i
                  + "\",\"timestamp\":\""
                  + timestamp
                  + "\",\"session_data\":{}}}")
              .getBytes(UTF_8);
      assertThat(sender.send(Sender.generations(instance, body)).statusCode()).isEqualTo(200);
    }

    List<Read> events = outsider.readAll(settings.csm(), read -> read.key().equals(session));

    assertThat(events).hasSize(500);
    assertThat(events.stream().map(read -> read.value().get("sessionStatusChanged").toString()))
        .zipSatisfy(
            IntStream.range(0, 500).mapToObj(i -> "step-" + i).toList(),
            (typed, step) -> assertThat(typed).contains("\"" + step + "\""));
    assertThat(events.stream().map(Read::partition).distinct()).hasSize(1);
  }

  @Test
  void aTraceIsPassedOn() {
    String traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    String uuid = UUID.randomUUID().toString();

    sender.send(
        Sender.request(instance.url() + "/webhooks/shapes", Sender.shape("f", uuid))
            .header("x-smartshape-token", Sender.SHAPES_TOKEN)
            .header("traceparent", traceparent)
            .build());

    assertThat(
            outsider.readAll(
                settings.smartshape(),
                read -> uuid.equals(String.valueOf(read.value().get("uuid")))))
        .singleElement()
        .satisfies(read -> assertThat(read.header("traceparent")).isEqualTo(traceparent));
  }
}
