package io.penstock.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The AsyncAPI document is what the schemas give, and is one by AsyncAPI's own JSON schema. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AsyncApiTest {

  private static final Path FILE = Contract.MODULE.resolve("src/main/asyncapi/penstock.yaml");

  private final com.networknt.schema.Schema official = official();
  private final String text = AsyncApi.write(Contract.topics());

  private static com.networknt.schema.Schema official() {
    try (InputStream in = AsyncApiTest.class.getResourceAsStream("/asyncapi/asyncapi-3.0.0.json")) {
      return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
          .getSchema(Objects.requireNonNull(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ObjectNode document() {
    try {
      return (ObjectNode) AsyncApi.YAML.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<Error> errors(Consumer<ObjectNode> change) {
    ObjectNode document = document();
    change.accept(document);
    return official.validate(document);
  }

  @Test
  void isWhatTheSchemasGive() {
    Committed.check(FILE, text);
  }

  @Test
  void isValidByTheOfficialSchema() {
    assertThat(official.validate(document())).isEmpty();
  }

  @Test
  void theOfficialSchemaRefusesWhatIsNoAsyncApi() {
    assertThat(errors(document -> {})).isEmpty();
    assertThat(errors(document -> document.remove("info"))).isNotEmpty();
    assertThat(errors(document -> document.put("asyncapi", "2.6.0"))).isNotEmpty();
    assertThat(errors(document -> document.put("topics", "x"))).isNotEmpty();
    assertThat(errors(document -> at(document, "/operations/land").put("action", "publish")))
        .isNotEmpty();
    assertThat(errors(document -> at(document, "/channels/csm").put("address", 1))).isNotEmpty();
    assertThat(
            errors(
                document ->
                    at(document, "/components/messages/CsmEvent/bindings/kafka")
                        .put("schemaIdLocation", "nowhere")))
        .isNotEmpty();
  }

  @Test
  void theOfficialSchemaLooksIntoTheAvroSchemas() {
    String avro = "/components/messages/CsmEvent/payload/schema";
    assertThat(errors(document -> at(document, avro).put("type", "recrod"))).isNotEmpty();
    assertThat(errors(document -> at(document, avro).remove("fields"))).isNotEmpty();
    assertThat(errors(document -> at(document, avro + "/fields/0").remove("name"))).isNotEmpty();
  }

  @Test
  void everyReferenceLeadsSomewhere() {
    ObjectNode document = document();
    List<String> references = document.findValuesAsText("$ref");

    assertThat(references).isNotEmpty();
    assertThat(references)
        .allSatisfy(
            reference -> {
              assertThat(reference).startsWith("#");
              assertThat(document.at(reference.substring(1)).isMissingNode()).isFalse();
            });
  }

  @Test
  void hasTheVersionOfTheArtifact() {
    assertThat(document().at("/info/version").asText())
        .isEqualTo(Contract.version())
        .matches("\\d+\\.\\d+\\.\\d+(-SNAPSHOT)?");
  }

  @Test
  void saysWhatNeverChanges() {
    JsonNode headers = document().at("/components/schemas/EventHeaders/properties");
    assertThat(headers.at("/ce_specversion/const").asText()).isEqualTo("1.0");
    assertThat(headers.at("/content-type/const").asText())
        .isEqualTo("application/avro; framing=confluent");
  }

  /** Every example is of its schema to the field, and its headers are as the document says. */
  @Test
  void everyMessageHasAnExampleThatIsValid() {
    JsonNode document = document();
    for (Contract.Topic topic : Contract.topics()) {
      JsonNode message = document.at("/components/messages/" + topic.schema().getName());
      assertThat(message.path("examples")).hasSize(1);
      JsonNode example = message.at("/examples/0");
      assertValid(topic.schema(), example.path("payload"), topic.name());

      ObjectNode schema = (ObjectNode) document.at("/components/schemas/EventHeaders").deepCopy();
      assertThat(errors(schema, example.path("headers"))).isEmpty();
      assertThat(errors((ObjectNode) message.at("/headers/allOf/1"), example.path("headers")))
          .isEmpty();
      ObjectNode other = example.path("headers").deepCopy();
      other.put("ce_specversion", "0.3");
      assertThat(errors(schema, other)).isNotEmpty();
    }
  }

  private static List<Error> errors(ObjectNode schema, JsonNode instance) {
    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
        .getSchema(schema.toString())
        .validate(instance);
  }

  private static void assertValid(Schema schema, JsonNode value, String path) {
    switch (schema.getType()) {
      case RECORD -> {
        assertThat(value.size()).as(path).isEqualTo(schema.getFields().size());
        for (Schema.Field field : schema.getFields()) {
          assertThat(value.has(field.name())).as(path + "." + field.name()).isTrue();
          assertValid(field.schema(), value.get(field.name()), path + "." + field.name());
        }
      }
      case UNION -> {
        if (!value.isNull()) {
          assertValid(schema.getTypes().get(1), value, path);
        }
      }
      case ARRAY -> value.forEach(item -> assertValid(schema.getElementType(), item, path + "[]"));
      case MAP -> value.forEach(item -> assertValid(schema.getValueType(), item, path + "[]"));
      case STRING, BYTES -> assertThat(value.isTextual()).as(path).isTrue();
      case LONG, INT -> assertThat(value.isIntegralNumber()).as(path).isTrue();
      case DOUBLE, FLOAT -> assertThat(value.isNumber()).as(path).isTrue();
      case BOOLEAN -> assertThat(value.isBoolean()).as(path).isTrue();
      case ENUM, FIXED, NULL -> throw new AssertionError(schema + " at " + path);
    }
  }

  @Test
  void everyTopicHasItsSchemaWhole() {
    JsonNode document = document();
    for (Contract.Topic topic : Contract.topics()) {
      JsonNode message = document.at("/components/messages/" + topic.schema().getName());
      Schema schema = new Schema.Parser().parse(message.at("/payload/schema").toString());
      assertThat(schema).hasToString(topic.schema().toString());
    }
    assertThat(document.path("channels").findValuesAsText("address"))
        .hasSize(Contract.topics().size() + 1)
        .doesNotHaveDuplicates()
        .contains("webhooks.inbound", "webhooks.dead-letter", "webhooks.csm");
  }

  private static ObjectNode at(ObjectNode document, String pointer) {
    return (ObjectNode) document.at(pointer);
  }
}
