package io.penstock.ingest.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Everything that an operator decides, checked. Made by {@link ConfigurationReader}; immutable.
 *
 * @param roles which parts of the program run in this process; not empty
 * @param sources where providers send to, in the file's order; names are unique
 */
public record Configuration(
    Set<Role> roles,
    HttpConfig http,
    KafkaConfig kafka,
    SchemaRegistryConfig schemaRegistry,
    TopicsConfig topics,
    DeliveryConfig delivery,
    DeduplicationConfig deduplication,
    PipelineConfig pipeline,
    TracingConfig tracing,
    List<SourceConfig> sources,
    ConsoleConfig console) {

  public Configuration {
    roles = Set.copyOf(roles);
    sources = List.copyOf(sources);
  }

  /** One whose console has every default. */
  public Configuration(
      Set<Role> roles,
      HttpConfig http,
      KafkaConfig kafka,
      SchemaRegistryConfig schemaRegistry,
      TopicsConfig topics,
      DeliveryConfig delivery,
      DeduplicationConfig deduplication,
      PipelineConfig pipeline,
      TracingConfig tracing,
      List<SourceConfig> sources) {
    this(
        roles,
        http,
        kafka,
        schemaRegistry,
        topics,
        delivery,
        deduplication,
        pipeline,
        tracing,
        sources,
        ConsoleConfig.DEFAULT);
  }

  /** The same, but for the roles, the HTTP ports and the console. */
  public Configuration with(Set<Role> otherRoles, HttpConfig otherHttp, ConsoleConfig other) {
    return new Configuration(
        otherRoles,
        otherHttp,
        kafka,
        schemaRegistry,
        topics,
        delivery,
        deduplication,
        pipeline,
        tracing,
        sources,
        other);
  }

  /** A part of the program that scales on its own. */
  public enum Role {
    /** Takes deliveries in: authenticate, identify, append to the landing log. */
    INGRESS,
    /** Turns the landing log into the providers' topics. */
    PIPELINE,
    /** Shows what happens to deliveries, by a web page on a port of its own. */
    CONSOLE;

    /** What takes deliveries and publishes them, the default. */
    public static Set<Role> all() {
      return EnumSet.of(INGRESS, PIPELINE);
    }
  }

  /**
   * The HTTP ports.
   *
   * @param port of the ingress, 0 for any free one
   * @param managementPort of health and metrics, 0 for any free one
   * @param maxInFlightBytes how many bytes of bodies may be held until Kafka has settled them, over
   *     all sources; beyond it: 503
   * @param maxInFlightRequests how many authentic deliveries may be
   * @param connections the limits of connections to the ingress
   * @param shutdownDelay how long a stopping instance still takes deliveries
   * @param refusalsKept how many refusals are kept in memory for each source and reason; 0: none
   * @param tls null: the ingress speaks plain HTTP
   */
  public record HttpConfig(
      String host,
      int port,
      int managementPort,
      long maxInFlightBytes,
      int maxInFlightRequests,
      ConnectionsConfig connections,
      Duration shutdownDelay,
      int refusalsKept,
      @Nullable TlsConfig tls) {

    /** Plain, with the defaults for connections, and without a delay. */
    public HttpConfig(String host, int port, int managementPort, long maxInFlightBytes) {
      this(
          host,
          port,
          managementPort,
          maxInFlightBytes,
          DEFAULT_MAX_IN_FLIGHT_REQUESTS,
          ConnectionsConfig.DEFAULT,
          Duration.ZERO,
          DEFAULT_REFUSALS_KEPT,
          null);
    }
  }

  /** Of {@code http.refusals-kept}. */
  static final int DEFAULT_REFUSALS_KEPT = 20;

  /** Of {@code http.max-in-flight-requests}. */
  static final int DEFAULT_MAX_IN_FLIGHT_REQUESTS = 16_384;

  /**
   * The limits of connections to the ingress.
   *
   * @param most how many may be connected at a time
   * @param requestTimeout how long the head of a request may take from its first byte, and how long
   *     a body may take beyond what its size excuses
   * @param idleTimeout how long a connection may wait for a request
   * @param age after which a connection is closed, give or take a fifth
   */
  public record ConnectionsConfig(
      int most, Duration requestTimeout, Duration idleTimeout, Duration age) {

    /** What suits webhooks. */
    public static final ConnectionsConfig DEFAULT =
        new ConnectionsConfig(
            8192, Duration.ofSeconds(10), Duration.ofSeconds(75), Duration.ofMinutes(5));
  }

  /**
   * The ingress's own certificate.
   *
   * @param certificate a PEM file: the certificate, and those that lead from it to its authority
   * @param key a PEM file: its private key
   */
  public record TlsConfig(Path certificate, Path key) {}

  /**
   * The Kafka cluster.
   *
   * @param properties any Kafka client property, given to every client; what Penstock's promises
   *     rest on cannot be overridden (see {@code docs/configuration.md})
   */
  public record KafkaConfig(String bootstrapServers, Map<String, String> properties) {
    public KafkaConfig {
      properties = Map.copyOf(properties);
    }

    /** Without the properties' values, among which are passwords. */
    @Override
    public String toString() {
      return "Kafka[bootstrapServers="
          + bootstrapServers
          + ", properties="
          + names(properties)
          + "]";
    }
  }

  /**
   * The schema registry.
   *
   * @param url one or several, separated by commas, without credentials; empty where none is given,
   *     which the pipeline's role does not allow
   * @param autoRegister whether the pipeline registers schemas that the registry lacks; otherwise
   *     it waits for them
   * @param properties any property of Confluent's client
   */
  public record SchemaRegistryConfig(
      String url, boolean autoRegister, Map<String, String> properties) {
    public SchemaRegistryConfig {
      properties = Map.copyOf(properties);
    }

    /** Without the properties' values, among which are passwords. */
    @Override
    public String toString() {
      return "SchemaRegistry[url="
          + url
          + ", autoRegister="
          + autoRegister
          + ", properties="
          + names(properties)
          + "]";
    }
  }

  /**
   * The topics.
   *
   * @param prefix what their names start with, before a dot
   * @param create whether missing topics are created at start; otherwise they are an error
   * @param partitions of a created topic
   * @param replicationFactor of a created topic and of the pipeline's own
   */
  public record TopicsConfig(
      String prefix, boolean create, int partitions, int replicationFactor) {}

  /**
   * The acknowledgement of a delivery.
   *
   * @param kafkaDeadline how long Kafka may take to acknowledge an append; after that the delivery
   *     is spooled, or refused where there is no spool, its outcome unknown. Less than every
   *     source's {@code acknowledgementDeadline}.
   * @param spool null where there is none
   */
  public record DeliveryConfig(Duration kafkaDeadline, @Nullable SpoolConfig spool) {}

  /**
   * Where deliveries wait for Kafka.
   *
   * @param directory of this process alone, on a disk that outlives it
   * @param maxSize in bytes, on disk; beyond it: 503
   */
  public record SpoolConfig(Path directory, long maxSize) {}

  /**
   * The removal of duplicates.
   *
   * @param window how long an event is remembered, by the broker's clock
   */
  public record DeduplicationConfig(Duration window) {}

  /**
   * The pipeline's own needs.
   *
   * @param stateDirectory where the deduplication store lives; null: a directory of this process's
   *     own below the system's temporary directory, to be restored from Kafka after a move. Losing
   *     it costs time, never data.
   * @param threads how many stream threads this process runs; at least 1
   * @param eventSourceBase an absolute URI, without a slash at its end, that the address of each
   *     source begins with in what is published; null: addresses are relative
   * @param modelReady whether and how it is judged which models can be used
   */
  public record PipelineConfig(
      @Nullable Path stateDirectory,
      int threads,
      @Nullable String eventSourceBase,
      ModelReadyConfig modelReady) {

    /** A pipeline that does not judge which models can be used. */
    public PipelineConfig(
        @Nullable Path stateDirectory, int threads, @Nullable String eventSourceBase) {
      this(stateDirectory, threads, eventSourceBase, ModelReadyConfig.OFF);
    }
  }

  /**
   * Traces of deliveries.
   *
   * @param endpoint the address of an OTLP/HTTP collector's traces; null: none are made
   * @param sampleOneIn of the traces that begin here, one in this many is recorded; at least 1
   */
  public record TracingConfig(@Nullable String endpoint, int sampleOneIn) {}

  /**
   * What one address takes, and from which senders.
   *
   * @param name its last path segment: lower case letters, digits and dashes
   * @param provider the provider's name; of the generic provider's sources, the name of their
   *     topic, by which their rules are found
   * @param maxBodySize in bytes
   * @param auth all must pass; empty only where the file says {@code none} and {@code
   *     allow-unauthenticated}
   * @param equalWithin within which time equal bodies are one event, where the provider sends
   *     nothing to recognize an event by; null: each delivery is one
   * @param acknowledgementDeadline how long a delivery may wait for its answer once its body has
   *     come
   * @param limits how much of this instance it may use
   * @param webhook the rules of the generic provider's sources; null: the provider has its own
   * @param challenge what the sender asks before it sends deliveries; null: nothing
   * @param subscription what its provider is to send; null: that is not managed here
   */
  public record SourceConfig(
      String name,
      String provider,
      int maxBodySize,
      List<AuthSpec> auth,
      @Nullable Duration equalWithin,
      Duration acknowledgementDeadline,
      LimitsConfig limits,
      @Nullable WebhookConfig webhook,
      @Nullable ChallengeConfig challenge,
      @Nullable SubscriptionConfig subscription) {

    /** What suits the most impatient provider that is known. */
    public static final Duration SHORTEST_DEADLINE = Duration.ofSeconds(4);

    public SourceConfig {
      auth = List.copyOf(auth);
    }

    /** One that takes each delivery for an event, if its provider says no better. */
    public SourceConfig(String name, String provider, int maxBodySize, List<AuthSpec> auth) {
      this(name, provider, maxBodySize, auth, null, SHORTEST_DEADLINE, LimitsConfig.DEFAULT);
    }

    /** One whose provider has rules of its own. */
    public SourceConfig(
        String name,
        String provider,
        int maxBodySize,
        List<AuthSpec> auth,
        @Nullable Duration equalWithin,
        Duration acknowledgementDeadline,
        LimitsConfig limits) {
      this(
          name,
          provider,
          maxBodySize,
          auth,
          equalWithin,
          acknowledgementDeadline,
          limits,
          null,
          null,
          null);
    }

    /** The same of the generic provider: with a topic, and the rules of what is published there. */
    public SourceConfig ofTopic(String topic, WebhookConfig rules) {
      return new SourceConfig(
          name,
          topic,
          maxBodySize,
          auth,
          equalWithin,
          acknowledgementDeadline,
          limits,
          rules,
          challenge,
          subscription);
    }
  }

  /**
   * How much of an instance one source may use.
   *
   * @param maxInFlightBytes null for its share
   * @param maxInFlightRequests null for its share
   * @param rateLimit null: none
   */
  public record LimitsConfig(
      @Nullable Long maxInFlightBytes,
      @Nullable Integer maxInFlightRequests,
      @Nullable RateLimit rateLimit) {

    /** Its share, at any rate. */
    public static final LimitsConfig DEFAULT = new LimitsConfig(null, null, null);
  }

  /**
   * How many authentic deliveries are taken in a time.
   *
   * @param perSecond in the long run
   * @param burst at once, after a pause
   */
  public record RateLimit(int perSecond, int burst) {}

  private static Set<String> names(Map<String, String> properties) {
    return new TreeSet<>(properties.keySet());
  }
}
