package io.penstock.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * The OpenAPI document that is shipped beside the AsyncAPI one is valid by the official schema. A
 * test of the service ({@code ApiDocumentTest}) writes it, and compares it with what the service
 * does.
 */
class OpenApiTest {

  private final Schema official = official();

  private static Schema official() {
    try (InputStream in = OpenApiTest.class.getResourceAsStream("/openapi/openapi-3.1.json")) {
      return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
          .getSchema(Objects.requireNonNull(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ObjectNode document() {
    try {
      return (ObjectNode)
          new ObjectMapper()
              .readTree(Contract.MODULE.resolve("src/main/openapi/penstock.json").toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void isValidByTheOfficialSchema() {
    assertThat(official.validate(document())).isEmpty();
  }

  @Test
  void theOfficialSchemaRefusesWhatIsNoOpenApi() {
    ObjectNode document = document();
    document.remove("info");
    assertThat(official.validate(document)).isNotEmpty();

    ObjectNode other = document();
    ((ObjectNode) other.at("/paths/~1metrics/get")).put("responses", "none");
    assertThat(official.validate(other)).isNotEmpty();
  }

  @Test
  void hasTheVersionOfTheArtifact() {
    assertThat(document().at("/info/version").asText()).isEqualTo(Contract.version());
  }
}
