package io.penstock.ingest.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.ingest.cluster.TopicRequirement;
import io.penstock.ingest.pipeline.Publishing.Published;
import io.penstock.ingest.provider.Identification.Identified;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.Providers;
import io.penstock.ingest.provider.Sample;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.record.internal.AbstractRecords;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever a body within its limit holds, its event fits the topic that {@link TopicRequirement}
 * asks for, and its dead letter would. The bodies are every sample with one of its members grown to
 * the limit, by what takes the most room beside its JSON.
 */
class EventSizesTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LIMIT = 60_000;

  /** Less than topics have beside the body, which must not hide that an event grows with it. */
  private static final int ROOM = 20_000;

  private static final int EVENT =
      TopicRequirement.eventBytes(LIMIT) - TopicRequirement.OVERHEAD + ROOM;
  private static final int DEAD_LETTER =
      TopicRequirement.landingBytes(LIMIT) - TopicRequirement.OVERHEAD + ROOM;

  private final Publishing publishing =
      new Publishing(
          Providers.all(),
          topic -> topic.endsWith("dead-letter") ? DEAD_LETTER : EVENT,
          "https://hooks.example.com/" + "x".repeat(200));

  static Stream<Provider> providers() {
    return Providers.all().stream();
  }

  /** One value that takes so many bytes of JSON, about. */
  private static final List<IntFunction<JsonNode>> GROWN =
      List.of(
          bytes -> JSON.getNodeFactory().textNode("x".repeat(bytes)),
          bytes -> JSON.getNodeFactory().textNode("\u0001".repeat(bytes / 6)),
          bytes -> JSON.getNodeFactory().textNode("✓".repeat(bytes / 3)),
          bytes -> array(bytes / 2, i -> JSON.getNodeFactory().numberNode(i % 10)),
          bytes -> array(bytes / 3, i -> JSON.getNodeFactory().textNode("")),
          bytes -> array(bytes / 3, i -> JSON.createObjectNode()),
          bytes -> array(bytes / 5, i -> JSON.nullNode()),
          bytes -> {
            ObjectNode object = JSON.createObjectNode();
            IntStream.range(0, bytes / 10).forEach(i -> object.put("" + i, 1));
            return object;
          },
          bytes -> array(bytes / 39, i -> JSON.getNodeFactory().textNode(id(i))));

  private static JsonNode array(int size, IntFunction<JsonNode> item) {
    ArrayNode array = JSON.createArrayNode();
    IntStream.range(0, size).forEach(i -> array.add(item.apply(i)));
    return array;
  }

  private static String id(int i) {
    return "a1b2c3d4-5678-90ab-cdef-%012d".formatted(i);
  }

  @ParameterizedTest
  @MethodSource("providers")
  void everyEventFitsItsTopic(Provider provider) throws IOException {
    int events = 0;
    int member = 0;
    for (Sample sample : provider.samples()) {
      JsonNode tree = JSON.readTree(sample.body());
      List<Runnable> undo = new ArrayList<>();
      for (ObjectNode parent : objects(tree)) {
        for (String name : names(parent)) {
          JsonNode before = parent.get(name);
          undo.add(() -> parent.set(name, before));
          // One of the ways for each member, all of them for the members of one sample.
          int way = member++ % GROWN.size();
          parent.set(name, GROWN.get(way).apply(LIMIT - 6000));
          events += assertFits(provider, tree, sample.name() + " " + name + ": " + way);
          undo.removeLast().run();
        }
      }
    }
    assertThat(events).as("published").isGreaterThan(20);
  }

  /** Lists that are one beside the other in an event, all of them grown. */
  @Test
  void everyEventOfListsSideBySideFitsItsTopic() throws IOException {
    Provider echo3d = Providers.byName("echo3d").orElseThrow();
    ObjectNode tree =
        (ObjectNode) JSON.readTree("{\"event\":\"AssetStatusUpdate\",\"apiKey\":\"k\"}");
    for (IntFunction<JsonNode> growth : GROWN) {
      for (String list :
          List.of("entryIds", "statuses", "versionIds", "metadataKeys", "metadataValues")) {
        tree.set(list, growth.apply((LIMIT - 200) / 5));
      }
      assertThat(assertFits(echo3d, tree, "all lists")).isOne();
    }
  }

  private int assertFits(Provider provider, JsonNode tree, String what) throws IOException {
    byte[] body = provider.redact(JSON.writeValueAsBytes(tree));
    assertThat(body.length).as(what).isLessThanOrEqualTo(LIMIT);
    Map<String, String> headers =
        provider.headers().stream()
            .collect(Collectors.toMap(name -> name, name -> "h".repeat(4000)));
    boolean isEvent = provider.identify(body, headers) instanceof Identified;
    Landed landed = landed(provider, body, headers);
    Published published = publishing.publish(landed.record());

    assertThat(published.isDeadLetter()).as(what).isEqualTo(!isEvent);
    assertThat(size(published.record()))
        .as(what)
        .isLessThanOrEqualTo(isEvent ? EVENT : DEAD_LETTER);
    if (isEvent) {
      GenericRecord event = PipelineDriver.value(published.record(), provider.schema());
      assertThat(event.get("json")).as(what).hasToString(new String(body, UTF_8));
      assertDeadLetterFits(landed);
    }
    return isEvent ? 1 : 0;
  }

  private static Landed landed(Provider provider, byte[] body, Map<String, String> headers) {
    Landed landed = Landed.delivery("id").provider(provider.name()).body(body).key("k".repeat(256));
    headers.forEach((name, value) -> landed.header("http-" + name, value));
    return landed;
  }

  /** The same delivery, had it been refused. */
  private void assertDeadLetterFits(Landed landed) {
    Published letter =
        publishing.publish(landed.refused("malformed-json", "not JSON, near byte 7").record());
    GenericRecord value = PipelineDriver.letter(letter.record());
    assertThat(PipelineDriver.body(value)).isNotEmpty();
    assertThat(size(letter.record())).isLessThanOrEqualTo(DEAD_LETTER);
  }

  /** As a producer and a broker reckon it. */
  private static int size(TestRecord<byte[], byte[]> record) {
    return AbstractRecords.estimateSizeInBytesUpperBound(
        RecordBatch.CURRENT_MAGIC_VALUE,
        CompressionType.NONE,
        record.key(),
        record.value(),
        record.headers().toArray());
  }

  /** What a provider means to send keeps its typed fields, up to the largest body there may be. */
  @Test
  void whatProvidersSendIsTypedAtAnySize() throws IOException {
    Provider echo3d = Providers.byName("echo3d").orElseThrow();
    ObjectNode delete = (ObjectNode) JSON.readTree("{\"event\":\"Delete\",\"apiKey\":\"k\"}");
    delete.set("entryIds", array(LIMIT / 39 - 10, i -> JSON.getNodeFactory().textNode(id(i))));
    assertTyped(echo3d, delete, "entries");

    ObjectNode add =
        (ObjectNode) JSON.readTree("{\"event\":\"AssetMetadataAdd\",\"apiKey\":\"k\"}");
    add.set("metadataKeys", array(LIMIT / 22, i -> JSON.getNodeFactory().textNode("key" + i)));
    add.set("metadataValues", array(LIMIT / 22, i -> JSON.getNodeFactory().textNode("v" + i)));
    assertTyped(echo3d, add, "metadataPairs");

    Provider smartShape = Providers.byName("smartshape").orElseThrow();
    ObjectNode attributes = (ObjectNode) JSON.readTree(smartShape.samples().getFirst().body());
    ObjectNode node = ((ObjectNode) attributes.at("/data/nodeIdToAttributes")).removeAll();
    ObjectNode values = node.putObject("node");
    IntStream.range(0, LIMIT / 22).forEach(i -> values.put("attribute " + i, i % 10));
    assertTyped(smartShape, attributes, "attributeUpdated");
  }

  private void assertTyped(Provider provider, ObjectNode tree, String field) throws IOException {
    byte[] body = provider.redact(JSON.writeValueAsBytes(tree));
    assertThat(body.length).isBetween(LIMIT * 7 / 10, LIMIT);
    Published published = publishing.publish(landed(provider, body, Map.of()).record());

    assertThat(published.isDeadLetter()).isFalse();
    GenericRecord event = PipelineDriver.value(published.record(), provider.schema());
    assertThat(event.get(field)).isNotNull();
    assertThat(
            Objects.requireNonNull(publishing.meters.find("penstock.events.untyped").counter())
                .count())
        .isZero();
  }

  /** Bodies of Matterport's pings may be of any bytes, and stand in the event as they are. */
  @Test
  void everyPingFitsItsTopic() {
    Provider matterport = Providers.byName("matterport").orElseThrow();
    for (byte fill : new byte[] {'x', 0, (byte) 0xFF}) {
      byte[] body = new byte[LIMIT];
      java.util.Arrays.fill(body, fill);
      Published published =
          publishing.publish(
              landed(matterport, body, Map.of("content-type", "c".repeat(8000))).record());

      assertThat(published.isDeadLetter()).isFalse();
      assertThat(size(published.record())).isLessThanOrEqualTo(EVENT);
    }
  }

  private static List<ObjectNode> objects(JsonNode tree) {
    List<ObjectNode> objects = new ArrayList<>();
    if (tree instanceof ObjectNode object) {
      objects.add(object);
    }
    tree.forEach(child -> objects.addAll(objects(child)));
    return objects;
  }

  private static List<String> names(ObjectNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }
}
