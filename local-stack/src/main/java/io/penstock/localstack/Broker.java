package io.penstock.localstack;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One Kafka broker, which is one process. */
public final class Broker {

  private final int id;
  private final int port;
  private final @Nullable Relay relay;
  private final ChildProcess process;

  Broker(int id, int port, @Nullable Relay relay, ChildProcess process) {
    this.id = id;
    this.port = port;
    this.relay = relay;
    this.process = process;
  }

  /** Its {@code node.id}, which is its index in {@link KafkaCluster#brokers()}. */
  public int id() {
    return id;
  }

  /** The port for clients; the same over restarts. */
  public int port() {
    return port;
  }

  /** {@code 127.0.0.1:port}. */
  public String address() {
    return "127.0.0.1:" + port;
  }

  /**
   * What stands between this broker and the clients that come by {@link
   * KafkaCluster#relayedBootstrapServers()}; the same over restarts.
   *
   * @throws IllegalStateException if the stack was built without relays
   */
  public Relay relay() {
    if (relay == null) {
      throw new IllegalStateException("The stack was built without relays");
    }
    return relay;
  }

  /** Sends SIGKILL and waits until the process is gone. No effect if it is already. */
  public void kill() {
    process.kill();
  }

  /**
   * Sends SIGTERM, upon which the broker hands its partitions over, and SIGKILL if it is still
   * there 10 s later; returns when the process is gone. No effect if it is already.
   */
  public void stop() {
    process.stop();
  }

  /**
   * Sends SIGSTOP: connections stay open and nothing is answered any more.
   *
   * @throws IllegalStateException if the process does not run
   */
  public void pause() {
    process.pause();
  }

  /**
   * Sends SIGCONT, which undoes {@link #pause()}. Does not wait for anything; {@link #start()}
   * waits until a running process is healthy.
   *
   * @throws IllegalStateException if the process does not run
   */
  public void resume() {
    process.resume();
  }

  /**
   * Starts the broker again on its data and its port, and waits until it counts itself as alive in
   * the cluster. A broker that was killed is let in again only after its old session has ended, up
   * to 2 s later. If it runs already, only waits; paused, in vain.
   *
   * @throws LocalStackException if it ends, or is not healthy within the start timeout; without a
   *     majority of the cluster it never is, see {@link KafkaCluster#start()}
   * @throws IllegalStateException if the stack is closed
   */
  public void start() {
    process.start();
  }

  /** Whether the process is there; also when it is paused. */
  public boolean isRunning() {
    return process.isRunning();
  }

  /** The process id, of the last process if none runs. */
  public long pid() {
    return process.pid();
  }

  /** Its working directory, the same over restarts; holds its settings, data and log. */
  public Path directory() {
    return process.directory();
  }

  Set<Integer> aliveBrokers() {
    return MetadataProbe.aliveBrokers(port);
  }

  /** SIGKILL, and no wait for the end. */
  void beginKill() {
    process.beginKill();
  }

  /** SIGTERM, and as much time as that needs. */
  void end() {
    process.askToEnd();
    process.awaitEnd(Duration.ofMinutes(3));
  }

  void launch() {
    process.launch();
  }

  void awaitHealthy(Deadline deadline) {
    process.awaitHealthy(deadline);
  }

  void close() {
    process.close();
  }
}
