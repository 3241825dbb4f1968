package io.penstock.ingest.deploy;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the files of the source tree, YAML strictly. */
public final class Repository {

  /** Tests run in their module's directory. */
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  /**
   * Unknown and misplaced fields are errors, also in models that would collect them as "additional
   * properties". Keys that occur twice are errors too.
   */
  static final YAMLMapper YAML =
      YAMLMapper.builder(
              YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .annotationIntrospector(
              new JacksonAnnotationIntrospector() {
                @Override
                public Boolean hasAnySetter(Annotated member) {
                  return false;
                }
              })
          .build();

  private Repository() {}

  /** Fails if a value is missing. */
  static <T> T present(@Nullable T value, String what) {
    if (value == null) {
      throw new AssertionError("there is no " + what);
    }
    return value;
  }

  static String text(String path) {
    try {
      return Files.readString(ROOT.resolve(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The one document of a file. */
  public static JsonNode yaml(String path) {
    List<JsonNode> documents = documents(text(path));
    if (documents.size() != 1) {
      throw new AssertionError(path + " holds " + documents.size() + " documents");
    }
    return documents.get(0);
  }

  /** The documents of a text with {@code ---} between them; an error if it is not YAML. */
  static List<JsonNode> documents(String yaml) {
    try (var parser = YAML.getFactory().createParser(yaml)) {
      return YAML.readValues(parser, JsonNode.class).readAll();
    } catch (IOException e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }
}
