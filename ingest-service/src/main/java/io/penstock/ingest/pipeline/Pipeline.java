package io.penstock.ingest.pipeline;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import io.penstock.ingest.cluster.ClientProperties;
import io.penstock.ingest.cluster.StoreRequirement;
import io.penstock.ingest.cluster.TopicRequirement;
import io.penstock.ingest.cluster.TopicSetup;
import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.observability.LastingWarning;
import io.penstock.ingest.observability.Meters;
import io.penstock.ingest.provider.EventSchemas;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.registry.SchemaIds;
import io.penstock.ingest.tracing.Tracing;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.avro.Schema;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the stream application and keeps it running: resolves the schemas first, for as long as the
 * registry takes; starts over when what concerns every record (a broker, the registry) has made it
 * stop. What concerns one record never does.
 *
 * <p>{@link #start} and {@link #close} belong to one thread; the questions may be asked by any.
 */
public final class Pipeline implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Pipeline.class);

  private static final Duration RETRY = Duration.ofSeconds(2);
  private static final Duration REGISTRY_POLL = Duration.ofMillis(50);

  /**
   * How often the registry is asked whether the ids still hold: it may have been restored or
   * replaced.
   */
  private static final Duration REFRESH = Duration.ofMinutes(5);

  /** After a rebalance, its new partitions' lag shows so late. */
  private static final Duration METERS_REFRESH = Duration.ofSeconds(10);

  private static final Duration ADMIN_TIMEOUT = Duration.ofSeconds(5);

  private static final long MIB = 1024 * 1024;

  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(8);

  private final Configuration configuration;
  private final Topics topics;
  private final List<Provider> providers;
  private final SchemaIds schemaIds;
  private final MeterRegistry registry;
  private final PipelineMeters meters;
  private final Tracing tracing;
  private final InstantSource clock;
  private final Thread supervisor;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private @Nullable CompletableFuture<SchemaIds.Result> registryAnswer; // the supervisor's
  private volatile Map<String, Integer> topicLimits = Map.of();
  private volatile Duration changelogMore = StoreRequirement.moreThanTheStore(-1);
  private volatile KafkaStreams.State state = KafkaStreams.State.CREATED;
  private final Progress progress;
  private final LastingWarning registryWait = new LastingWarning(log, System::nanoTime);
  private final LastingWarning registryDoubt = new LastingWarning(log, System::nanoTime);
  private final LastingWarning kafkaWait = new LastingWarning(log, System::nanoTime);
  private final LastingWarning directoryWait = new LastingWarning(log, System::nanoTime);
  private final LastingWarning notStarted = new LastingWarning(log, System::nanoTime);

  /** What the registry said when it could not confirm what runs; empty where it could. */
  private volatile String unconfirmed = "";

  private volatile boolean limitReached;
  private volatile String waitingFor = "start";
  private volatile @Nullable Error fatal;

  /**
   * Does nothing yet: see {@link #start}.
   *
   * @param clock what it takes for the time: how far ahead a landing record's stamp may be
   */
  public Pipeline(
      Configuration configuration,
      List<Provider> providers,
      MeterRegistry registry,
      Tracing tracing,
      InstantSource clock) {
    this.configuration = configuration;
    this.topics = new Topics(configuration.topics().prefix());
    this.providers = List.copyOf(providers);
    this.registry = registry;
    this.meters = new PipelineMeters(registry);
    this.progress = new Progress(meters::processed, System::nanoTime);
    meters.bind(configuration.sources());
    this.tracing = tracing;
    this.clock = clock;
    this.schemaIds = new SchemaIds(configuration.schemaRegistry(), schemas());
    this.supervisor = new Thread(this::supervise, "pipeline-supervisor");
    Meters.PIPELINE_RUNNING.gauge(registry, null, this, pipeline -> pipeline.isRunning() ? 1 : 0);
    Meters.REGISTRY_RESOLVED.gauge(registry, null, schemaIds, ids -> ids.areResolved() ? 1 : 0);
  }

  private Map<String, Schema> schemas() {
    Map<String, Schema> schemas = new HashMap<>();
    for (Provider provider : providers) {
      schemas.put(Topics.subject(topics.events(provider)), provider.schema());
    }
    schemas.put(Topics.subject(topics.deadLetter()), EventSchemas.deadLetter());
    return schemas;
  }

  /**
   * The application's id in Kafka: its consumer group, and the start of its internal topics' names.
   */
  private String applicationId() {
    return topics.group();
  }

  /**
   * Who hears of an error (no memory, a class or a library that cannot be loaded) that has ended
   * the pipeline for good. To be set before the start; called on the thread that dies of it.
   */
  public void onDeath(Consumer<Throwable> listener) {
    supervisor.setUncaughtExceptionHandler((thread, cause) -> listener.accept(cause));
  }

  /** Starts; returns at once. Call when the topics are there. */
  public void start() {
    supervisor.start();
  }

  /**
   * Whether the landing log is being read. Where partitions are taken over or a store is restored,
   * that is so as long as records are processed meanwhile, and for half a minute in any case.
   */
  public boolean isRunning() {
    return progress.isRunning();
  }

  /** What it is doing, in a few words, for people; never a secret. */
  public String status() {
    if (!isRunning()) {
      return "waiting for " + waitingFor + " (" + state + ")";
    }
    String doubt = unconfirmed;
    return (state == KafkaStreams.State.RUNNING ? "running" : "running (" + state + ")")
        + (doubt.isEmpty() ? "" : "; the schemas could not be confirmed: " + doubt);
  }

  /** What an exception is, without its text, which may repeat a property that is a secret. */
  private static String kinds(Throwable failure) {
    StringBuilder kinds = new StringBuilder();
    for (Throwable e = failure; e != null; e = e.getCause()) {
      kinds.append(kinds.isEmpty() ? "" : ", by ").append(e.getClass().getSimpleName());
    }
    return kinds.toString();
  }

  private void supervise() {
    try {
      while (!isStopping()) {
        try {
          startAndWatch();
        } catch (RuntimeException e) {
          // A name that does not resolve, a property that a client refuses: it may be mended.
          notStarted.holds(
              "The pipeline could not be started, and is tried again: cause=" + kinds(e));
        }
        if (!isStopping()) {
          pause(RETRY);
        }
      }
    } catch (InterruptedException e) {
      log.debug("The pipeline's supervisor was interrupted", e);
    }
  }

  private void startAndWatch() throws InterruptedException {
    resolveSchemas();
    String clusterId = clusterId();
    if (clusterId == null) {
      return;
    }
    try (StateDirectory directory =
        StateDirectory.take(
            configuration.pipeline().stateDirectory(),
            clusterId,
            applicationId(),
            PipelineTopology.retention(configuration.deduplication().window()))) {
      runOnce(directory);
    } catch (IOException e) {
      waitingFor = "its state directory: " + e;
      directoryWait.holds("The pipeline's state directory cannot be used: " + e);
    }
  }

  private boolean isStopping() {
    return stopping.getCount() == 0;
  }

  private boolean pause(Duration time) throws InterruptedException {
    return stopping.await(time.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void resolveSchemas() throws InterruptedException {
    waitingFor = "the schema registry";
    while (!isStopping()) {
      CompletableFuture<SchemaIds.Result> answer = askRegistry();
      while (!answer.isDone() && !pause(REGISTRY_POLL)) {
        // It may take as long as its time-outs; a shutdown does not wait for it.
      }
      if (!answer.isDone()) {
        return;
      }
      if (!(answer.join() instanceof SchemaIds.Result.Unresolved unresolved)) {
        break;
      }
      String problems = String.join("; ", unresolved.problems());
      waitingFor = "the schema registry: " + problems;
      registryWait.holds(
          "Publication waits for the schema registry; deliveries are acknowledged meanwhile: "
              + problems);
      pause(RETRY);
    }
    if (!isStopping()) {
      registryWait.ends("The schema registry has all schemas");
    }
  }

  /**
   * Asks the registry, on a thread of its own: nothing ends a request that hangs, and nobody waits
   * for one that does. One at a time: while one is under way, that is the one.
   *
   * @return fails if something is wrong with the client's configuration
   */
  private CompletableFuture<SchemaIds.Result> askRegistry() {
    CompletableFuture<SchemaIds.Result> running = registryAnswer;
    if (running != null && !running.isDone()) {
      return running;
    }
    CompletableFuture<SchemaIds.Result> answer = new CompletableFuture<>();
    registryAnswer = answer;
    Thread.ofPlatform()
        .daemon()
        .name("registry")
        .start(
            () -> {
              try {
                answer.complete(schemaIds.resolve());
              } catch (RuntimeException | Error e) {
                answer.completeExceptionally(e);
              }
            });
    return answer;
  }

  /** Runs the stream application until it stops for good or is told to. */
  private void runOnce(StateDirectory directory) throws InterruptedException, IOException {
    waitingFor = "Kafka";
    directoryWait.ends("The pipeline's state directory can be used");
    BoundedRocksDb.load(directory.path());
    refreshTopicLimits();
    AtomicBoolean ended = new AtomicBoolean();
    CountDownLatch end = new CountDownLatch(1);
    KafkaStreams streams =
        new KafkaStreams(
            PipelineTopology.of(
                topics,
                providers,
                configuration.deduplication().window(),
                new LandingTime(clock, meters::corrected),
                this::publisher,
                configuration.topics().replicationFactor()),
            properties(directory));
    streams.setUncaughtExceptionHandler(this::failed);
    streams.setStateListener(
        (next, last) -> {
          state = next;
          progress.changed(next);
          log.info("The pipeline changed state: from={} to={}", last, next);
          if (next == KafkaStreams.State.ERROR || next == KafkaStreams.State.NOT_RUNNING) {
            ended.set(true);
            end.countDown();
          }
        });
    try (ScheduledExecutorService updates =
            Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("pipeline-meters").factory());
        KafkaStreamsMetrics metrics =
            new KafkaStreamsMetrics(streams, List.of(), updates, METERS_REFRESH)) {
      metrics.bindTo(registry);
      streams.start();
      notStarted.ends("The pipeline was started");
      long refreshed = System.nanoTime();
      CompletableFuture<SchemaIds.Result> asked = null;
      while (!isStopping() && !ended.get()) {
        if (pause(Duration.ofSeconds(1))) {
          break;
        }
        if (System.nanoTime() - refreshed > REFRESH.toNanos()) {
          refreshed = System.nanoTime();
          asked = askRegistry();
        }
        if (asked != null && asked.isDone()) {
          refreshed(asked);
          asked = null;
        }
        if (limitReached) {
          limitReached = false;
          lookAtTopicLimits();
        }
      }
    } finally {
      // Its partitions need not wait for a session to run out: another instance takes them at once.
      streams.close(
          CloseOptions.timeout(CLOSE_TIMEOUT)
              .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
      state = KafkaStreams.State.NOT_RUNNING;
      progress.changed(KafkaStreams.State.NOT_RUNNING);
    }
    Error error = fatal;
    if (error != null) {
      throw error;
    }
  }

  private void refreshed(CompletableFuture<SchemaIds.Result> answer) {
    String problem = "";
    if (answer.isCompletedExceptionally()) {
      problem = answer.exceptionNow().toString();
    } else if (answer.resultNow() instanceof SchemaIds.Result.Unresolved unresolved) {
      problem = String.join("; ", unresolved.problems());
    }
    unconfirmed = problem;
    if (problem.isEmpty()) {
      registryDoubt.ends("The schema registry confirms the schemas again");
    } else {
      registryDoubt.holds(
          "The schema registry could not confirm the schemas; publication goes on: " + problem);
    }
  }

  /**
   * What escapes from the processors concerns every record, with one exception: a topic whose limit
   * was lowered since it was last looked at, whose too large events become dead letters once the
   * new limit is known.
   */
  private StreamThreadExceptionResponse failed(Throwable cause) {
    for (Throwable e = cause; e != null; e = e.getCause()) {
      if (e instanceof Error error) {
        log.error("A stream thread died of an error, and the process ends", cause);
        fatal = error;
        return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
      }
    }
    log.error("A stream thread stopped, and another takes over", cause);
    if (ofKind(cause, InvalidTimestampException.class)) {
      log.error(
          "A broker refuses the time of what is published, and its partition waits: set"
              + " message.timestamp.after.max.ms and message.timestamp.before.max.ms of the"
              + " topics of events, the dead letters and {} to {}, or mend the brokers' clocks",
          topics.changelog(),
          Long.MAX_VALUE);
    }
    try {
      if (pause(RETRY)) {
        return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
      }
      lookAtTopicLimits();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }
    // Kafka Streams ends a replaced thread by throwing once more what was just logged. That must
    // not
    // reach the handler that ends the process.
    Thread.currentThread()
        .setUncaughtExceptionHandler(
            (thread, again) -> log.debug("A replaced stream thread ended", again));
    return StreamThreadExceptionResponse.REPLACE_THREAD;
  }

  private static boolean ofKind(@Nullable Throwable cause, Class<? extends Throwable> kind) {
    for (Throwable e = cause; e != null; e = e.getCause()) {
      if (kind.isInstance(e)) {
        return true;
      }
    }
    return false;
  }

  private Publisher publisher() {
    return new Publisher(
        topics,
        providers,
        schemaIds,
        limits(),
        new EventHeaders(configuration.pipeline().eventSourceBase()),
        meters,
        tracing);
  }

  private TopicLimits limits() {
    return new TopicLimits() {
      @Override
      public int maxRecordBytes(String topic) {
        return Pipeline.this.maxRecordBytes(topic);
      }

      @Override
      public void reached() {
        limitReached = true;
      }
    };
  }

  private int maxRecordBytes(String topic) {
    int request = maxRequestBytes();
    return Math.min(request, topicLimits.getOrDefault(topic, request));
  }

  /** What the producer takes, whatever the topics do. */
  private int maxRequestBytes() {
    return Math.max(
        1024 * 1024, TopicRequirement.eventBytes(TopicRequirement.maxBodySize(configuration)));
  }

  private void lookAtTopicLimits() throws InterruptedException {
    try {
      refreshTopicLimits();
    } catch (KafkaException e) {
      log.warn("The limits of the topics could not be read: {}", e.toString());
    }
  }

  private void refreshTopicLimits() throws InterruptedException {
    List<String> written =
        TopicRequirement.of(configuration, providers).stream()
            .map(TopicRequirement::topic)
            .filter(topic -> !topic.equals(topics.inbound()))
            .toList();
    Admin admin = admin();
    try {
      TopicSetup setup = new TopicSetup(admin, configuration.topics(), ADMIN_TIMEOUT);
      setup.maxMessageBytes(written).ifPresent(limits -> topicLimits = Map.copyOf(limits));
      setup
          .retentionMillis(topics.inbound())
          .ifPresent(millis -> changelogMore = StoreRequirement.moreThanTheStore(millis));
    } finally {
      // It would wait for what was not answered in time.
      admin.close(Duration.ZERO);
    }
  }

  /** The cluster's id; null while it does not answer. */
  private @Nullable String clusterId() throws InterruptedException {
    waitingFor = "Kafka";
    Admin admin = admin();
    try {
      String id =
          admin.describeCluster().clusterId().get(ADMIN_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      kafkaWait.ends("Kafka answered the pipeline");
      return id;
    } catch (ExecutionException | TimeoutException e) {
      waitingFor = "Kafka: " + e;
      kafkaWait.holds("The pipeline waits for Kafka: cause=" + e);
      return null;
    } finally {
      admin.close(Duration.ZERO);
    }
  }

  private Admin admin() {
    Properties properties = ClientProperties.of(configuration.kafka());
    properties.put(AdminClientConfig.CLIENT_ID_CONFIG, "penstock-pipeline-admin");
    return Admin.create(properties);
  }

  private Properties properties(StateDirectory directory) {
    int body = TopicRequirement.maxBodySize(configuration);
    Properties properties = ClientProperties.of(configuration.kafka());
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId());
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    properties.put(StreamsConfig.STATE_DIR_CONFIG, directory.path().toString());
    properties.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG),
        directory.instanceId());
    properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, configuration.pipeline().threads());
    properties.put(
        StreamsConfig.REPLICATION_FACTOR_CONFIG, configuration.topics().replicationFactor());
    properties.put(
        StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, BoundedRocksDb.class.getName());
    properties.putIfAbsent(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, "100");
    // An id that was seen once is hardly asked for again: a cache before the store would only hold
    // back its changelog.
    properties.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, "0");
    properties.put(
        StreamsConfig.WINDOW_STORE_CHANGE_LOG_ADDITIONAL_RETENTION_MS_CONFIG,
        Long.toString(changelogMore.toMillis()));
    properties.put(
        StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, RawDeadLetters.class.getName());
    Supplier<Publisher> publishers = this::publisher;
    properties.put(RawDeadLetters.PUBLISHERS, publishers);
    // A dead instance's partitions move on soon; the default is 45 s.
    putUnlessGiven(
        properties,
        StreamsConfig::consumerPrefix,
        CommonClientConfigs.SESSION_TIMEOUT_MS_CONFIG,
        "10000");
    putUnlessGiven(
        properties,
        StreamsConfig::consumerPrefix,
        CommonClientConfigs.HEARTBEAT_INTERVAL_MS_CONFIG,
        "3000");
    properties.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    properties.put(
        StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), maxRequestBytes());
    properties.put(
        StreamsConfig.producerPrefix(ProducerConfig.BUFFER_MEMORY_CONFIG),
        Math.max(32 * MIB, TopicRequirement.eventBytes(body) + 16 * MIB));
    // A backlog is read no faster than the heap can hold it: by default a thousand bodies of each
    // partition may wait in memory.
    long heap = Runtime.getRuntime().maxMemory();
    long waiting = heap / 8 / Math.max(1, body) / configuration.topics().partitions();
    properties.putIfAbsent(
        StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG,
        Long.toString(Math.clamp(waiting, 1, 1000)));
    putUnlessGiven(
        properties,
        StreamsConfig::mainConsumerPrefix,
        ConsumerConfig.FETCH_MAX_BYTES_CONFIG,
        Long.toString(Math.clamp(heap / 32, 4 * MIB, 50 * MIB)));
    // A transaction of a killed instance is given up by the brokers after this, and blocks readers
    // until then.
    putUnlessGiven(
        properties,
        StreamsConfig::producerPrefix,
        ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
        "10000");
    properties.put(
        StreamsConfig.topicPrefix(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG),
        configuration.topics().replicationFactor() > 2 ? "2" : "1");
    return properties;
  }

  /** A default of ours, which would win over the operator's property if that has no prefix. */
  private static void putUnlessGiven(
      Properties properties, UnaryOperator<String> prefix, String name, String value) {
    if (!properties.containsKey(name)) {
      properties.putIfAbsent(prefix.apply(name), value);
    }
  }

  /** Commits what is done and stops; bounded in time. */
  @Override
  public void close() {
    stopping.countDown();
    try {
      supervisor.join(CLOSE_TIMEOUT.plusSeconds(1).toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
