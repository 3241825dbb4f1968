package io.penstock.ingest.subscription;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * One registration that a provider has, as far as it tells. Its texts are the provider's: a
 * terminal must not obey them.
 *
 * @param id by which the provider knows it
 * @param address where it leads; empty where that is not told
 * @param events the types of events
 * @param version of the webhooks; empty where that is not told
 * @param enabled whether it is in use
 */
public record Registration(
    String id,
    Optional<CallbackAddress> address,
    SortedSet<String> events,
    OptionalInt version,
    Enabled enabled) {

  public Registration {
    events = new TreeSet<>(events);
  }

  /** Whether a registration is in use. */
  public enum Enabled {
    /** It is. */
    YES,
    /** The provider, or an operator there, has turned it off. */
    NO,
    /** The provider does not tell. */
    UNTOLD
  }
}
