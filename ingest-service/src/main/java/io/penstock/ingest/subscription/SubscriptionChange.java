package io.penstock.ingest.subscription;

import java.util.List;

/** One step from what a provider has to what the configuration asks for. */
public sealed interface SubscriptionChange {

  /** Makes the change at the provider. */
  Call call();

  /** What makes a change. */
  @FunctionalInterface
  interface Call {

    /**
     * Makes it.
     *
     * @throws ApiException if it was not made, or not as a whole: its message says what was done
     */
    void make() throws ApiException, InterruptedException;
  }

  /** Something is to be registered. */
  record Add(WantedSubscription wanted, Call call) implements SubscriptionChange {}

  /** A registration is to be changed. */
  record Update(Registration registration, List<Difference> differences, Call call)
      implements SubscriptionChange {
    public Update {
      differences = List.copyOf(differences);
    }
  }

  /** A registration cannot be changed: another is made, and then this one is removed. */
  record Replace(
      Registration registration, WantedSubscription wanted, List<Difference> differences, Call call)
      implements SubscriptionChange {
    public Replace {
      differences = List.copyOf(differences);
    }
  }

  /**
   * A registration is to be removed.
   *
   * @param why in words
   */
  record Remove(Registration registration, String why, Call call) implements SubscriptionChange {}

  /**
   * The provider does not tell what is registered, and nothing differs from what is remembered: it
   * is sent again, which undoes changes by hand. Not counted as a difference.
   */
  record SendAgain(Registration registration, Call call) implements SubscriptionChange {}

  /** Whether it is a difference that was found. */
  default boolean isDifference() {
    return !(this instanceof SendAgain);
  }

  /**
   * What differs.
   *
   * @param aspect what of a registration
   * @param from what the provider has, as it may be shown
   * @param to what is wanted, as it may be shown
   */
  record Difference(Aspect aspect, String from, String to) {}

  /** What of a registration can differ. */
  enum Aspect {
    /** Where it leads. */
    ADDRESS,
    /** The types of events. */
    EVENTS,
    /** The version of the webhooks. */
    VERSION,
    /** It is turned off. */
    ENABLED,
    /** They are to be sent again, since no provider shows them. */
    CREDENTIALS
  }
}
