package io.penstock.ingest.subscription;

import io.penstock.ingest.subscription.ApiException.Effect;

/** Makes one change at a provider. For one thread. */
public final class SubscriptionRun {

  private SubscriptionRun() {}

  /**
   * Makes a change.
   *
   * @throws ApiException if it was not made, or not as a whole: its message says what was done
   */
  public static void make(SubscriptionChange change, SubscriptionApi api)
      throws ApiException, InterruptedException {
    switch (change) {
      case SubscriptionChange.Add add -> api.add(add.wanted());
      case SubscriptionChange.Update update -> api.update(update.registration(), update.wanted());
      case SubscriptionChange.SendAgain again -> api.update(again.registration(), again.wanted());
      case SubscriptionChange.Remove remove -> api.remove(remove.registration());
      case SubscriptionChange.Replace replace -> {
        Registration added = api.add(replace.wanted());
        try {
          api.remove(replace.registration());
        } catch (ApiException e) {
          throw new ApiException(
              e.sentence()
                  + ". The new registration "
                  + added.id()
                  + " was made, and the old one "
                  + replace.registration().id()
                  + " is probably still there: until it is removed, each event comes twice",
              Effect.UNKNOWN);
        }
      }
    }
  }
}
