package io.penstock.ingest.config;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.streams.StreamsConfig;
import org.jspecify.annotations.Nullable;

/**
 * Which values Kafka's clients take for their properties, as they define it themselves. Kafka's own
 * exceptions repeat the value, which may be a secret in a wrong place; what is said here does not.
 */
final class ClientPropertyValues {

  private static final List<ConfigDef> CLIENTS =
      List.of(
          ProducerConfig.configDef(),
          ConsumerConfig.configDef(),
          AdminClientConfig.configDef(),
          StreamsConfig.configDef());

  private static final Set<String> NAMES =
      CLIENTS.stream()
          .flatMap(client -> client.names().stream())
          .collect(Collectors.toCollection(TreeSet::new));

  private ClientPropertyValues() {}

  /** Every property that a client of Kafka knows. */
  static Collection<String> names() {
    return NAMES;
  }

  /**
   * Why no client can be made with a value.
   *
   * @param name without a prefix for one kind of clients
   * @return null where it can, or where no client knows the property
   */
  static @Nullable String complaint(String name, String value) {
    return CLIENTS.stream()
        .map(client -> client.configKeys().get(name))
        .filter(key -> key != null && !takes(key, value))
        .findFirst()
        .map(ClientPropertyValues::demand)
        .orElse(null);
  }

  private static boolean takes(ConfigDef.ConfigKey key, String value) {
    try {
      Object parsed = ConfigDef.parseType(key.name, value, key.type);
      if (key.validator != null) {
        key.validator.ensureValid(key.name, parsed);
      }
      return true;
    } catch (ConfigException e) {
      return false; // its message would repeat the value
    }
  }

  private static String demand(ConfigDef.ConfigKey key) {
    String type = key.type.name().toLowerCase(Locale.ROOT);
    String validator = key.validator == null ? "" : ", " + key.validator;
    return "is no value that Kafka's clients take: it must be of type " + type + validator;
  }

  /** The names of other things that a property may be for: of topics that Streams makes, say. */
  static boolean isOpen(String name) {
    return Stream.of("topic.", "config.providers", "metric.reporters.", "sasl.login.")
        .anyMatch(name::startsWith);
  }
}
