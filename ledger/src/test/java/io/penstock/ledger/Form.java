package io.penstock.ledger;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.time.Duration;

/**
 * How long the cases last: short, as in {@code .ci/run}, or long, with {@code
 * -Dpenstock.faults=long}.
 *
 * @param perSecond new deliveries
 * @param acknowledged deliveries a case, at least
 * @param some how many are acknowledged before a fault, between two, and after the last
 * @param outage how long all brokers are gone
 * @param pause how long one does not answer
 * @param repetitions of what is over in a moment, such as a kill
 * @param networkOutages how many times the network is gone
 * @param networkOutage for how long, each time
 * @param hostileConnections how many connections an attack makes
 */
record Form(
    double perSecond,
    int acknowledged,
    int some,
    Retries.Pace pace,
    Duration outage,
    Duration pause,
    int repetitions,
    int networkOutages,
    Duration networkOutage,
    int hostileConnections) {

  private static final Form SHORT =
      new Form(
          30,
          150,
          30,
          new Retries.Pace(0.2, Duration.ofSeconds(2)),
          Duration.ofSeconds(4),
          Duration.ofSeconds(3),
          1,
          1,
          Duration.ofSeconds(5),
          400);

  private static final Form LONG =
      new Form(
          250,
          10_000,
          60,
          new Retries.Pace(1, Duration.ofSeconds(30)),
          Duration.ofSeconds(60),
          Duration.ofSeconds(20),
          4,
          10,
          Duration.ofSeconds(12),
          10_000);

  static Form chosen() {
    String form = System.getProperty("penstock.faults", "short");
    return switch (form) {
      case "short" -> SHORT;
      case "long" -> LONG;
      default ->
          throw new IllegalArgumentException("penstock.faults is short or long, not " + form);
    };
  }

  /** Leaves a case out of the gate that another one, or an integration test, shows there. */
  void isInTheGateBy(String other) {
    assumeThat(isThorough()).as("thorough or long; the gate has " + other).isTrue();
  }

  /** Whether cases run that the gate leaves out. */
  static boolean isThorough() {
    return chosen().isLong() || Boolean.getBoolean("penstock.thorough");
  }

  boolean isLong() {
    return equals(LONG);
  }

  Load load() {
    return Load.of(perSecond, acknowledged, pace);
  }
}
