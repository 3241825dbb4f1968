package io.penstock.ingest.landing;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Landing logs over a Kafka that is not there, for the time before the start, when everything that
 * deliveries need later is executed once.
 */
public final class LandingRehearsal implements AutoCloseable {

  private static final String TOPIC = "rehearsed";
  private static final Duration SOON = Duration.ofMillis(20);
  private static final Duration NEVER = Duration.ofMinutes(1);

  /** How many failures open a breaker. */
  private static final int FAILURES = 5;

  private final Vertx vertx;
  private final LongSupplier nanos;
  private final DurableLog well;
  private final List<DurableLog> faulty = new ArrayList<>();

  /**
   * @param nanos a clock that only counts on
   */
  public LandingRehearsal(Vertx vertx, LongSupplier nanos) {
    this.vertx = vertx;
    this.nanos = nanos;
    MockProducer<byte[], byte[]> failing = kafka(false);
    failing.sendException = new DisconnectException();
    Breaker gone = new Breaker(NEVER, nanos);
    for (int i = 0; i < FAILURES; i++) {
      gone.sent();
      gone.failed();
    }
    well = log(kafka(true), new Breaker(NEVER, nanos));
    faulty.add(log(failing, new Breaker(NEVER, nanos)));
    faulty.add(log(kafka(false), new Breaker(NEVER, nanos)));
    faulty.add(log(kafka(true), gone));
  }

  private static MockProducer<byte[], byte[]> kafka(boolean well) {
    Node node = new Node(0, "localhost", 1);
    Node[] nodes = {node};
    Cluster cluster =
        new Cluster(
            "rehearsed",
            List.of(node),
            List.of(new PartitionInfo(TOPIC, 0, node, nodes, nodes)),
            Set.of(),
            Set.of());
    return new MockProducer<>(
        cluster, well, null, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private DurableLog log(MockProducer<byte[], byte[]> kafka, Breaker breaker) {
    KafkaSender sender = new KafkaSender(() -> kafka, TOPIC, breaker, NEVER, nanos);
    sender.find();
    return new DurableLog(vertx, sender, breaker, null, SOON, nanos, new SimpleMeterRegistry());
  }

  /** One whose Kafka acknowledges everything. */
  public LandingLog well() {
    return well;
  }

  /** Those whose Kafka fails, is silent, or is gone. */
  public List<LandingLog> faulty() {
    return List.copyOf(faulty);
  }

  /** Stops what runs by the clock. */
  @Override
  public void close() {
    well.stop();
    faulty.forEach(DurableLog::stop);
  }
}
