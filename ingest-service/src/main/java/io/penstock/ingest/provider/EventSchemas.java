package io.penstock.ingest.provider;

import io.penstock.ingest.json.MappingProperties;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;

/**
 * The Avro schemas of the topics, as they are registered: read from the contract's own files, since
 * the schemas inside the generated classes carry properties that mean something to Java alone.
 */
public final class EventSchemas {

  private EventSchemas() {}

  /**
   * The schema of one record, with everything that it refers to inside it.
   *
   * @param name the record's, without its namespace, such as SmartShapeEvent
   */
  public static Schema load(String name) {
    Schema.Parser parser = new Schema.Parser();
    Schema metadata = parse(parser, "EventMetadata");
    return name.equals(metadata.getName()) ? metadata : parse(parser, name);
  }

  /** The schema of the dead letter topic. */
  public static Schema deadLetter() {
    return load("DeadLetter");
  }

  /**
   * Names a schema wherever it stands, by RFC 6920: the SHA-256 fingerprint that the Avro
   * specification defines, of the schema's parsing canonical form. Schemas with one name read one
   * another's bytes field by field; docs and properties do not count.
   */
  public static String uri(Schema schema) {
    try {
      return "ni:///sha-256;"
          + Base64.getUrlEncoder()
              .withoutPadding()
              .encodeToString(SchemaNormalization.parsingFingerprint("SHA-256", schema));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** The types of events that a provider's schema names, with a field of their own or without. */
  public static Set<String> types(Schema event) {
    Set<String> types = new HashSet<>(typesWithoutField(event));
    for (Schema.Field field : event.getFields()) {
      String type = field.getProp(MappingProperties.EVENT_TYPE);
      if (type != null) {
        types.add(type);
      }
    }
    return Set.copyOf(types);
  }

  /** Those of them whose events carry nothing that needs a field of their own. */
  static Set<String> typesWithoutField(Schema event) {
    return event.getObjectProp(MappingProperties.EVENT_TYPES) instanceof Collection<?> types
        ? types.stream().map(Object::toString).collect(Collectors.toUnmodifiableSet())
        : Set.of();
  }

  private static Schema parse(Schema.Parser parser, String name) {
    String resource = "/io/penstock/schemas/" + name + ".avsc";
    try (InputStream in = EventSchemas.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalArgumentException("No schema " + resource);
      }
      return parser.parse(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
