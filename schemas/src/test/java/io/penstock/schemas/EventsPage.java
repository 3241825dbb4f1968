package io.penstock.schemas;

import io.penstock.schemas.Contract.Topic;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.avro.JsonProperties;
import org.apache.avro.Schema;

/** Writes {@code docs/events.md}: every topic, header and field, in the schemas' own words. */
final class EventsPage {

  private static final String ROOT = "io.penstock.events.";

  private final StringBuilder page = new StringBuilder();

  private EventsPage() {}

  static String write(List<Topic> topics, Schema metadata) {
    EventsPage page = new EventsPage();
    page.introduction(topics);
    page.record("##", metadata);
    for (Topic topic : topics) {
      page.topic(topic, metadata);
    }
    return page.page.toString();
  }

  private void introduction(List<Topic> topics) {
    page.append(
        """
        <!-- Made of schemas/src/main/avro by a test of the module schemas. Do not edit; run: %s -->

        # Events

        The records in Penstock's topics, field by field, with the schemas' own docs. The same as a document for tools: [AsyncAPI](../schemas/src/main/asyncapi/penstock.yaml). How to read them from Java, Python, Node or a shell:
        [consumers](consumers/). What may change, and what never does: [released schemas](../schemas/released/README.md).

        ## Topics

        `webhooks` is the prefix unless an installation sets `topics.prefix`. Keys are text in UTF-8. Values are Avro in the
        Confluent wire format (a zero byte, the schema's id in four bytes, Avro's binary encoding), under the subject
        `<topic>-value`. Read with `isolation.level=read_committed`: a record that is not committed may be aborted and written again.

        | topic | value | `ce_dataschema` | |
        |---|---|---|---|
        """
            .formatted(Committed.COMMAND));
    for (Topic topic : topics) {
      row(
          "`" + topic.address() + "`",
          link(topic.schema()),
          "`" + Contract.uri(topic.schema()) + "`",
          text(topic.schema().getDoc()));
    }
    row(
        "`webhooks.inbound`",
        "the body's exact bytes",
        "",
        "The landing log: every authentic delivery, copies included, before it is decoded."
            + " Internal: its form may change with any version, and its content is unchecked."
            + " The key is the event's.");
    page.append(
        """

        ## Headers

        Of every record but those of the landing log: [CloudEvents 1.0](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md)
        in binary mode, as text in UTF-8. What CloudEvents does not allow in a string (control characters and the like), and the
        percent sign, is percent-encoded; a value that would be longer than 1024 bytes is `sha256:` and its digest.

        | header | | example |
        |---|---|---|
        """);
    for (TopicHeaders.Header header : TopicHeaders.published()) {
      row("`" + header.name() + "`", text(header.doc()), "`" + header.example() + "`");
    }
    page.append('\n');
  }

  private void topic(Topic topic, Schema metadata) {
    page.append("## ").append(topic.address()).append("\n\n");
    for (Schema record : Contract.records(topic.schema()).values()) {
      if (!record.getFullName().equals(metadata.getFullName())) {
        record("###", record);
      }
    }
  }

  private void record(String level, Schema record) {
    page.append(level).append(' ').append(name(record)).append("\n\n");
    page.append(text(record.getDoc())).append("\n\n");
    page.append("| field | type | default | |\n|---|---|---|---|\n");
    for (Schema.Field field : record.getFields()) {
      row(
          "`" + field.name() + "`",
          type(field.schema()),
          field.hasDefaultValue() ? "`" + value(field) + "`" : "none",
          text(field.doc()));
    }
    page.append('\n');
  }

  private void row(String... cells) {
    page.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }

  private static String value(Schema.Field field) {
    Object value = field.defaultVal();
    if (JsonProperties.NULL_VALUE.equals(value)) {
      return "null";
    }
    return value instanceof Map<?, ?> map && map.isEmpty() ? "{}" : String.valueOf(value);
  }

  private static String type(Schema schema) {
    if (schema.getProp("logicalType") != null) {
      return schema.getProp("logicalType");
    }
    return switch (schema.getType()) {
      case UNION -> union(schema.getTypes());
      case ARRAY -> "array of " + type(schema.getElementType());
      case MAP -> "map of " + type(schema.getValueType());
      case RECORD -> link(schema);
      default -> schema.getType().getName();
    };
  }

  private static String union(List<Schema> branches) {
    StringBuilder text = new StringBuilder();
    for (Schema branch : branches) {
      if (branch.getType() != Schema.Type.NULL) {
        text.append(text.isEmpty() ? "" : " or ").append(type(branch));
      }
    }
    boolean nullable = branches.stream().anyMatch(b -> b.getType() == Schema.Type.NULL);
    return nullable ? text + ", null" : text.toString();
  }

  /** As in the contract's namespace: {@code CsmEvent}, {@code csm.SessionStatusChanged}. */
  private static String name(Schema record) {
    String name = record.getFullName();
    return name.startsWith(ROOT) ? name.substring(ROOT.length()) : name;
  }

  private static String link(Schema record) {
    String name = name(record);
    // As the usual renderers make an anchor of a heading.
    String anchor = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_-]", "");
    return "[" + name + "](#" + anchor + ")";
  }

  private static String text(String doc) {
    return doc.strip()
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace("|", "\\|")
        .replaceAll("\\s+", " ");
  }
}
