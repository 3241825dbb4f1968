package io.penstock.ingest.provider.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.ingest.config.WebhookConfig;
import io.penstock.ingest.config.WebhookConfig.Entity;
import io.penstock.ingest.config.WebhookConfig.ValuePlace;
import io.penstock.ingest.json.JsonPointers;
import io.penstock.ingest.provider.Sample;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A delivery that has something in every place that a source's rules name. */
final class MadeUpSample {

  private static final String TIME = "2025-09-01T07:26:51.484Z";

  /** The highest place in an array that a sample is made for. */
  private static final int MAX_INDEX = 100;

  private final Map<String, String> headers = new TreeMap<>();
  private final ObjectNode body = JsonNodeFactory.instance.objectNode();

  private MadeUpSample() {}

  static Sample of(WebhookConfig rules) {
    MadeUpSample sample = new MadeUpSample();
    sample.put(rules.type(), "sample");
    sample.put(rules.id() instanceof WebhookConfig.Id.At at ? at.places() : List.of(), "sample-1");
    sample.put(rules.entity() instanceof Entity.At at ? at.places() : List.of(), "entity-1");
    sample.put(rules.time(), TIME);
    if (sample.body.isEmpty()) {
      sample.body.put("sample", true);
    }
    try {
      return new Sample(
          "sample",
          new ObjectMapper().writeValueAsString(sample.body).getBytes(StandardCharsets.UTF_8),
          sample.headers);
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new IllegalStateException("a tree in memory cannot fail to be written", e);
    }
  }

  /** Puts a value into each place, so that whichever comes first has it. */
  private void put(List<ValuePlace> places, String value) {
    for (ValuePlace place : places) {
      switch (place) {
        case ValuePlace.Header header -> headers.putIfAbsent(header.name(), value);
        case ValuePlace.Pointer pointer -> put(pointer.path(), value);
      }
    }
  }

  private void put(String pointer, String value) {
    String[] tokens = JsonPointers.tokens(pointer);
    JsonNode at = body;
    for (int i = 0; i < tokens.length && at != null; i++) {
      boolean isLast = i == tokens.length - 1;
      JsonNode next = isLast ? JsonNodeFactory.instance.textNode(value) : below(tokens[i + 1]);
      at = child(at, tokens[i], next);
    }
  }

  private static JsonNode below(String token) {
    return index(token) >= 0
        ? JsonNodeFactory.instance.arrayNode()
        : JsonNodeFactory.instance.objectNode();
  }

  /** The child of this name, made if it is not there; null where there can be none. */
  private static @Nullable JsonNode child(JsonNode parent, String token, JsonNode made) {
    int index = index(token);
    if (parent instanceof ObjectNode object) {
      object.putIfAbsent(token, made);
      return object.get(token);
    }
    if (parent instanceof ArrayNode array && index >= 0) {
      while (array.size() < index) {
        array.addNull();
      }
      if (array.size() == index) {
        array.add(made);
      }
      return array.get(index);
    }
    return null; // a text stands there already
  }

  private static int index(String token) {
    if (!token.matches("0|[1-9][0-9]{0,2}")) {
      return -1;
    }
    int index = Integer.parseInt(token);
    return index <= MAX_INDEX ? index : -1;
  }
}
