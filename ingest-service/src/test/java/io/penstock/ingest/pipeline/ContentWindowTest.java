package io.penstock.ingest.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.ingest.delivery.DeduplicationId;
import io.penstock.ingest.pipeline.Publication.Equality;
import io.penstock.ingest.provider.ModelReadiness;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway.Init") // set before each test
class ContentWindowTest {

  private static final Instant START = Instant.parse("2026-11-21T00:00:00Z");
  private static final Duration WINDOW = Duration.ofHours(1);

  private final PipelineMeters meters = new PipelineMeters(new SimpleMeterRegistry());

  private TopologyTestDriver driver;
  private TestInputTopic<String, String> in;
  private TestOutputTopic<String, String> out;

  /** Deliveries as texts: an id, and for how many seconds what content is equal. */
  private final class Parse extends ContextualProcessor<byte[], byte[], byte[], Publication.Event> {
    @Override
    public void process(Record<byte[], byte[]> record) {
      String[] parts = new String(record.value(), UTF_8).split(" ", -1);
      Equality equality =
          parts.length == 1
              ? null
              : Equality.of(
                  "source", parts[1].getBytes(UTF_8), Duration.ofSeconds(Long.parseLong(parts[2])));
      context()
          .forward(
              record.withValue(
                  new Publication.Event(
                      "sink",
                      DeduplicationId.of("source", "key", List.of(parts[0]), "receipt"),
                      new byte[32],
                      equality,
                      meters.of("source", "provider"),
                      0,
                      Landed.delivery("id").landing(),
                      new ModelReadiness.Sign.Nothing(),
                      parts[0].getBytes(UTF_8))));
    }
  }

  @BeforeEach
  void start() {
    var bytes = Serdes.ByteArray();
    Topology topology = new Topology();
    topology.addSource("source", bytes.deserializer(), bytes.deserializer(), "in");
    topology.addProcessor("parse", Parse::new, "source");
    topology.addProcessor(
        Deduplicate.NODE,
        () -> new Deduplicate(WINDOW, Parking.NONE, ReadinessJudge.NONE),
        "parse");
    topology.addStateStore(
        Stores.windowStoreBuilder(
            Stores.inMemoryWindowStore(Deduplicate.STORE, WINDOW, WINDOW, false), bytes, bytes),
        Deduplicate.NODE);
    topology.addSink("sink", "out", bytes.serializer(), bytes.serializer(), Deduplicate.NODE);
    Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "test");
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "nowhere:9092");
    driver = new TopologyTestDriver(topology, properties);
    var texts = Serdes.String();
    in = driver.createInputTopic("in", texts.serializer(), texts.serializer());
    out = driver.createOutputTopic("out", texts.deserializer(), texts.deserializer());
  }

  @AfterEach
  void stop() {
    driver.close();
  }

  private void deliver(int second, String delivery) {
    in.pipeInput("key", delivery, START.plusSeconds(second));
  }

  private List<String> published() {
    return out.readValuesToList();
  }

  @Test
  void anEventIsPublishedOnceWithinTheWindow() {
    deliver(0, "a");
    deliver(1, "b");
    deliver(3600, "a");
    deliver(3601, "a");

    assertThat(published()).containsExactly("a", "b", "a");
  }

  @Test
  void equalContentIsOneEventForItsTimeAndANewOneAfterIt() {
    deliver(0, "a same 10");
    deliver(5, "b same 10");
    deliver(10, "c same 10");
    deliver(11, "d same 10");
    deliver(12, "e other 10");

    assertThat(published()).as("a copy does not renew the time").containsExactly("a", "d", "e");
  }

  @Test
  void whatIsAppendedTwiceIsOneEventAfterThatTimeToo() {
    deliver(0, "a same 10");
    deliver(20, "a same 10");
    deliver(21, "b same 10");

    assertThat(published()).containsExactly("a", "b");
  }

  @Test
  void contentCountsOnlyWhereItsSourceSaysSo() {
    deliver(0, "a same 10");
    deliver(1, "b");
    deliver(2, "c");

    assertThat(published()).containsExactly("a", "b", "c");
  }

  @Test
  void noTimeIsLongerThanTheWindow() {
    deliver(0, "a same 7200");
    deliver(3600, "b same 7200");
    deliver(3601, "c same 7200");

    assertThat(published()).containsExactly("a", "c");
  }

  @Test
  void contentIsNobodysId() {
    Equality equality = Equality.of("source", new byte[] {1}, WINDOW);
    Equality same = Equality.of("source", new byte[] {1}, WINDOW);

    assertThat(equality).isEqualTo(same);
    assertThat(equality.content())
        .isNotEqualTo(DeduplicationId.of("source", "key", List.of(), "receipt"));
    assertThat(Equality.of("other", new byte[] {1}, WINDOW)).isNotEqualTo(equality);
  }
}
