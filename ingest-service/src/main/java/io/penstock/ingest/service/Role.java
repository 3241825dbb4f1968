package io.penstock.ingest.service;

import io.penstock.ingest.cluster.ClusterWatch.Sight;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.management.Health;

/**
 * One of the roles that a configuration gives an instance, open. What it has opened it has added to
 * the instance's {@link Parts}, which close it.
 */
interface Role {

  /** Which role this is. */
  Configuration.Role kind();

  /**
   * Whether it works.
   *
   * @param alone whether the instance has no other role
   */
  Health.Check check(boolean alone);

  /** Whether it does all that it is there for; readiness may ask for less. */
  boolean isRunning();

  /** Whether the instance counts as started before Kafka has been reached. */
  boolean worksWithoutKafka();

  /**
   * The topics are there: looks for what else must be known of Kafka. Blocks; asked again, on the
   * watcher's thread, until it is true.
   *
   * @return whether everything is known
   */
  boolean find();

  /** Kafka has been reached and everything is known. Called once, on the watcher's thread. */
  void begin();

  /** The cluster was looked at. Called on the watcher's thread; may block. */
  void saw(Sight sight);
}
