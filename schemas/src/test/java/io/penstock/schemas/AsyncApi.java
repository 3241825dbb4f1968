package io.penstock.schemas;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import io.penstock.schemas.Contract.Topic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * Writes the <a href="https://www.asyncapi.com/docs/reference/specification/v3.0.0">AsyncAPI
 * 3.0</a> document of the topics, with the whole Avro schemas inside it.
 *
 * <p>The schemas' format is named as Avro 1.9.0, although a newer Avro writes them: that is the
 * name that the specification recommends, and the only one for which AsyncAPI's own JSON schema and
 * its parser look into the schemas. They use nothing that is newer.
 */
final class AsyncApi {

  static final ObjectMapper YAML =
      new ObjectMapper(
          YAMLFactory.builder()
              .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
              .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
              .disable(YAMLGenerator.Feature.SPLIT_LINES)
              .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
              .build());

  static final String AVRO = "application/vnd.apache.avro;version=1.9.0";

  private static final String KAFKA_BINDING = "0.5.0";
  private static final String EVENT_HEADERS = "EventHeaders";
  private static final String LANDING = "LandingRecord";

  private final ObjectNode root = YAML.createObjectNode();
  private final ObjectNode channels;
  private final ObjectNode operations;
  private final ObjectNode messages;

  private AsyncApi() {
    root.put("asyncapi", "3.0.0");
    info();
    root.put("defaultContentType", TopicHeaders.CONTENT_TYPE);
    channels = root.putObject("channels");
    operations = root.putObject("operations");
    ObjectNode components = root.putObject("components");
    messages = components.putObject("messages");
    ObjectNode schemas = components.putObject("schemas");
    headers(schemas.putObject(EVENT_HEADERS), TopicHeaders.published());
    headers(schemas.putObject("LandingHeaders"), TopicHeaders.landing());
  }

  static String write(List<Topic> topics) {
    AsyncApi document = new AsyncApi();
    topics.forEach(document::topic);
    document.landingLog();
    try {
      return "# Made of schemas/src/main/avro by a test of the module schemas. Do not edit; run: "
          + Committed.COMMAND
          + "\n"
          + YAML.writeValueAsString(document.root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private void info() {
    ObjectNode info = root.putObject("info");
    info.put("title", "Penstock's topics");
    info.put("version", Contract.version());
    info.put(
        "description",
        """
        Webhooks of 3D-content providers as typed events, each exactly once for a consumer that reads with \
        isolation.level=read_committed. Topics are named with the prefix webhooks unless an installation sets another \
        (topics.prefix). Schemas are registered as <topic>-value and evolve under FULL_TRANSITIVE compatibility, so that \
        every version reads every other. This document has the version of the artifact that it is shipped in. Brokers, registry \
        and access are the installation's: ask those who run it.\
        """);
    ObjectNode license = info.putObject("license");
    license.put("name", "Apache 2.0");
    license.put("url", "https://www.apache.org/licenses/LICENSE-2.0");
  }

  private static void headers(ObjectNode schema, List<TopicHeaders.Header> headers) {
    schema.put("type", "object");
    ArrayNode required = schema.putArray("required");
    ObjectNode properties = schema.putObject("properties");
    for (TopicHeaders.Header header : headers) {
      if (header.isAlways()) {
        required.add(header.name());
      }
      ObjectNode property = properties.putObject(header.name());
      property.put("type", "string");
      if (header.constant() != null) {
        property.put("const", header.constant());
      }
      if (!header.format().isEmpty()) {
        property.put("format", header.format());
      }
      property.put("description", header.doc());
      property.putArray("examples").add(header.example());
    }
  }

  private void topic(Topic topic) {
    String name = topic.schema().getName();
    String channel = topic.channel();
    ObjectNode description =
        channel(channel, topic.address(), topic.isDeadLetter() ? "Dead letters" : name, name);
    description.put("description", topic.schema().getDoc());
    if (topic.isOfSource()) {
      description
          .putObject("parameters")
          .putObject("topic")
          .put(
              "description",
              "The name that the installation gives to the events of a source or of several: lower"
                  + " case letters, digits and dashes. metadata.provider repeats it.")
          .putArray("examples")
          .add("github");
      ((ObjectNode) description.at("/bindings/kafka")).remove("topic");
    }

    ObjectNode message = messages.putObject(name);
    message.put("name", topic.schema().getFullName());
    message.put("title", name);
    message.put("summary", topic.schema().getDoc());
    message.put("contentType", TopicHeaders.CONTENT_TYPE);
    ArrayNode headers = message.putObject("headers").putArray("allOf");
    headers.addObject().put("$ref", "#/components/schemas/" + EVENT_HEADERS);
    ObjectNode own = headers.addObject().put("type", "object").putObject("properties");
    own.putObject("ce_dataschema").put("const", Contract.uri(topic.schema()));
    own.putObject("ce_type")
        .put(
            "pattern",
            "^io\\.penstock\\."
                + (topic.isOfSource() ? "[a-z0-9-]+" : topic.provider().replace(".", "\\."))
                + "\\..+");
    ObjectNode payload = message.putObject("payload");
    payload.put("schemaFormat", AVRO);
    try {
      payload.set("schema", YAML.readTree(topic.schema().toString()));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
    ObjectNode kafka = message.putObject("bindings").putObject("kafka");
    kafka
        .putObject("key")
        .put("type", "string")
        .put(
            "description",
            topic.isDeadLetter()
                ? "The key of the event that it would have become, in UTF-8; the receipt id where"
                    + " the delivery names no entity."
                : "Names the entity that the event is about, in UTF-8; events of one entity are in"
                    + " one partition, in the order of their arrival. A name longer than 256"
                    + " bytes is replaced by sha256: and its digest.");
    kafka.put("schemaIdLocation", "payload");
    kafka.put("schemaIdPayloadEncoding", "confluent");
    kafka.put("schemaLookupStrategy", "TopicNameStrategy");
    kafka.put("bindingVersion", KAFKA_BINDING);

    message.putArray("examples").add(example(topic));

    operation("publish" + upperFirst(channel), channel, name)
        .put("summary", "Penstock publishes; consumers receive.");
  }

  private static JsonNode example(Topic topic) {
    try {
      return YAML.readTree(Contract.example(topic).toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void landingLog() {
    ObjectNode channel = channel("inbound", "webhooks.inbound", "The landing log", LANDING);
    channel.put(
        "description",
        "Every authentic delivery, copies included, from before its sender is answered until"
            + " retention takes it. Internal: written by the ingress and read by the pipeline of"
            + " the same installation, in a form that may change with any version. Not for"
            + " consumers.");
    channel.put("x-internal", true);
    ObjectNode message = messages.putObject(LANDING);
    message.put("name", LANDING);
    message.put("title", "Landing record");
    message.put("contentType", "application/octet-stream");
    message.put(
        "summary",
        "The exact bytes of a delivery's body, known credentials in it replaced by a fingerprint.");
    message.putObject("headers").put("$ref", "#/components/schemas/LandingHeaders");
    message
        .putObject("payload")
        .put("type", "string")
        .put("format", "binary")
        .put("description", "Usually JSON; need not be text.");
    message.putObject("bindings").putObject("kafka").put("bindingVersion", KAFKA_BINDING);
    operation("land", "inbound", LANDING)
        .put("summary", "The ingress appends; the pipeline reads. Not for consumers.");
  }

  private ObjectNode channel(String name, String address, String title, String message) {
    ObjectNode channel = channels.putObject(name);
    channel.put("address", address);
    channel.put("title", title);
    channel
        .putObject("messages")
        .putObject(message)
        .put("$ref", "#/components/messages/" + message);
    channel
        .putObject("bindings")
        .putObject("kafka")
        .put("topic", address)
        .put("bindingVersion", KAFKA_BINDING);
    return channel;
  }

  private ObjectNode operation(String name, String channel, String message) {
    ObjectNode operation = operations.putObject(name);
    operation.put("action", "send");
    operation.putObject("channel").put("$ref", "#/channels/" + channel);
    operation
        .putArray("messages")
        .addObject()
        .put("$ref", "#/channels/" + channel + "/messages/" + message);
    return operation;
  }

  private static String upperFirst(String name) {
    return Character.toUpperCase(name.charAt(0)) + name.substring(1);
  }
}
