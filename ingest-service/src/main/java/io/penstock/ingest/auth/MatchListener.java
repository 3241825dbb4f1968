package io.penstock.ingest.auth;

/**
 * Hears which entry of a list of secrets let a request in, so that an operator who rotates a secret
 * can see when the old one is no longer used. Called on event loops: must not block.
 */
@FunctionalInterface
public interface MatchListener {

  /** Does nothing. */
  MatchListener NONE = entry -> {};

  /**
   * A request matched. May be called more than once for one request.
   *
   * @param entry the entry's place in its configured list, from 0
   */
  void matched(int entry);
}
