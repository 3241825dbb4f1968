package io.penstock.schemas;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;

/** The schemas as they stand in the source tree, by the topics that they belong to. */
final class Contract {

  /** Where the module is: tests run in its directory. */
  static final Path MODULE = Path.of("").toAbsolutePath();

  /** Where the project is. */
  static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();

  private static final Path AVRO = MODULE.resolve("src/main/avro");
  private static final String METADATA = "EventMetadata";
  private static final String DEAD_LETTER = "DeadLetter";
  private static final String EVENT = "Event";

  /** Of a record that is made of other events: the last part of its topic's name. */
  private static final String TOPIC_NAME = "penstock.topicName";

  private Contract() {}

  /**
   * A topic whose values are described by a schema.
   *
   * @param name the last part of its name
   * @param schema of its values, with everything that it refers to inside it
   */
  record Topic(String name, Schema schema) {

    /** Whether its records are made of the events of another topic. */
    boolean isDerived() {
      return schema.getProp(TOPIC_NAME) != null;
    }

    /** What stands in metadata.provider; not of a topic of sources. */
    String provider() {
      String provider = schema.getProp("penstock.provider");
      return provider == null ? name : provider;
    }

    /** Its name in the AsyncAPI document. */
    String channel() {
      if (isDeadLetter()) {
        return "deadLetter";
      }
      String record = schema.getName();
      return isDerived() ? Character.toLowerCase(record.charAt(0)) + record.substring(1) : name;
    }

    /** Whether the last part of its name is the choice of an installation, source by source. */
    boolean isOfSource() {
      return schema.getProp("penstock.topic") != null;
    }

    boolean isDeadLetter() {
      return schema.getName().equals(DEAD_LETTER);
    }

    /**
     * The whole name, with the prefix that is the default, and with {@code {topic}} where a source
     * names it.
     */
    String address() {
      return "webhooks." + (isOfSource() ? "{topic}" : name);
    }
  }

  /**
   * All topics of the contract: those of the providers by name, those that are made of them, then
   * that of the dead letters.
   */
  static List<Topic> topics() {
    List<Topic> topics = new ArrayList<>();
    for (String name : names()) {
      if (name.endsWith(EVENT)) {
        String provider = name.substring(0, name.length() - EVENT.length());
        topics.add(new Topic(provider.toLowerCase(Locale.ROOT), load(name)));
      }
    }
    for (String name : names()) {
      Schema schema = load(name);
      if (schema.getProp(TOPIC_NAME) != null) {
        topics.add(new Topic(schema.getProp(TOPIC_NAME), schema));
      }
    }
    topics.add(new Topic("dead-letter", load(DEAD_LETTER)));
    return List.copyOf(topics);
  }

  /** The version of the artifact that the schemas are shipped in. */
  static String version() {
    try {
      Matcher version =
          Pattern.compile("<parent>.*?<version>([^<]+)</version>.*?</parent>", Pattern.DOTALL)
              .matcher(Files.readString(MODULE.resolve("pom.xml")));
      if (!version.find()) {
        throw new IllegalStateException("pom.xml has no version of its parent");
      }
      return version.group(1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * What a topic really gets, header by header and field by field: written by a test of the service
   * ({@code ContractGoldenTest}).
   */
  static Path example(Topic topic) {
    return MODULE.resolve("src/main/asyncapi/examples/" + topic.schema().getName() + ".json");
  }

  /**
   * Names a schema, as the header ce_dataschema does: RFC 6920, with Avro's SHA-256 fingerprint.
   */
  static String uri(Schema schema) {
    try {
      return "ni:///sha-256;"
          + Base64.getUrlEncoder()
              .withoutPadding()
              .encodeToString(SchemaNormalization.parsingFingerprint("SHA-256", schema));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The record that every event has. */
  static Schema metadata() {
    return load(METADATA);
  }

  /** The names of all files, without their ending. */
  static List<String> names() {
    try (Stream<Path> files = Files.list(AVRO)) {
      return files
          .map(file -> file.getFileName().toString().replace(".avsc", ""))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Schema load(String name) {
    Schema.Parser parser = new Schema.Parser();
    try {
      Schema metadata = parser.parse(AVRO.resolve(METADATA + ".avsc").toFile());
      return name.equals(METADATA) ? metadata : parser.parse(AVRO.resolve(name + ".avsc").toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The records that a schema consists of, itself first, each where it first occurs, by name. */
  static Map<String, Schema> records(Schema schema) {
    Map<String, Schema> found = new LinkedHashMap<>();
    collect(schema, found);
    return found;
  }

  private static void collect(Schema schema, Map<String, Schema> found) {
    switch (schema.getType()) {
      case RECORD -> {
        if (found.putIfAbsent(schema.getFullName(), schema) == null) {
          schema.getFields().forEach(field -> collect(field.schema(), found));
        }
      }
      case UNION -> schema.getTypes().forEach(branch -> collect(branch, found));
      case ARRAY -> collect(schema.getElementType(), found);
      case MAP -> collect(schema.getValueType(), found);
      default -> {}
    }
  }
}
