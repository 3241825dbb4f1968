package io.penstock.ingest.service;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.ingest.cluster.ClusterWatch;
import io.penstock.ingest.cluster.ClusterWatch.Sight;
import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.landing.Landing;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;

/**
 * Hands what a spool holds to Kafka, in its order, without taking deliveries: for the volume of an
 * instance that does not come back. It uses the same code as an ingress, so a delivery leaves the
 * spool when Kafka has acknowledged it, and what is sent twice is removed by the pipeline.
 */
public final class SpoolDrain implements AutoCloseable {

  private static final Duration LOOK = Duration.ofSeconds(2);
  private static final Duration INTERVAL = Duration.ofMillis(50);

  private final Vertx vertx;
  private final ClusterWatch cluster;
  private final Landing landing;
  private final CountDownLatch stopping = new CountDownLatch(1);

  private SpoolDrain(Vertx vertx, ClusterWatch cluster, Landing landing) {
    this.vertx = vertx;
    this.cluster = cluster;
    this.landing = landing;
  }

  /** What an operator hears of meanwhile. Called by the thread that drains. */
  public interface Listener {

    /**
     * About every two seconds.
     *
     * @param deliveries that the spool holds
     * @param remarks on Kafka, for the operator; empty if it is well
     */
    void progress(long deliveries, String remarks);
  }

  /**
   * Opens the spool of a configuration and locks it. Does not connect to Kafka yet.
   *
   * @throws StartException if the spool cannot be opened, with a message for the operator
   */
  public static SpoolDrain open(Configuration configuration, InstantSource clock)
      throws StartException {
    Vertx vertx = Vertx.vertx();
    ClusterWatch cluster = null;
    try {
      cluster =
          new ClusterWatch(
              configuration.kafka(), new Topics(configuration.topics().prefix()).inbound());
      Landing landing =
          Landing.open(
              vertx,
              configuration,
              () -> false,
              clock,
              System::nanoTime,
              new SimpleMeterRegistry());
      return new SpoolDrain(vertx, cluster, landing);
    } catch (IOException | KafkaException e) {
      if (cluster != null) {
        cluster.close();
      }
      vertx.close();
      throw new StartException(List.of("the spool: " + e.getMessage()));
    }
  }

  /** How many deliveries the spool holds. Any thread may call this. */
  public long deliveries() {
    return landing.spooled();
  }

  /** How many of its deliveries were set aside, since Kafka does not take them. */
  public int aside() {
    return landing.spooledAside();
  }

  /**
   * Drains. Blocks until the spool is empty, or {@link #stop} is called; waits for Kafka where it
   * does not answer.
   *
   * @return whether the spool is empty
   * @throws StartException if the spool can do nothing any more
   */
  public boolean run(Listener listener) throws StartException, InterruptedException {
    boolean isStopping = false;
    while (!isStopping && landing.spooled() > 0) {
      Sight sight = cluster.look();
      if (landing.failure().isCompletedExceptionally()) {
        throw new StartException(List.of("the spool has failed; the log says why"));
      }
      landing.find();
      landing.saw(sight);
      listener.progress(landing.spooled(), sight.remarks());
      long end = System.nanoTime() + LOOK.toNanos();
      while (!isStopping && landing.spooled() > 0 && System.nanoTime() < end) {
        isStopping = stopping.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
      }
    }
    return landing.spooled() == 0;
  }

  /** Ends {@link #run} soon. Any thread may call this. */
  public void stop() {
    stopping.countDown();
  }

  /** Waits for what Kafka has, and closes the spool. Blocks for some seconds at most. */
  @Override
  public void close() {
    landing.close();
    cluster.close();
    vertx.close();
  }
}
