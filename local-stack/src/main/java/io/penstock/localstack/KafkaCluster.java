package io.penstock.localstack;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/** The brokers of a stack. Each is a controller, too: work needs a majority of them running. */
public final class KafkaCluster {

  private static final long POLL_NANOS = Duration.ofMillis(20).toNanos();

  private final List<Broker> brokers;
  private final Duration startTimeout;

  KafkaCluster(List<Broker> brokers, Duration startTimeout) {
    this.brokers = List.copyOf(brokers);
    this.startTimeout = startTimeout;
  }

  /** The addresses of all brokers, {@code 127.0.0.1:port} each, separated by commas. */
  public String bootstrapServers() {
    return brokers.stream().map(Broker::address).collect(Collectors.joining(","));
  }

  /**
   * The addresses for clients that shall reach every broker through its {@link Broker#relay()},
   * whichever broker told them of it.
   *
   * @throws IllegalStateException if the stack was built without relays
   */
  public String relayedBootstrapServers() {
    return brokers.stream()
        .map(broker -> "127.0.0.1:" + broker.relay().port())
        .collect(Collectors.joining(","));
  }

  /** All brokers, running or not, ordered by their ids. */
  public List<Broker> brokers() {
    return brokers;
  }

  /**
   * The broker with this id; the first is 0.
   *
   * @throws IndexOutOfBoundsException if there is none
   */
  public Broker broker(int index) {
    return brokers.get(index);
  }

  /** Sends SIGKILL to all brokers at once and waits until they are gone. */
  public void kill() {
    brokers.forEach(Broker::beginKill);
    brokers.forEach(Broker::kill);
  }

  /**
   * Starts all brokers that do not run, together, and waits until each knows all as alive. The way
   * back after a loss of the majority: a single broker does not become healthy without one.
   *
   * @throws LocalStackException if that fails or takes longer than the start timeout
   */
  public void start() {
    start(Deadline.in(startTimeout));
  }

  void start(Deadline deadline) {
    brokers.forEach(Broker::launch);
    brokers.forEach(broker -> broker.awaitHealthy(deadline));
    Set<Integer> all = brokers.stream().map(Broker::id).collect(Collectors.toUnmodifiableSet());
    for (Broker broker : brokers) {
      while (!broker.aliveBrokers().containsAll(all)) {
        if (deadline.isPast() || Thread.currentThread().isInterrupted()) {
          throw new LocalStackException(
              "Broker %d knows only %s of %s".formatted(broker.id(), broker.aliveBrokers(), all));
        }
        LockSupport.parkNanos(POLL_NANOS);
      }
    }
  }

  void close() {
    brokers.forEach(Broker::close);
  }
}
