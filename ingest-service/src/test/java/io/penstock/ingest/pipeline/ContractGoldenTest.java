package io.penstock.ingest.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.config.ModelReadyConfig;
import io.penstock.ingest.config.WebhookConfig;
import io.penstock.ingest.config.WebhookConfig.ValuePlace;
import io.penstock.ingest.pipeline.Publishing.Published;
import io.penstock.ingest.provider.EventSchemas;
import io.penstock.ingest.provider.Identification.Identified;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.Providers;
import io.penstock.ingest.provider.webhook.Webhook;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What consumers depend on, to the letter: topics, subjects, schemas, and every header and field of
 * one event of each provider and of a dead letter. Nothing of it may change once 0.1.0 is out.
 *
 * <p>The records are files, which are the AsyncAPI document's examples as well; {@code
 * -Dpenstock.docs.write} writes them.
 */
class ContractGoldenTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path EXAMPLES = Path.of("../schemas/src/main/asyncapi/examples");

  private static final Path RELEASED = Path.of("../schemas/released");

  /** As a source of GitHub's webhooks has it. */
  private static final Provider GENERIC =
      new Webhook(
          "github",
          new WebhookConfig(
              List.of(new ValuePlace.Header("x-github-event")),
              new WebhookConfig.Id.At(List.of(new ValuePlace.Header("x-github-delivery"))),
              new WebhookConfig.Entity.At(List.of(new ValuePlace.Pointer("/repository/full_name"))),
              List.of(new ValuePlace.Pointer("/head_commit/timestamp")),
              List.of()));

  private static final List<Provider> PROVIDERS =
      Stream.concat(Providers.all().stream(), Stream.of(GENERIC)).toList();

  private final Publishing publishing = new Publishing(PROVIDERS, topic -> 10_000_000, null);

  static Stream<Provider> providers() {
    return PROVIDERS.stream();
  }

  @Test
  void topicsAndSubjectsHaveTheseNames() {
    Topics topics = new Topics("webhooks");
    assertThat(topics.inbound()).isEqualTo("webhooks.inbound");
    assertThat(topics.deadLetter()).isEqualTo("webhooks.dead-letter");
    assertThat(Providers.all().stream().map(topics::events))
        .contains(
            "webhooks.smartshape",
            "webhooks.csm",
            "webhooks.move",
            "webhooks.matterport",
            "webhooks.echo3d")
        .allMatch(topic -> topic.matches("webhooks\\.[a-z][a-z0-9]*"));
    assertThat(Topics.subject("webhooks.csm")).isEqualTo("webhooks.csm-value");
  }

  /** Those that are released: others may change, and have their fingerprint in their example. */
  @Test
  void releasedSchemasHaveTheseFingerprints() throws IOException {
    Map<String, String> schemas = new TreeMap<>();
    PROVIDERS.forEach(p -> schemas.put(p.schema().getName(), EventSchemas.uri(p.schema())));
    schemas.put("DeadLetter", EventSchemas.uri(EventSchemas.deadLetter()));
    try (Stream<Path> released = Files.list(RELEASED)) {
      schemas.keySet().retainAll(released.map(schema -> schema.getFileName().toString()).toList());
    }
    assertThat(schemas)
        .as("released schemas: add the fingerprint of a new one in ContractGoldenTest")
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "CsmEvent",
                "ni:///sha-256;Eas7Qc-t4ouHVr3S-UKx-ZjL-AaGdbHb6sj0GUel3SQ",
                "DeadLetter",
                "ni:///sha-256;uBketwJeAlIYoTK4K0GBItWVQzoFxftXK0POp452BWc",
                "Echo3dEvent",
                "ni:///sha-256;PpBSmtOiEunfZAUjr759JtRHt53KZzJQWG-nrb41eBo",
                "MatterportEvent",
                "ni:///sha-256;cj3Ly0Xz5sioZ8nDBEK1lfcyVbXudI99BaOfnF6Oymw",
                "MoveEvent",
                "ni:///sha-256;BLPS1xKOLqBJWNSci-fOxe-GE8iD3J8WwZ50yxMBggE",
                "SmartShapeEvent",
                "ni:///sha-256;djvY18jVz3V1RBCNSclqNTsrBk2TnXKojwh-Ku9NNRE"));
  }

  @ParameterizedTest
  @MethodSource("providers")
  void anEventHasTheseHeadersAndFields(Provider provider) throws IOException {
    byte[] body = provider.samples().getFirst().body();
    Map<String, String> headers = new TreeMap<>(provider.samples().getFirst().headers());
    if (provider.headers().contains("svix-id")) {
      headers.put("svix-id", "msg_2mN4pQ7rS9tU");
    }
    if (provider.equals(GENERIC)) {
      headers.put("content-type", "application/json");
    }
    Identified identified = (Identified) provider.identify(body, headers);
    Landed landed =
        landing(provider, provider.redact(body))
            .key(identified.entityKey())
            .header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    headers.forEach((name, value) -> landed.header("http-" + name, value));

    Published published = publishing.publish(landed.record());

    assertThat(published.isDeadLetter()).isFalse();
    assertGolden(
        published.record(),
        provider.schema(),
        provider.samples().getFirst().name() + " of " + provider.name());
  }

  @Test
  void aDeadLetterHasTheseHeadersAndFields() throws IOException {
    Provider provider = Providers.byName("csm").orElseThrow();
    Landed landed =
        landing(provider, "{\"type\":\"session_status_changed\"".getBytes(UTF_8))
            .refused("malformed-json", "not JSON, near byte 32")
            .key("0198f1c2-7f3a-7000-8000-3a5c00000001");

    Published published = publishing.publish(landed.record());

    assertThat(published.isDeadLetter()).isTrue();
    assertGolden(published.record(), EventSchemas.deadLetter(), "malformed-json from csm");
  }

  @Test
  void aModelThatIsReadyHasTheseHeadersAndFields(@TempDir Path directory) throws IOException {
    Provider provider = Providers.byName("matterport").orElseThrow();
    List<String> bodies =
        List.of(
            """
            {"modelId": "FR1wedSZUWQ", "version": 3, "webhookId": "887n9rwrdxytnttms0t1h02mc", \
            "timestamp": "2026-11-26T08:00:00Z", "type": "processed", \
            "body": {"status": "succeeded"}}""",
            """
            {"modelId": "FR1wedSZUWQ", "version": 4, "webhookId": "887n9rwrdxytnttms0t1h02mc", \
            "timestamp": "2026-11-26T08:00:02.500Z", "type": "activation_state_changed", \
            "body": {"previous": {"state": "pending"}, "current": {"state": "active"}}}""");
    try (PipelineDriver driver =
        PipelineDriver.ofModels(
            directory, provider, new ModelReadyConfig(true, ModelReadyConfig.RETENTION, null))) {
      for (int i = 0; i < bodies.size(); i++) {
        driver.lands(
            landing(provider, bodies.get(i).getBytes(UTF_8))
                .header("penstock-deduplication-id", "0123456789abcdef0123456789abcde" + i)
                .header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
                .key("FR1wedSZUWQ"));
      }
      assertGolden(
          driver.models().getFirst(), driver.modelSchema(), "a model that is ready at matterport");
    }
  }

  private static Landed landing(Provider provider, byte[] body) {
    return Landed.delivery("id")
        .provider(provider.name())
        .header("penstock-source", "my-" + provider.name())
        .header("penstock-receipt-id", "0198f1c2-7f3a-7000-8000-3a5c00000001")
        .header("penstock-deduplication-id", "0123456789abcdef0123456789abcdef")
        .body(body);
  }

  private static void assertGolden(TestRecord<byte[], byte[]> record, Schema schema, String summary)
      throws IOException {
    ObjectNode example = JSON.createObjectNode();
    example.put("name", schema.getName());
    example.put("summary", summary);
    PipelineDriver.headers(record).forEach(example.putObject("headers")::put);
    GenericRecord value = PipelineDriver.value(record, schema);
    example.set("payload", json(value));
    assertThat(record.headers().lastHeader("ce_partitionkey").value()).isEqualTo(record.key());

    String actual = example.toPrettyString() + "\n";
    Path file = EXAMPLES.resolve(schema.getName() + ".json");
    if (System.getProperty("penstock.docs.write") != null) {
      Files.createDirectories(EXAMPLES);
      Files.writeString(file, actual);
    }
    assertThat(file)
        .as("an event of %s: run this with -Dpenstock.docs.write, and commit it", schema.getName())
        .isRegularFile();
    assertThat(actual).isEqualTo(Files.readString(file));
  }

  /** As most tools show a record: a union's value without its branch. */
  private static JsonNode json(@Nullable Object value) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    return switch (value) {
      case null -> nodes.nullNode();
      case GenericRecord record -> {
        ObjectNode object = nodes.objectNode();
        record
            .getSchema()
            .getFields()
            .forEach(field -> object.set(field.name(), json(record.get(field.pos()))));
        yield object;
      }
      case Map<?, ?> map -> {
        ObjectNode object = nodes.objectNode();
        map.entrySet().stream()
            .sorted(Comparator.comparing(entry -> entry.getKey().toString()))
            .forEach(entry -> object.set(entry.getKey().toString(), json(entry.getValue())));
        yield object;
      }
      case Collection<?> items -> {
        ArrayNode array = nodes.arrayNode();
        items.forEach(item -> array.add(json(item)));
        yield array;
      }
      case ByteBuffer bytes ->
          nodes.textNode(StandardCharsets.ISO_8859_1.decode(bytes.duplicate()).toString());
      case Boolean flag -> nodes.booleanNode(flag);
      case Long number -> nodes.numberNode(number);
      case Integer number -> nodes.numberNode(number);
      case Double number -> nodes.numberNode(number);
      default -> nodes.textNode(value.toString());
    };
  }
}
