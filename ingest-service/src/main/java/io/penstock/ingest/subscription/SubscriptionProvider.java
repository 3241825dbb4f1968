package io.penstock.ingest.subscription;

import io.penstock.ingest.auth.Secret;
import io.penstock.ingest.config.Configuration.SourceConfig;
import io.penstock.ingest.config.SubscriptionConfig;
import io.penstock.ingest.config.SubscriptionKind;
import java.util.List;

/** What is known of registrations at one provider. Stateless. */
public sealed interface SubscriptionProvider {

  /** What a configuration has to know. */
  SubscriptionKind kind();

  /** One with an API. */
  non-sealed interface ByApi extends SubscriptionProvider {

    /**
     * The registrations of one source's account.
     *
     * @param credentials in the order of {@link SubscriptionKind.Way.Api#credentials}
     * @param caller closed with the result
     */
    SubscriptionApi open(
        SourceConfig source,
        SubscriptionConfig.Api api,
        List<Secret> credentials,
        ApiCaller caller);
  }

  /** One with a page alone. */
  non-sealed interface ByHand extends SubscriptionProvider {

    /** What to enter where, a line each; names secrets by their references. */
    List<String> instructions(SourceConfig source, SubscriptionConfig subscription);
  }
}
