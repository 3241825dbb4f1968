package io.penstock.ingest.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.ModelReadyConfig;
import io.penstock.ingest.pausing.PausedSources;
import io.penstock.ingest.pausing.SourceState;
import io.penstock.ingest.provider.EventSchemas;
import io.penstock.ingest.provider.ModelReadiness;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.registry.FakeRegistry;
import io.penstock.ingest.registry.SchemaIds;
import io.penstock.ingest.tracing.Tracing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;

/** The pipeline's own topology over two scripted providers, without brokers. */
final class PipelineDriver implements AutoCloseable {

  static final Topics TOPICS = new Topics("test");
  static final Duration WINDOW = Duration.ofHours(1);
  static final Instant START = Instant.parse("2026-11-21T00:00:00Z");
  static final int DEAD_LETTER_SCHEMA = 99;
  static final int MOST_PARKED = 200_000;

  final ScriptedProvider alpha = new ScriptedProvider("alpha");
  final ScriptedProvider beta = new ScriptedProvider("beta");
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  private final Map<String, Integer> limits = new HashMap<>();
  private final AtomicReference<Instant> clock = new AtomicReference<>(START);
  private final AtomicReference<PausedSources> paused =
      new AtomicReference<>(new PausedSources.Known(Map.of()));
  private boolean clockIsSet;
  private final AtomicInteger failing = new AtomicInteger();
  private final PipelineMeters pipelineMeters = new PipelineMeters(meters);
  private final ParkingMeters parkingMeters =
      new ParkingMeters(
          meters,
          List.of(
              new Configuration.SourceConfig("first", "alpha", 1000, List.of()),
              new Configuration.SourceConfig("second", "alpha", 1000, List.of())),
          paused::get,
          clock::get);

  /** What releases of events measure their time by: it stands still unless a test moves it. */
  final AtomicLong parkingNanos = new AtomicLong();

  private final @Nullable Provider third;
  private final ModelReadyConfig modelReady;
  private final ModelReadyMeters modelMeters = new ModelReadyMeters(meters);
  private final SchemaIds schemaIds;
  private final TopologyTestDriver driver;
  private final TestInputTopic<byte[], byte[]> inbound;

  PipelineDriver(Path stateDirectory) {
    this(stateDirectory, Tracing.off());
  }

  PipelineDriver(Path stateDirectory, Tracing tracing) {
    this(stateDirectory, tracing, null, ModelReadyConfig.OFF);
  }

  /** The topology over one more provider, of whose models it judges which can be used. */
  static PipelineDriver ofModels(Path stateDirectory, Provider provider, ModelReadyConfig config) {
    return new PipelineDriver(stateDirectory, Tracing.off(), provider, config);
  }

  private PipelineDriver(
      Path stateDirectory, Tracing tracing, @Nullable Provider third, ModelReadyConfig modelReady) {
    this.third = third;
    this.modelReady = modelReady;
    SchemaIds schemaIds = schemaIds();
    this.schemaIds = schemaIds;
    Supplier<Publications> publications =
        () ->
            new Publications(
                TOPICS,
                providers(),
                schemaIds,
                this::limit,
                new EventHeaders(null),
                pipelineMeters,
                tracing);
    Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "test-pipeline");
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:1");
    properties.put(StreamsConfig.STATE_DIR_CONFIG, stateDirectory.toString());
    properties.put(
        StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, RawDeadLetters.class.getName());
    properties.put(RawDeadLetters.PUBLICATIONS, publications);
    driver = new TopologyTestDriver(topology(publications), properties, START);
    inbound =
        driver.createInputTopic(
            TOPICS.inbound(), new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** From now on these sources are paused, and no others. */
  void pauses(String... sources) {
    Map<String, SourceState> states = new HashMap<>();
    for (String source : sources) {
      states.put(
          source, new SourceState(source, SourceState.Decision.PAUSED, START, "tester", null));
    }
    paused.set(new PausedSources.Known(states));
  }

  /** From now on nothing is known of what is paused. */
  void forgetsWhatIsPaused() {
    paused.set(new PausedSources.Unavailable("no topic"));
  }

  /** The process's clock goes on, and what it has triggered is done. */
  void waits(Duration time) {
    driver.advanceWallClockTime(time);
  }

  /** What the store has of events that wait. */
  KeyValueStore<byte[], byte[]> parked() {
    return driver.getKeyValueStore(PipelineTopology.PARKED_STORE);
  }

  /** A gauge's value of a source; NaN where there is none. */
  double gauge(String meter, String source) {
    var gauge = meters.find(meter).tags("source", source).gauge();
    return gauge == null ? Double.NaN : gauge.value();
  }

  private final CommitPace pace = new CommitPace(System::nanoTime);

  private Topology topology(Supplier<Publications> publications) {
    return PipelineTopology.of(
        TOPICS,
        providers(),
        WINDOW,
        new LandingTime(clock::get, pipelineMeters::corrected),
        publications,
        () -> pace,
        largeOnes ->
            new SourceParking(
                new SourceParking.Shared(
                    paused::get,
                    publications,
                    largeOnes,
                    () -> pace,
                    parkingMeters,
                    TOPICS.inbound(),
                    parkingNanos::get,
                    MOST_PARKED)),
        MOST_PARKED,
        3,
        modelReady.enabled()
            ? ModelReady.Wiring.of(
                TOPICS,
                providers(),
                new ModelReady.Shared(
                    modelReady,
                    () ->
                        new ModelReadyMaker(
                            TOPICS,
                            providers(),
                            new RecordEncoder(schemaIds, this::limit),
                            new EventHeaders(null)),
                    modelMeters))
            : ModelReady.Wiring.NONE);
  }

  private List<Provider> providers() {
    return third == null ? List.of(alpha, beta) : List.of(alpha, beta, third);
  }

  private ModelReadiness readiness() {
    return requireNonNull(third).modelReadiness().orElseThrow();
  }

  /** The schema of what is published of models. */
  Schema modelSchema() {
    return readiness().schema();
  }

  /** What was published of models and not asked for yet. */
  List<TestRecord<byte[], byte[]>> models() {
    return written(TOPICS.modelReady(readiness()));
  }

  /** How many models the store has something of. */
  long modelStates() {
    long states = 0;
    try (var all = driver.getKeyValueStore(ModelReady.STORE).all()) {
      for (; all.hasNext(); all.next()) {
        states++;
      }
    }
    return states;
  }

  /** A gauge's value; NaN where there is none. */
  double gauge(String meter) {
    var gauge = meters.find(meter).gauge();
    return gauge == null ? Double.NaN : gauge.value();
  }

  private int limit(String topic) {
    if (failing.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      throw new IllegalStateException("not what a publisher expects");
    }
    return limits.getOrDefault(topic, 1_000_000);
  }

  /** The next so many questions for a topic's limit fail, in the midst of what asks them. */
  void fails(int times) {
    failing.set(times);
  }

  /** What this process takes for the time from now on. */
  void clock(Instant time) {
    clockIsSet = true;
    clock.set(time);
  }

  private SchemaIds schemaIds() {
    Map<String, Schema> schemas =
        new HashMap<>(
            Map.of(
                "test.alpha-value", alpha.schema(),
                "test.beta-value", beta.schema(),
                "test.dead-letter-value", EventSchemas.deadLetter()));
    try (FakeRegistry registry = new FakeRegistry()) {
      registry.knows("test.alpha-value", 11);
      registry.knows("test.beta-value", 12);
      registry.knows("test.dead-letter-value", DEAD_LETTER_SCHEMA);
      if (third != null) {
        String subject = Topics.subject(TOPICS.modelReady(readiness()));
        schemas.put(Topics.subject(TOPICS.events(third)), third.schema());
        schemas.put(subject, modelSchema());
        registry.knows(Topics.subject(TOPICS.events(third)), 13);
        registry.knows(subject, 14);
      }
      SchemaIds ids = new SchemaIds(registry.configuration(false), schemas);
      ids.resolve();
      return ids;
    }
  }

  /** From now on a topic takes records of so many bytes. */
  void limits(String topic, int bytes) {
    limits.put(topic, bytes);
  }

  /** Pipes a record as it is. Until it is set, this process's clock goes with the stamps. */
  void lands(TestRecord<byte[], byte[]> landed) {
    if (!clockIsSet) {
      clock.set(START.plusMillis(Math.max(0, landed.timestamp() - START.toEpochMilli())));
    }
    inbound.pipeInput(landed);
  }

  void lands(Landed landed) {
    lands(landed.record());
  }

  /** The events of a provider that were not asked for yet. */
  List<TestRecord<byte[], byte[]>> events(Provider provider) {
    return written(TOPICS.events(provider));
  }

  /** The texts of the events of the first provider that were not asked for yet. */
  List<String> texts() {
    return events(alpha).stream()
        .map(event -> value(event, alpha.schema()).get("text").toString())
        .toList();
  }

  /** The dead letters that were not asked for yet. */
  List<TestRecord<byte[], byte[]>> deadLetters() {
    return written(TOPICS.deadLetter());
  }

  private List<TestRecord<byte[], byte[]>> written(String topic) {
    return driver
        .createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer())
        .readRecordsToList();
  }

  /** A counter's value; -1 where there is none. */
  double count(String meter, String... tags) {
    var counter = meters.find(meter).tags(tags).counter();
    return counter == null ? -1 : counter.count();
  }

  /** What stands after the schema's id. */
  static GenericRecord value(TestRecord<byte[], byte[]> record, Schema schema) {
    byte[] bytes = record.value();
    try {
      return new GenericDatumReader<GenericRecord>(schema)
          .read(
              null,
              DecoderFactory.get().binaryDecoder(Arrays.copyOfRange(bytes, 5, bytes.length), null));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static GenericRecord letter(TestRecord<byte[], byte[]> record) {
    return value(record, EventSchemas.deadLetter());
  }

  static byte[] body(GenericRecord letter) {
    return ((ByteBuffer) requireNonNull(letter.get("body"))).array();
  }

  static int schemaId(TestRecord<byte[], byte[]> record) {
    return ByteBuffer.wrap(record.value(), 1, 4).getInt();
  }

  /** The headers as text, in their order. */
  static Map<String, String> headers(TestRecord<byte[], byte[]> record) {
    Map<String, String> headers = new LinkedHashMap<>();
    for (Header header : record.headers()) {
      headers.put(header.key(), new String(header.value(), UTF_8));
    }
    return headers;
  }

  @Override
  public void close() {
    driver.close();
  }
}
