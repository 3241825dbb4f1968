package io.penstock.ingest.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Programs that read a topic, with this installation's addresses: those of {@code docs/consumers},
 * which are tested there.
 */
final class ConsumerSnippets {

  private ConsumerSnippets() {}

  /**
   * One program.
   *
   * @param id of its element
   * @param note what it needs
   * @param command how it is run
   * @param code the program; empty where the command is all
   */
  record Snippet(String id, String language, String note, String command, String code) {}

  /**
   * All of them.
   *
   * @param servers Kafka's
   * @param registry the registry's address; empty where none is configured
   */
  static List<Snippet> of(String servers, String registry, String topic) {
    String url = registry.isEmpty() ? "http://<your registry>" : registry;
    String arguments = servers + " " + url + " " + topic + " my-group";
    return List.of(
        new Snippet(
            "kcat",
            "kcat",
            "Shows keys and headers; with Avro built in also the values.",
            "kcat -C -b "
                + servers
                + " -t "
                + topic
                + " -o beginning -e -f '%T %k %h\\n'\n"
                + "kcat -C -b "
                + servers
                + " -t "
                + topic
                + " -o beginning -e -s value=avro -r "
                + url
                + " -f '%k %s\\n'",
            ""),
        new Snippet(
            "java",
            "Java",
            "Needs io.penstock:schemas and kafka-clients; RegistryDeserializer is in"
                + " docs/consumers/java.md. For another topic name its class in the place of CsmEvent.",
            "java -Dorg.apache.avro.SERIALIZABLE_PACKAGES=io.penstock.events -cp …"
                + " io.penstock.examples.ReadEvents "
                + arguments,
            code("ReadEvents.java")),
        new Snippet(
            "python",
            "Python",
            "Needs confluent-kafka[avro,schemaregistry].",
            "python consume.py " + arguments,
            code("consume.py")),
        new Snippet(
            "node",
            "Node",
            "Needs avsc and kafkajs: docs/consumers/node has the package.json.",
            "node consume.js " + arguments,
            code("consume.js")));
  }

  private static String code(String name) {
    try (InputStream in = ConsumerSnippets.class.getResourceAsStream("/console/snippets/" + name)) {
      if (in == null) {
        throw new IllegalStateException("the jar has no console/snippets/" + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
