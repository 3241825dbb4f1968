package io.penstock.ingest.service;

import io.penstock.ingest.cluster.ClusterWatch.Sight;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.ingress.IngressApi;
import io.penstock.ingest.management.Health;
import io.penstock.ingest.management.ManagementPage;
import java.util.List;
import java.util.Optional;

/**
 * One of the roles that a configuration gives an instance, open. What it has opened it has added to
 * the instance's {@link Parts}, which close it.
 */
interface RunningRole {

  /** Which role this is. */
  Configuration.Role kind();

  /**
   * Whether the role does its work.
   *
   * @param alone whether the instance has no other role
   */
  Health.Check check(boolean alone);

  /** What the role shows on the management port. */
  default List<ManagementPage> pages() {
    return List.of();
  }

  /** What the role offers by HTTP on a port of its own, as OpenAPI describes it. */
  default Optional<IngressApi> api() {
    return Optional.empty();
  }

  /** Whether the role is running; a role that starts with its port always is. */
  default boolean isRunning() {
    return true;
  }

  /** Whether its work begins only when Kafka has the topics. */
  default boolean needsTopics() {
    return true;
  }

  /** Whether the instance counts as started before Kafka has been reached. */
  default boolean worksWithoutKafka() {
    return false;
  }

  /**
   * Looks for what else must be known of Kafka, once the topics are there. Blocks; called again, on
   * the watcher's thread, until it returns true.
   *
   * @return whether everything is known
   */
  default boolean find() {
    return true;
  }

  /** Everything is known. Called once, on the watcher's thread. */
  default void begin() {}

  /** The cluster was looked at. Called on the watcher's thread; may block. */
  default void saw(Sight sight) {}
}
