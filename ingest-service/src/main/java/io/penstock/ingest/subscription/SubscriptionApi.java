package io.penstock.ingest.subscription;

import java.util.List;
import java.util.Optional;

/**
 * The registrations of one source's account at its provider. Each call waits for the provider, for
 * a bounded time. For one thread, and closed by it.
 */
public interface SubscriptionApi extends AutoCloseable {

  /** What the provider can do. */
  Abilities abilities();

  /**
   * What a provider can do.
   *
   * @param tells whether it tells what is registered; otherwise {@link #list} is what is remembered
   *     of the last registration, and each is sent again to undo changes by hand
   * @param onePerEvent whether each type of event has a registration of its own
   * @param readdresses whether a registration can get another address, version or credential; where
   *     it cannot, it is replaced
   * @param changesEvents whether a registration can get other events; where it cannot, it is
   *     replaced
   * @param removes whether registrations can be removed
   * @param pings whether it sends a test
   */
  record Abilities(
      boolean tells,
      boolean onePerEvent,
      boolean readdresses,
      boolean changesEvents,
      boolean removes,
      boolean pings) {}

  /** All registrations of the account, those of others included. */
  List<Registration> list() throws ApiException, InterruptedException;

  /** Makes a registration. */
  Registration add(WantedSubscription wanted) throws ApiException, InterruptedException;

  /** Makes a registration what is wanted. */
  void update(Registration registration, WantedSubscription wanted)
      throws ApiException, InterruptedException;

  /** Ends a registration; one that is gone is no error. */
  void remove(Registration registration) throws ApiException, InterruptedException;

  /** Has the provider send a test to a registration's address. */
  void ping(Registration registration) throws ApiException, InterruptedException;

  /** What must be done by hand to end the registrations, where {@link Abilities#removes} is not. */
  default List<String> removalByHand(WantedSubscription wanted) {
    return List.of();
  }

  /** How a test is made by hand, where {@link Abilities#pings} is not. */
  String testByHand();

  /** The address of the provider's page, which lets its reader in: a credential. */
  default Optional<String> portal() throws ApiException, InterruptedException {
    return Optional.empty();
  }

  /** What an operator must know of the calls since this was asked last; holds no secret. */
  default List<String> takeNotes() {
    return List.of();
  }

  @Override
  void close();
}
