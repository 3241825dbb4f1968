package io.penstock.ingest.subscription;

import io.penstock.ingest.subscription.ApiException.Effect;

/**
 * Puts another registration in the place of one that cannot be changed. The new one comes first, so
 * that no event is lost between.
 *
 * @param registration is removed
 * @param wanted is registered
 */
record Replacement(SubscriptionApi.Listed api, Registration registration, WantedSubscription wanted)
    implements SubscriptionChange.Call {

  @Override
  public void make() throws ApiException, InterruptedException {
    Registration added = api.add(wanted);
    try {
      api.remove(registration);
    } catch (ApiException e) {
      throw new ApiException(
          e.sentence()
              + ". The new registration "
              + added.id()
              + " was made, and the old one "
              + registration.id()
              + " is probably still there: until it is removed, each event comes twice",
          Effect.UNKNOWN);
    }
  }
}
