package io.penstock.ingest.subscription;

import io.penstock.ingest.auth.Secret;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.Configuration.SourceConfig;
import io.penstock.ingest.config.References;
import io.penstock.ingest.config.SecretRef;
import io.penstock.ingest.config.SubscriptionConfig;
import io.penstock.ingest.files.UnusableException;
import io.penstock.ingest.subscription.ApiCaller.Waiting;
import io.penstock.ingest.subscription.SubscriptionPlan.Surroundings;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The registrations that the sources of a configuration ask for, each with the way to its provider.
 * Secrets are looked up when this is made. For one thread.
 */
public final class SourceSubscriptions implements AutoCloseable {

  private final List<Managed> managed;
  private final Surroundings surroundings;

  private SourceSubscriptions(List<Managed> managed, Surroundings surroundings) {
    this.managed = List.copyOf(managed);
    this.surroundings = surroundings;
  }

  /** One source whose registration is configured. */
  public sealed interface Managed {

    /** Its name. */
    String source();

    /** The name of its provider. */
    String provider();

    /** One whose provider has an API, by which it is to be registered. */
    record ByApi(String source, String provider, WantedSubscription wanted, SubscriptionApi api)
        implements Managed {}

    /**
     * One that an operator registers on a page.
     *
     * @param lines what to enter where
     */
    record ByHand(String source, String provider, List<String> lines) implements Managed {
      public ByHand {
        lines = List.copyOf(lines);
      }
    }
  }

  /** A secret cannot be found, or another thing keeps a source from being managed. */
  public static final class NotManageableException extends Exception {

    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // an immutable list of texts
    private final List<String> problems;

    NotManageableException(List<String> problems) {
      super(String.join("; ", problems));
      this.problems = List.copyOf(problems);
    }

    /** A sentence each, without a secret. */
    public List<String> problems() {
      return problems;
    }
  }

  /**
   * Makes the ways to the providers; asks none yet.
   *
   * @param names of sources; empty: all that have a subscription
   * @param environment where secrets are looked up
   * @param waiting lets time pass where a provider asks for it
   * @throws NotManageableException if a source has none, or a secret cannot be found
   */
  public static SourceSubscriptions open(
      Configuration configuration,
      Set<String> names,
      Map<String, String> environment,
      Waiting waiting,
      InstantSource clock)
      throws NotManageableException {
    List<String> problems = new ArrayList<>();
    List<Managed> managed = new ArrayList<>();
    Set<CallbackAddress> claimed = new HashSet<>();
    Set<String> known = new HashSet<>();
    Set<String> missing = new HashSet<>(names);
    for (SourceConfig source : configuration.sources()) {
      SubscriptionConfig subscription = source.subscription();
      if (subscription == null) {
        if (missing.remove(source.name())) {
          problems.add("source " + source.name() + " has no subscription in the configuration");
        }
        continue;
      }
      boolean isSelected = names.isEmpty() || missing.remove(source.name());
      known.addAll(CallbackAddress.of(subscription.callbackUrl()).segments());
      try {
        if (subscription.api() == null) {
          if (isSelected) {
            managed.add(byHand(source, subscription));
          }
          continue;
        }
        WantedSubscription wanted = WantedSubscription.of(source, subscription, environment);
        claimed.add(wanted.address());
        if (isSelected) {
          managed.add(byApi(source, subscription.api(), wanted, environment, waiting, clock));
        }
      } catch (UnusableException e) {
        if (isSelected) {
          problems.add("source " + source.name() + ": " + e.sentence());
        }
      }
    }
    missing.stream()
        .sorted()
        .forEach(name -> problems.add("no source has the name that --source gives"));
    if (managed.isEmpty() && problems.isEmpty()) {
      problems.add("no source of the configuration has a subscription");
    }
    if (!problems.isEmpty()) {
      closeAll(managed);
      throw new NotManageableException(problems);
    }
    return new SourceSubscriptions(managed, new Surroundings(claimed, known));
  }

  private static Managed byHand(SourceConfig source, SubscriptionConfig subscription) {
    SubscriptionProvider provider = provider(source);
    List<String> lines =
        switch (provider) {
          case SubscriptionProvider.ByHand page -> page.instructions(source, subscription);
          case SubscriptionProvider.ByApi api ->
              List.of(
                  "subscription.api is not given: register it as docs/providers/"
                      + source.provider()
                      + ".md says, at "
                      + subscription.callbackUrl());
        };
    return new Managed.ByHand(source.name(), source.provider(), lines);
  }

  private static Managed byApi(
      SourceConfig source,
      SubscriptionConfig.Api api,
      WantedSubscription wanted,
      Map<String, String> environment,
      Waiting waiting,
      InstantSource clock)
      throws UnusableException {
    if (!(provider(source) instanceof SubscriptionProvider.ByApi provider)) {
      throw new IllegalArgumentException("the configuration was checked");
    }
    List<Secret> credentials = new ArrayList<>();
    for (SecretRef reference : api.credentials()) {
      credentials.add(credential(reference, environment));
    }
    List<Secret> hidden = new ArrayList<>(credentials);
    hidden.addAll(wanted.proof().secrets());
    ApiCaller caller = new ApiCaller(source.provider(), new HiddenValues(hidden), waiting, clock);
    return new Managed.ByApi(
        source.name(), source.provider(), wanted, provider.open(source, api, credentials, caller));
  }

  /** What can stand in a header. */
  private static Secret credential(SecretRef reference, Map<String, String> environment)
      throws UnusableException {
    Secret secret = SenderProof.secret(reference, environment);
    boolean isVisible =
        secret.compute(
            bytes -> {
              boolean visible = true;
              for (byte each : bytes) {
                visible &= each > ' ' && each < 0x7F;
              }
              return visible;
            });
    if (!isVisible) {
      throw new UnusableException(
          "a credential of subscription.api has a character that cannot stand in a header: white"
              + " space, a control character, or one that is not ASCII ("
              + References.name(reference)
              + ")");
    }
    return secret;
  }

  private static SubscriptionProvider provider(SourceConfig source) {
    return SubscriptionProviders.byName(source.provider())
        .orElseThrow(() -> new IllegalArgumentException("the configuration was checked"));
  }

  /** The selected sources, in the order of the configuration. */
  public List<Managed> all() {
    return managed;
  }

  /** What is known of all sources. */
  public Surroundings surroundings() {
    return surroundings;
  }

  private static void closeAll(List<Managed> managed) {
    for (Managed each : managed) {
      if (each instanceof Managed.ByApi byApi) {
        byApi.api().close();
      }
    }
  }

  @Override
  public void close() {
    closeAll(managed);
  }
}
