package io.penstock.ledger;

import java.time.Duration;

/**
 * How much is sent.
 *
 * @param perSecond new deliveries, over all providers, as long as their entities are not busy
 * @param entities of each provider, each with one delivery at a time
 * @param acknowledged how many deliveries a run lasts for, at least
 * @param textBytes the average length of the free text in a body, roughly
 * @param copied the share of deliveries that is sent in copies, 0 to 1; of providers with ids
 * @param copies how many copies those are, all at once and to different instances
 * @param pace of the retries
 */
public record Load(
    double perSecond,
    int entities,
    int acknowledged,
    int textBytes,
    double copied,
    int copies,
    Retries.Pace pace) {

  /** One delivery in twenty goes to two instances at once, and one in twenty comes again later. */
  public static Load of(double perSecond, int acknowledged, Retries.Pace pace) {
    return new Load(perSecond, 8, acknowledged, 500, 0.05, 2, pace);
  }

  /** The same with more copies. */
  public Load withCopies(double share, int each) {
    return new Load(perSecond, entities, acknowledged, textBytes, share, each, pace);
  }

  /** The same with larger bodies. */
  public Load withText(int bytes) {
    return new Load(perSecond, entities, acknowledged, bytes, copied, copies, pace);
  }

  Duration interval() {
    return Duration.ofNanos((long) (1e9 / perSecond));
  }
}
