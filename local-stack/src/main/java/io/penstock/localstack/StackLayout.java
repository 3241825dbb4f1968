package io.penstock.localstack;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What identifies a stack over restarts: the cluster's id and the ports of all nodes.
 *
 * @param clusterId in Kafka's form: 16 bytes, base64url without padding
 * @param nodes the ports of the brokers, by their ids
 * @param registryPort the port of the schema registry
 */
record StackLayout(String clusterId, List<Node> nodes, int registryPort) {

  StackLayout {
    nodes = List.copyOf(nodes);
  }

  static Store of(Path file) {
    return new Store(file);
  }

  /** The value of {@code controller.quorum.voters}. */
  String voters() {
    return IntStream.range(0, nodes.size())
        .mapToObj(id -> id + "@127.0.0.1:" + nodes.get(id).controllerPort())
        .collect(Collectors.joining(","));
  }

  /**
   * The ports of one broker.
   *
   * @param port for clients and other brokers
   * @param controllerPort for its part in the controller quorum
   */
  record Node(int port, int controllerPort) {}

  /** Keeps the layout in a properties file. */
  record Store(Path file) {

    /**
     * The layout of the file, its taken ports replaced, or else a new one; the file has it
     * afterwards.
     *
     * @throws IllegalStateException if the file belongs to a stack with another number of brokers
     */
    StackLayout resolve(int brokers, int kafkaPort, int registryPort, Ports ports) {
      try {
        Properties known = load();
        int knownBrokers = number(known, "brokers", brokers);
        if (knownBrokers != brokers) {
          throw new IllegalStateException(
              "%s is of a stack with %d brokers, not %d".formatted(file, knownBrokers, brokers));
        }
        List<Node> nodes = new ArrayList<>();
        for (int id = 0; id < brokers; id++) {
          int preferred = id == 0 ? kafkaPort : 0;
          nodes.add(
              new Node(
                  ports.take(number(known, "broker-" + id, preferred)),
                  ports.take(number(known, "controller-" + id, 0))));
        }
        StackLayout layout =
            new StackLayout(
                known.getProperty("cluster-id", newClusterId()),
                nodes,
                ports.take(number(known, "schema-registry", registryPort)));
        store(layout);
        return layout;
      } catch (IOException e) {
        throw new UncheckedIOException("Cannot read or write " + file, e);
      }
    }

    private Properties load() throws IOException {
      Properties properties = new Properties();
      if (Files.exists(file)) {
        try (Reader reader = Files.newBufferedReader(file)) {
          properties.load(reader);
        }
      }
      return properties;
    }

    private void store(StackLayout layout) throws IOException {
      Properties properties = new Properties();
      properties.setProperty("brokers", Integer.toString(layout.nodes().size()));
      properties.setProperty("cluster-id", layout.clusterId());
      properties.setProperty("schema-registry", Integer.toString(layout.registryPort()));
      for (int id = 0; id < layout.nodes().size(); id++) {
        Node node = layout.nodes().get(id);
        properties.setProperty("broker-" + id, Integer.toString(node.port()));
        properties.setProperty("controller-" + id, Integer.toString(node.controllerPort()));
      }
      Path draft = file.resolveSibling(file.getFileName() + ".new");
      try (Writer writer = Files.newBufferedWriter(draft)) {
        properties.store(writer, null);
      }
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static int number(Properties properties, String key, int absent) {
      String value = properties.getProperty(key);
      return value == null ? absent : Integer.parseInt(value);
    }

    private static String newClusterId() {
      UUID uuid = UUID.randomUUID();
      byte[] bytes =
          ByteBuffer.allocate(2 * Long.BYTES)
              .putLong(uuid.getMostSignificantBits())
              .putLong(uuid.getLeastSignificantBits())
              .array();
      return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
  }
}
