package io.penstock.ingest.lookup;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.IndexedRecord;
import org.jspecify.annotations.Nullable;

/**
 * Turns Avro values into plain JSON: unions without their branch's name, bytes as base64, times as
 * the numbers that consumers get.
 */
final class EventJson {

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private EventJson() {}

  /** All fields of a record but one. */
  static ObjectNode of(GenericRecord record, String without) {
    ObjectNode node = NODES.objectNode();
    for (Schema.Field field : record.getSchema().getFields()) {
      if (!field.name().equals(without)) {
        node.set(field.name(), node(record.get(field.pos())));
      }
    }
    return node;
  }

  private static JsonNode node(@Nullable Object value) {
    return switch (value) {
      case null -> NODES.nullNode();
      case CharSequence text -> NODES.textNode(text.toString());
      case Integer number -> NODES.numberNode(number);
      case Long number -> NODES.numberNode(number);
      case Double number -> NODES.numberNode(number);
      case Float number -> NODES.numberNode(number);
      case Boolean truth -> NODES.booleanNode(truth);
      case IndexedRecord record -> record(record);
      case Collection<?> items -> {
        ArrayNode array = NODES.arrayNode();
        items.forEach(item -> array.add(node(item)));
        yield array;
      }
      case Map<?, ?> entries -> {
        ObjectNode object = NODES.objectNode();
        entries.forEach((name, entry) -> object.set(String.valueOf(name), node(entry)));
        yield object;
      }
      case ByteBuffer bytes -> {
        ByteBuffer copy = bytes.duplicate();
        byte[] array = new byte[copy.remaining()];
        copy.get(array);
        yield NODES.binaryNode(array);
      }
      case GenericFixed fixed -> NODES.binaryNode(fixed.bytes());
      default -> NODES.textNode(value.toString()); // an enum's symbol
    };
  }

  private static ObjectNode record(IndexedRecord record) {
    ObjectNode node = NODES.objectNode();
    for (Schema.Field field : record.getSchema().getFields()) {
      node.set(field.name(), node(record.get(field.pos())));
    }
    return node;
  }
}
