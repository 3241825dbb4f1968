package io.penstock.ingest.config;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What a configuration has to know of one provider's registrations.
 *
 * @param provider its name
 * @param events what can be registered for, by the version of its webhooks; a provider without
 *     versions has the version 0 alone. The highest version is the default
 * @param takesCustomKey whether a registration can have a text that deliveries repeat
 * @param needs the type of authentication without which the API registers nothing; empty: none
 * @param way how registrations are made
 * @param objection why the provider cannot be told a way to authenticate; empty where it can, or
 *     need not be told
 */
public record SubscriptionKind(
    String provider,
    SortedMap<Integer, List<String>> events,
    boolean takesCustomKey,
    String needs,
    Way way,
    Function<AuthSpec, Optional<String>> objection) {

  public SubscriptionKind {
    events = new TreeMap<>(events);
  }

  /** How registrations are made. */
  public sealed interface Way {

    /** By hand, on a page of the provider. */
    record Dashboard() implements Way {}

    /**
     * By an API.
     *
     * @param url its documented address; empty where each customer has another
     * @param credentials what each of its credentials is, in words, in their order
     * @param isListed whether it tells what is registered
     */
    record Api(Optional<URI> url, List<String> credentials, boolean isListed) implements Way {
      public Api {
        credentials = List.copyOf(credentials);
      }
    }
  }
}
