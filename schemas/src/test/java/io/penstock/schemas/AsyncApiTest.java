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
