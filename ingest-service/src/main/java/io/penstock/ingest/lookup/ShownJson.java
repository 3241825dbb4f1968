package io.penstock.ingest.lookup;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.ingest.deadletter.DeadLetter;
import io.penstock.ingest.landing.LandingRecord;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What is shown of a record, as JSON. */
public final class ShownJson {

  private static final ObjectMapper JSON = new ObjectMapper();

  private ShownJson() {}

  /** All of a record, as one object. */
  public static ObjectNode of(Shown shown) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("topic", shown.position().topic());
    node.put("partition", shown.position().partition());
    node.put("offset", shown.position().offset());
    switch (shown) {
      case Shown.Published event -> published(node, event);
      case Shown.Landed landed -> {
        node.put("landedAt", landed.appendedAt().toString());
        node.put("spooled", landed.spooled());
        landed(node, landed.landing());
      }
      case Shown.Letter letter -> {
        node.put("landedAt", letter.timestamp().toString());
        letter(node, letter.letter());
      }
      case Shown.Unreadable unreadable -> {
        node.put("timestamp", unreadable.timestamp().toString());
        node.put("problem", unreadable.problem());
      }
    }
    return node;
  }

  private static void published(ObjectNode node, Shown.Published event) {
    node.put("landedAt", event.timestamp().toString());
    node.put("receivedAt", event.receivedAt().toString());
    node.put("occurredAt", event.occurredAt() == null ? null : event.occurredAt().toString());
    node.put("source", event.source());
    node.put("provider", event.provider());
    node.put("type", event.type());
    node.put("entityKey", event.entityKey());
    node.put("eventId", event.eventId());
    node.put("receiptId", event.receiptId());
    node.put("schemaId", event.schemaId());
    node.set("event", event.event());
  }

  private static void landed(ObjectNode node, LandingRecord landing) {
    node.put("receivedAt", Instant.ofEpochMilli(landing.receivedAt()).toString());
    node.put("source", landing.source());
    node.put("provider", landing.envelope().provider());
    switch (landing) {
      case LandingRecord.Event event -> {
        node.put("outcome", "accepted");
        node.put("entityKey", event.key());
        node.put("eventId", event.deduplicationId().hex());
      }
      case LandingRecord.Refusal refusal -> {
        node.put("outcome", "refused");
        node.put("reason", refusal.reason().code());
        node.put("detail", refusal.detail());
      }
    }
    node.put("receiptId", landing.receiptId());
    node.put("contentType", landing.envelope().contentType());
    body(node, landing.envelope().headers(), landing.body());
  }

  private static void letter(ObjectNode node, DeadLetter letter) {
    node.put("receivedAt", letter.receivedAt().toString());
    node.put("source", letter.source());
    node.put("provider", letter.provider());
    node.put("reason", letter.reason());
    node.put("detail", letter.detail());
    node.put("entityKey", letter.entityKey());
    node.put("eventId", letter.eventId());
    node.put("receiptId", letter.receiptId());
    RecordPosition landed = landed(letter);
    node.put("landed", landed == null ? null : landed.toString());
    body(node, letter.headers(), letter.body());
  }

  /** Where a dead letter's landing record stands; null where the letter does not say. */
  static @Nullable RecordPosition landed(DeadLetter letter) {
    DeadLetter.Landed at = letter.landed();
    return at == null ? null : new RecordPosition(at.topic(), at.partition(), at.offset());
  }

  private static void body(ObjectNode node, Map<String, String> headers, byte[] body) {
    ObjectNode kept = node.putObject("headers");
    new TreeMap<>(headers).forEach(kept::put);
    node.put("bytes", body.length);
    try {
      node.put("text", UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString());
    } catch (CharacterCodingException e) {
      node.put("base64", body); // the text could not be turned into these bytes again
    }
  }

  /**
   * The body as the provider sent it, as text; empty where the record has none. Bytes that are not
   * UTF-8 are replaced.
   */
  public static String raw(Shown shown) {
    return switch (shown) {
      case Shown.Published event -> event.json();
      case Shown.Landed landed -> new String(landed.landing().body(), UTF_8);
      case Shown.Letter letter -> new String(letter.letter().body(), UTF_8);
      case Shown.Unreadable unreadable -> "";
    };
  }

  /**
   * Some members of a record, by their paths.
   *
   * @param paths names with dots between, such as {@code event.uuid}
   * @return an object with a member for each path; null where the record has nothing there
   */
  public static ObjectNode pick(ObjectNode node, Iterable<String> paths) {
    ObjectNode picked = JsonNodeFactory.instance.objectNode();
    for (String path : paths) {
      JsonNode at = node;
      for (String name : path.split("\\.", -1)) {
        at = at.path(name);
      }
      picked.set(path, at.isMissingNode() ? JsonNodeFactory.instance.nullNode() : at);
    }
    return picked;
  }

  /** One line of JSON that a terminal can show: see {@link PlainText#line}. */
  public static String line(JsonNode node) {
    try {
      return PlainText.line(JSON.writeValueAsString(node));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of texts can be written", e);
    }
  }
}
