package io.penstock.ingest.service;

import io.penstock.ingest.cluster.ClusterLog;
import io.penstock.ingest.cluster.ClusterWatch;
import io.penstock.ingest.cluster.ModelReadyRequirement;
import io.penstock.ingest.cluster.PauseRequirement;
import io.penstock.ingest.cluster.StoreRequirement;
import io.penstock.ingest.cluster.TopicRequirement;
import io.penstock.ingest.cluster.TopicSetup;
import io.penstock.ingest.observability.LastingWarning;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the roles of an instance to Kafka, on a thread of its own: waits for the topics and for
 * the landing log, lets the roles begin, and from then on looks at the cluster and informs them.
 * What the operator must fix ends the instance; what passes by itself is waited for.
 */
final class ClusterWatcher implements Parts.Part {

  private static final Logger log = LoggerFactory.getLogger(ClusterWatcher.class);

  private static final Duration INTERVAL = Duration.ofSeconds(2);
  private static final Duration ADMIN_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration END = Duration.ofSeconds(2);

  /** How far it has come. */
  sealed interface State {

    /** In a few words, for people. */
    String detail();

    /** Kafka or the landing log is missing. */
    record Waiting(String what) implements State {
      @Override
      public String detail() {
        return "waiting for " + what;
      }
    }

    /** The roles work. */
    record Ready() implements State {
      @Override
      public String detail() {
        return "done";
      }
    }
  }

  private final RoleContext context;
  private final ClusterWatch cluster;
  private final List<RunningRole> roles;
  private final ClusterLog clusterLog = new ClusterLog(System::nanoTime);
  private final LastingWarning waiting = new LastingWarning(log, System::nanoTime);
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Thread thread = new Thread(this::run, "cluster-watch");
  private volatile State state = new State.Waiting("Kafka");

  /**
   * Does nothing yet: see {@link #start}.
   *
   * @param cluster is not closed with this
   */
  ClusterWatcher(RoleContext context, ClusterWatch cluster, List<RunningRole> roles) {
    this.context = context;
    this.cluster = cluster;
    this.roles = List.copyOf(roles);
  }

  void start() {
    thread.start();
  }

  State state() {
    return state;
  }

  boolean isReady() {
    return state instanceof State.Ready;
  }

  private void run() {
    try {
      if (roles.stream().noneMatch(RunningRole::needsTopics)) {
        state = new State.Ready();
        roles.forEach(RunningRole::begin);
        return;
      }
      if (!awaitTopics() || !awaitRoles()) {
        return;
      }
      waiting.ends("Kafka answered");
      state = new State.Ready();
      roles.forEach(RunningRole::begin);
      while (!pause()) {
        ClusterWatch.Sight sight = cluster.look();
        clusterLog.saw(sight);
        roles.forEach(role -> role.saw(sight));
      }
    } catch (InterruptedException e) {
      log.debug("The watcher was interrupted", e);
    } catch (RuntimeException | Error e) {
      if (isStopping()) {
        log.debug("The watcher was interrupted", e);
      } else {
        context.failure().completeExceptionally(e);
      }
    }
  }

  /** Waits for the topics, and creates them where that is configured; false if there is an end. */
  private boolean awaitTopics() throws InterruptedException {
    TopicSetup setup =
        new TopicSetup(cluster.admin(), context.configuration().topics(), ADMIN_TIMEOUT);
    while (!isStopping()) {
      switch (setup.ensure(
          TopicRequirement.of(context.configuration(), context.providers()),
          StoreRequirement.of(context.configuration()),
          PauseRequirement.of(context.configuration()),
          ModelReadyRequirement.of(context.configuration()))) {
        case TopicSetup.Result.Ready ready -> {
          return true;
        }
        case TopicSetup.Result.Unsuitable unsuitable -> {
          context.failure().completeExceptionally(new StartException(unsuitable.problems()));
          return false;
        }
        case TopicSetup.Result.Unreachable unreachable -> {
          waitFor(unreachable.cause());
          pause();
        }
      }
    }
    return false;
  }

  /** Waits until the roles know what they must; false if there is an end. */
  private boolean awaitRoles() throws InterruptedException {
    boolean again = false; // the first attempt may well come too early, which needs no line
    while (!roles.stream().allMatch(RunningRole::find)) {
      if (again) {
        waitFor("the landing log's partitions are not known to Kafka's client yet");
      }
      again = true;
      if (pause()) {
        return false;
      }
    }
    return !isStopping();
  }

  private void waitFor(String cause) {
    state = new State.Waiting("Kafka: " + cause);
    waiting.holds("Waiting for Kafka", "cause", cause);
  }

  private boolean isStopping() {
    return stopping.getCount() == 0;
  }

  private boolean pause() throws InterruptedException {
    return stopping.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void announceEnd() {
    stopping.countDown();
  }

  @Override
  public void close(Parts.Ending ending) throws InterruptedException {
    thread.interrupt();
    thread.join(END);
  }
}
