package io.penstock.ingest.config;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which properties of a client an operator may set: all but those that Penstock sets itself,
 * because a promise rests on them.
 *
 * @param reserved the others, and the reason, in words that fit "belongs to Penstock: …"
 * @param prefixes that a property may carry to reach only some of the clients
 */
record ClientPropertyRules(Map<String, String> reserved, List<String> prefixes) {

  private static final String DURABLE = "an acknowledged delivery is on every in-sync replica";
  private static final String ORDERED = "one entity's events keep their order";
  private static final String IN_TIME =
      "how long a delivery may take is delivery.kafka-deadline, from which this follows";
  private static final String SIZES = "it follows from the sources' max-body-size";
  private static final String ONCE = "every event is published exactly once";
  private static final String TYPED = "what is read and written, and how, is fixed";
  private static final String NOTHING_DROPPED = "no record is dropped, and none stops the pipeline";
  private static final String STATE =
      "an upgraded pipeline finds the state and the offsets of the one before it";

  /** Kafka's producers, consumers, admin clients and Streams, all of which get the properties. */
  static final ClientPropertyRules KAFKA =
      new ClientPropertyRules(
          Map.ofEntries(
              Map.entry("bootstrap.servers", "set kafka.bootstrap-servers instead"),
              Map.entry("client.id", "metrics tell the clients apart by it"),
              Map.entry("acks", DURABLE),
              Map.entry("retries", DURABLE),
              Map.entry("enable.idempotence", ONCE),
              Map.entry("max.in.flight.requests.per.connection", ORDERED),
              Map.entry("partitioner.class", ORDERED),
              Map.entry("partitioner.ignore.keys", ORDERED),
              Map.entry("max.block.ms", IN_TIME),
              Map.entry("delivery.timeout.ms", IN_TIME),
              Map.entry("request.timeout.ms", IN_TIME),
              Map.entry("metadata.max.idle.ms", IN_TIME),
              Map.entry("metadata.recovery.strategy", ORDERED),
              Map.entry("metadata.recovery.rebootstrap.trigger.ms", ORDERED),
              Map.entry("max.request.size", SIZES),
              Map.entry("buffer.memory", SIZES),
              Map.entry("transactional.id", ONCE),
              Map.entry("transaction.two.phase.commit.enable", ONCE),
              Map.entry("processing.guarantee", ONCE),
              Map.entry("isolation.level", ONCE),
              Map.entry("enable.auto.commit", ONCE),
              Map.entry("auto.offset.reset", NOTHING_DROPPED),
              Map.entry("key.serializer", TYPED),
              Map.entry("value.serializer", TYPED),
              Map.entry("key.deserializer", TYPED),
              Map.entry("value.deserializer", TYPED),
              Map.entry("default.key.serde", TYPED),
              Map.entry("default.value.serde", TYPED),
              Map.entry("default.timestamp.extractor", "the broker's clock alone counts"),
              Map.entry("deserialization.exception.handler", NOTHING_DROPPED),
              Map.entry("default.deserialization.exception.handler", NOTHING_DROPPED),
              Map.entry("processing.exception.handler", NOTHING_DROPPED),
              Map.entry("production.exception.handler", NOTHING_DROPPED),
              Map.entry("default.production.exception.handler", NOTHING_DROPPED),
              Map.entry("errors.dead.letter.queue.topic.name", NOTHING_DROPPED),
              Map.entry(
                  "allow.auto.create.topics", "topics.create decides, with the right settings"),
              Map.entry("application.id", STATE),
              Map.entry("group.id", STATE),
              Map.entry("group.instance.id", "two clients of one process would fence each other"),
              Map.entry("topology.optimization", STATE),
              Map.entry("state.dir", "set pipeline.state-directory instead"),
              Map.entry("num.stream.threads", "set pipeline.threads instead"),
              Map.entry("replication.factor", "set topics.replication-factor instead"),
              Map.entry("rocksdb.config.setter", "the store's memory is bounded"),
              Map.entry("statestore.cache.max.bytes", "the store's memory is bounded"),
              Map.entry("cache.max.bytes.buffering", "the store's memory is bounded"),
              Map.entry("topic.cleanup.policy", STATE),
              Map.entry("topic.min.insync.replicas", "it follows from topics.replication-factor"),
              Map.entry("topic.retention.ms", "set deduplication.window instead")),
          List.of(
              "main.consumer.",
              "restore.consumer.",
              "global.consumer.",
              "consumer.",
              "producer.",
              "admin."));

  /** Confluent's schema registry client. */
  static final ClientPropertyRules SCHEMA_REGISTRY =
      new ClientPropertyRules(
          Map.of(
              "url", "set schema-registry.url instead",
              "auto.register.schemas", "set schema-registry.auto-register instead",
              "use.latest.version", TYPED,
              "use.schema.id", TYPED,
              "key.subject.name.strategy", TYPED,
              "value.subject.name.strategy", TYPED),
          List.of("schema.registry."));

  private static final Pattern SECRET_NAME =
      Pattern.compile(
          ".*(password|passphrase|secret|user\\.info|auth\\.token|private\\.key|keystore\\.key)");

  /** What the registry's client writes into a header. */
  private static final Pattern IN_HEADER = Pattern.compile(".*(user\\.info|auth\\.token)");

  private static final Pattern SECRET_IN_JAAS =
      Pattern.compile("(password|secret|token)\\w*\\s*=", Pattern.CASE_INSENSITIVE);

  /** Why a property may not be set; empty if it may. */
  Optional<String> refusal(String name) {
    return Optional.ofNullable(reserved.get(unprefixed(name)))
        .map(reason -> "belongs to Penstock: " + reason);
  }

  /**
   * Why a value cannot be used.
   *
   * @return a sentence without the value; null where it can
   */
  @Nullable String complaint(String name, String value) {
    String plain = unprefixed(name);
    if (IN_HEADER.matcher(plain).matches() && value.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
      return "has a control character, such as a line break at its end, which no header can carry";
    }
    return equals(KAFKA) ? ClientPropertyValues.complaint(plain, value) : null;
  }

  /** What is allowed and probably a mistake; null where there is nothing. */
  @Nullable String doubt(String name, String value) {
    String plain = unprefixed(name);
    if (equals(KAFKA)
        && !ClientPropertyValues.names().contains(plain)
        && !ClientPropertyValues.isOpen(plain)) {
      return "is a property that no client of Kafka knows"
          + Suggestions.didYouMean(plain, ClientPropertyValues.names());
    }
    boolean isText = SECRET_NAME.matcher(plain).matches() && !plain.endsWith("key");
    return isText && !value.isEmpty() && !value.equals(value.strip())
        ? "begins or ends with white space, which is hardly meant"
        : null;
  }

  private String unprefixed(String name) {
    return prefixes.stream()
        .filter(name::startsWith)
        .findFirst()
        .map(prefix -> name.substring(prefix.length()))
        .orElse(name);
  }

  /** Whether a property's value is, or contains, a secret. */
  static boolean holdsSecret(String name, String value) {
    String lower = name.toLowerCase(Locale.ROOT);
    return SECRET_NAME.matcher(lower).matches()
        || (lower.endsWith("jaas.config") && SECRET_IN_JAAS.matcher(value).find());
  }
}
