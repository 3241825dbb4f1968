package io.penstock.ingest.subscription;

import java.util.List;
import java.util.Optional;

/**
 * The registrations of one source's account at its provider. Each call waits for the provider, for
 * a bounded time. For one thread, and closed by it.
 */
public sealed interface SubscriptionApi extends AutoCloseable {

  /**
   * All registrations of the account, those of others included; of an {@link Upserted} one what is
   * remembered of the last registration. Fails if the provider does not accept the credentials.
   */
  List<Registration> list() throws ApiException, InterruptedException;

  /** How the provider is made to send a test. */
  Testing testing();

  @Override
  void close();

  /** How a test is made. */
  sealed interface Testing {

    /** By a call. */
    @FunctionalInterface
    non-sealed interface ByCall extends Testing {

      /** Has the provider send a test to a registration's address. */
      void ping(Registration registration) throws ApiException, InterruptedException;
    }

    /**
     * By hand.
     *
     * @param how a sentence
     */
    record ByHand(String how) implements Testing {}
  }

  /** A provider that tells what is registered, and whose registrations are made and ended. */
  non-sealed interface Listed extends SubscriptionApi {

    /** Whether each type of event has a registration of its own. */
    boolean isOnePerEvent();

    /** Makes a registration. */
    Registration add(WantedSubscription wanted) throws ApiException, InterruptedException;

    /** Ends a registration; one that is gone is no error. */
    void remove(Registration registration) throws ApiException, InterruptedException;

    /** Gives registrations another address, version or credential; empty: they are replaced. */
    Optional<Patch> patch();

    /** Changes a registration. Its events stay. */
    @FunctionalInterface
    interface Patch {

      /** Gives a registration the address, version and credentials that are wanted. */
      void make(Registration registration, WantedSubscription wanted)
          throws ApiException, InterruptedException;
    }
  }

  /**
   * A provider with one call that makes a registration of a known id what it should be, and that
   * tells nothing of it. To send it again undoes changes by hand.
   */
  non-sealed interface Upserted extends SubscriptionApi {

    /** Makes the registration what is wanted, whether it is there or not. */
    void upsert(WantedSubscription wanted) throws ApiException, InterruptedException;

    /** What must be done by hand to end the registration, a sentence each. */
    List<String> removalByHand(WantedSubscription wanted);

    /** The address of the provider's page, which lets its reader in: a credential. */
    String portal() throws ApiException, InterruptedException;

    /** What an operator must know of the calls since this was asked last; holds no secret. */
    List<String> takeNotes();
  }
}
