package io.penstock.ingest.pipeline;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.ingest.cluster.EventSubjects;
import io.penstock.ingest.cluster.TopicRequirement;
import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.ModelReadyConfig;
import io.penstock.ingest.observability.LastingWarning;
import io.penstock.ingest.observability.Meters;
import io.penstock.ingest.pausing.PauseFollower;
import io.penstock.ingest.pausing.PausedSources;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.registry.SchemaIds;
import io.penstock.ingest.tracing.Tracing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.kafka.streams.KafkaStreams;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the stream application and keeps it running: resolves the schemas first, for as long as the
 * registry takes; starts over when what concerns every record (a broker, the registry) has stopped
 * it. What concerns one record never does.
 *
 * <p>{@link #start} and {@link #close} belong to one thread; the questions may be asked by any.
 */
public final class Pipeline implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Pipeline.class);

  private static final Duration RETRY = Duration.ofSeconds(2);

  /** How often the registry is asked whether the ids are still right. */
  private static final Duration CONFIRM_SCHEMAS = Duration.ofMinutes(5);

  private final Configuration configuration;
  private final Topics topics;
  private final List<Provider> providers;
  private final SchemaIds schemaIds;
  private final SchemaResolution schemas;
  private final PauseFollower pauses;
  private final ParkingMeters parkingMeters;
  private final ModelReady.Wiring modelReady;
  private final KafkaFacts facts;
  private final MeterRegistry registry;
  private final PipelineMeters meters;
  private final Tracing tracing;
  private final InstantSource clock;
  private final Thread supervisor;
  private final StopSignal stop = new StopSignal();
  private final LastingWarning kafkaWait = new LastingWarning(log, System::nanoTime);
  private final LastingWarning directoryWait = new LastingWarning(log, System::nanoTime);
  private final LastingWarning notStarted = new LastingWarning(log, System::nanoTime);
  private volatile Phase phase = new Phase.Waiting("start");

  /** Null until the first one was taken. */
  private volatile @Nullable Path statePath;

  /** Null before the first run. */
  private volatile @Nullable LandingReading reading;

  /** What the pipeline is doing. Set by the supervisor alone. */
  private sealed interface Phase {

    /**
     * No stream application runs.
     *
     * @param what is waited for, for people
     */
    record Waiting(String what) implements Phase {}

    /** A stream application has been made, and not closed. */
    record Streaming(StreamsRun run) implements Phase {}
  }

  /**
   * Does nothing yet: see {@link #start}.
   *
   * @param clock this process's: bounds how far ahead a landing record's time stamp may be
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
    meters.bind(configuration.sources());
    this.tracing = tracing;
    this.clock = clock;
    this.schemaIds =
        new SchemaIds(
            configuration.schemaRegistry(), EventSubjects.of(configuration, this.providers));
    this.schemas = new SchemaResolution(schemaIds, stop, RETRY);
    this.facts = new KafkaFacts(configuration, this.providers, topics);
    Counter ignored = Meters.CONTROL_RECORDS_IGNORED.counter(registry);
    this.pauses = new PauseFollower(configuration, ignored::increment);
    this.parkingMeters = new ParkingMeters(registry, configuration.sources(), pauses, clock);
    this.modelReady = modelReady();
    this.supervisor = new Thread(this::supervise, "pipeline-supervisor");
    Meters.PIPELINE_RUNNING.gauge(registry, null, this, pipeline -> pipeline.isRunning() ? 1 : 0);
    Meters.STATE_FREE.gauge(registry, "bytes", this, Pipeline::freeBytes);
    Meters.PIPELINE_BEHIND.gauge(registry, "seconds", this, Pipeline::behindSeconds);
    Meters.LANDING_RETENTION.gauge(registry, "seconds", facts, KafkaFacts::retentionSeconds);
    Meters.REGISTRY_RESOLVED.gauge(registry, null, schemaIds, ids -> ids.areResolved() ? 1 : 0);
  }

  private double behindSeconds() {
    LandingReading now = reading;
    return now == null ? 0 : now.behindSeconds();
  }

  /** Where the store is; not a number before it is anywhere. */
  private double freeBytes() {
    Path path = statePath;
    try {
      return path == null ? Double.NaN : Files.getFileStore(path).getUsableSpace();
    } catch (IOException e) {
      return Double.NaN;
    }
  }

  /**
   * Sets what hears of an error (no memory, a class or a library that cannot be loaded) that has
   * ended the pipeline for good. To be set before the start; called on the thread that dies of it.
   */
  public void onDeath(Consumer<Throwable> listener) {
    supervisor.setUncaughtExceptionHandler((thread, cause) -> listener.accept(cause));
  }

  /** Starts; returns at once. To be called when the topics are there. */
  public void start() {
    pauses.start();
    supervisor.start();
  }

  /**
   * Whether the landing log is being read. Where partitions are taken over or a store is restored,
   * that is so as long as records are processed meanwhile, and for half a minute in any case.
   */
  public boolean isRunning() {
    return phase instanceof Phase.Streaming streaming && streaming.run().isRunning();
  }

  /** What it is doing, in a few words, for people; never a secret. */
  public String status() {
    return switch (phase) {
      case Phase.Waiting waiting -> "waiting for " + waiting.what();
      case Phase.Streaming streaming -> status(streaming.run());
    };
  }

  private String status(StreamsRun run) {
    if (!run.isRunning()) {
      return "waiting for Kafka (" + run.state() + ")";
    }
    String doubt = schemas.doubt();
    return (run.state() == KafkaStreams.State.RUNNING ? "running" : "running (" + run.state() + ")")
        + (doubt.isEmpty() ? "" : "; the schemas could not be confirmed: " + doubt)
        + (pauses.get() instanceof PausedSources.Unavailable unavailable
            ? "; sources cannot be paused: " + unavailable.why()
            : "");
  }

  private void waitFor(String what) {
    phase = new Phase.Waiting(what);
  }

  private void supervise() {
    try {
      while (!stop.isGiven()) {
        try {
          startAndWatch();
        } catch (RuntimeException e) {
          // A name that does not resolve, a property that a client refuses: it may be fixed.
          notStarted.holds(
              "The pipeline could not be started, and is tried again", "cause", kinds(e));
        }
        if (!stop.isGiven()) {
          stop.await(RETRY);
        }
      }
    } catch (InterruptedException e) {
      log.debug("The pipeline's supervisor was interrupted", e);
    }
  }

  /** What an exception is, without its text, which may repeat a property that is a secret. */
  private static String kinds(Throwable failure) {
    StringBuilder kinds = new StringBuilder();
    for (Throwable e = failure; e != null; e = e.getCause()) {
      kinds.append(kinds.isEmpty() ? "" : ", by ").append(e.getClass().getSimpleName());
    }
    return kinds.toString();
  }

  private void startAndWatch() throws InterruptedException {
    schemas.resolve(this::waitFor);
    String clusterId = clusterId();
    if (clusterId == null || !arePausesKnown()) {
      return;
    }
    try (StateDirectory directory =
        StateDirectory.take(
            configuration.pipeline().stateDirectory(),
            clusterId,
            topics.group(),
            PipelineTopology.retention(configuration.deduplication().window()))) {
      runOnce(directory);
    } catch (IOException e) {
      waitFor("its state directory: " + e);
      directoryWait.holds("The pipeline's state directory cannot be used", "cause", e.toString());
    }
  }

  /** The cluster's id; null while it does not answer. */
  private @Nullable String clusterId() throws InterruptedException {
    waitFor("Kafka");
    try {
      String id = facts.clusterId();
      kafkaWait.ends("Kafka answered the pipeline");
      return id;
    } catch (ExecutionException | TimeoutException e) {
      waitFor("Kafka: " + e);
      kafkaWait.holds("The pipeline waits for Kafka", "cause", e.toString());
      return null;
    }
  }

  /** Whether it is known which sources are paused: a pause must outlive a restart. */
  private boolean arePausesKnown() throws InterruptedException {
    waitFor("the topic " + topics.control());
    return pauses.awaitFirst(RETRY);
  }

  /** Runs the stream application until it stops for good or is stopped. */
  private void runOnce(StateDirectory directory) throws InterruptedException, IOException {
    directoryWait.ends("The pipeline's state directory can be used");
    statePath = directory.path();
    BoundedRocksDb.load(directory.path());
    facts.read();
    LandingTime time = new LandingTime(clock, meters::corrected);
    try (LandingOffsets offsets = LandingOffsets.by(facts.admin(), topics)) {
      LandingReading watched = new LandingReading(time, clock, offsets, meters::expired);
      reading = watched;
      stream(directory, watched);
    }
  }

  private void stream(StateDirectory directory, LandingReading watched)
      throws InterruptedException {
    ThreadLocal<CommitPace> pace = ThreadLocal.withInitial(() -> new CommitPace(System::nanoTime));
    Properties properties =
        StreamsProperties.of(configuration, topics, directory, facts, this::publications);
    StreamsRun run =
        new StreamsRun(
            new KafkaStreams(
                PipelineTopology.of(
                    topics,
                    providers,
                    configuration.deduplication().window(),
                    watched,
                    this::publications,
                    pace::get,
                    largeOnes -> parking(largeOnes, pace),
                    parkedBytes(),
                    configuration.topics().replicationFactor(),
                    modelReady),
                properties,
                new PacedClients(pace)),
            new StreamFailures(topics, this::beforeReplacement),
            meters::processed);
    phase = new Phase.Streaming(run);
    try {
      run.run(
          registry,
          stop,
          () -> notStarted.ends("The pipeline was started"),
          new Confirmation()::look);
    } finally {
      waitFor("Kafka (" + run.state() + ")");
    }
  }

  /** Looks whether the schemas and the topics' limits are still what they were. */
  private final class Confirmation {
    private long askedAt = System.nanoTime();
    private CompletableFuture<SchemaIds.Result> asked = new CompletableFuture<>();

    void look() throws InterruptedException {
      if (System.nanoTime() - askedAt > CONFIRM_SCHEMAS.toNanos()) {
        askedAt = System.nanoTime();
        asked = schemas.ask();
        facts.readAgain();
      }
      if (asked.isDone()) {
        schemas.confirmed(asked);
        asked = new CompletableFuture<>();
      }
      facts.readAgainIfReached();
    }
  }

  /** A topic's limit may have been lowered, so that its events no longer fit: it is read again. */
  private boolean beforeReplacement() throws InterruptedException {
    if (stop.await(RETRY)) {
      return false;
    }
    facts.readAgain();
    return true;
  }

  private Parking parking(LargeOnes largeOnes, ThreadLocal<CommitPace> pace) {
    return new SourceParking(
        new SourceParking.Shared(
            pauses,
            this::publications,
            largeOnes,
            pace::get,
            parkingMeters,
            topics.inbound(),
            System::nanoTime,
            parkedBytes()));
  }

  private ModelReady.Wiring modelReady() {
    ModelReadyConfig config = configuration.pipeline().modelReady();
    if (!config.enabled()) {
      return ModelReady.Wiring.NONE;
    }
    for (Configuration.SourceConfig source : configuration.sources()) {
      providers.stream()
          .filter(provider -> provider.name().equals(source.provider()))
          .flatMap(provider -> provider.modelReadiness().stream())
          .forEach(readiness -> meters.bindModels(source, readiness));
    }
    return ModelReady.Wiring.of(
        topics,
        providers,
        new ModelReady.Shared(config, this::modelReadyMaker, new ModelReadyMeters(registry)));
  }

  private ModelReadyMaker modelReadyMaker() {
    return new ModelReadyMaker(
        topics,
        providers,
        new RecordEncoder(schemaIds, facts),
        new EventHeaders(configuration.pipeline().eventSourceBase()));
  }

  private int parkedBytes() {
    return TopicRequirement.parkedBytes(TopicRequirement.maxBodySize(configuration));
  }

  private Publications publications() {
    return new Publications(
        topics,
        providers,
        schemaIds,
        facts,
        new EventHeaders(configuration.pipeline().eventSourceBase()),
        meters,
        tracing);
  }

  /** Commits what is done and stops; bounded in time. */
  @Override
  public void close() {
    stop.give();
    try {
      supervisor.join(StreamsRun.CLOSE_TIMEOUT.plusSeconds(1).toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    pauses.close();
  }
}
