package io.penstock.ingest.config;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a source's provider is to send, and where to.
 *
 * @param callbackUrl the public address of the source, without a token and without a query: both
 *     come from the source's authentication
 * @param events the types of events, by the provider's names; not empty
 * @param version of the provider's webhooks; 0 where the provider has no versions
 * @param customKey what the provider is to repeat in each delivery; null: nothing
 * @param tokenCredential whether a bearer token is registered as the provider's own kind of token
 *     instead of as a header
 * @param api where registrations are made; null: an operator makes them by hand
 * @param reconcile how often the service compares the registration with this; null: never
 */
public record SubscriptionConfig(
    URI callbackUrl,
    List<String> events,
    int version,
    @Nullable String customKey,
    boolean tokenCredential,
    @Nullable Api api,
    @Nullable Duration reconcile) {

  public SubscriptionConfig {
    events = List.copyOf(events);
  }

  /**
   * The provider's API.
   *
   * @param url its address, without a slash at its end
   * @param credentials what it asks for, in the order that the provider's page says
   */
  public record Api(URI url, List<SecretRef> credentials) {
    public Api {
      credentials = List.copyOf(credentials);
    }
  }
}
