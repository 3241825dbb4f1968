package io.penstock.ingest.subscription;

import io.penstock.ingest.auth.Secret;
import io.penstock.ingest.config.Configuration.SourceConfig;
import io.penstock.ingest.config.SubscriptionConfig;
import io.penstock.ingest.files.UnusableException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * One registration that a configuration asks for. Immutable; its text form shows no secret.
 *
 * @param source the name of its source
 * @param configured the source's address without a token
 * @param address where deliveries are to go, with the token
 * @param events the types of events
 * @param version of the provider's webhooks; 0 where it has none
 * @param customKey what deliveries are to repeat
 * @param tokenCredential whether a bearer token is the provider's own kind of token
 * @param proof what deliveries have to prove
 */
public record WantedSubscription(
    String source,
    CallbackAddress configured,
    CallbackAddress address,
    SortedSet<String> events,
    int version,
    Optional<String> customKey,
    boolean tokenCredential,
    SenderProof proof) {

  public WantedSubscription {
    events = new TreeSet<>(events);
  }

  /**
   * What a source asks for.
   *
   * @param environment where secrets are looked up
   * @throws UnusableException if a secret cannot be found; the sentence holds no value
   */
  public static WantedSubscription of(
      SourceConfig source, SubscriptionConfig subscription, Map<String, String> environment)
      throws UnusableException {
    SenderProof proof = SenderProof.of(source.auth(), environment);
    CallbackAddress configured = CallbackAddress.of(subscription.callbackUrl());
    return new WantedSubscription(
        source.name(),
        configured,
        proof.urlToken().map(token -> configured.with(encoded(token))).orElse(configured),
        new TreeSet<>(subscription.events()),
        subscription.version(),
        Optional.ofNullable(subscription.customKey()),
        subscription.tokenCredential(),
        proof);
  }

  /** The same for other events. */
  public WantedSubscription of(Set<String> others) {
    return new WantedSubscription(
        source,
        configured,
        address,
        new TreeSet<>(others),
        version,
        customKey,
        tokenCredential,
        proof);
  }

  /** The address with its query, for providers that take it as one text. To be sent, not shown. */
  public String url() {
    List<String> parameters =
        proof.query().stream()
            .map(
                named ->
                    URLEncoder.encode(named.name(), StandardCharsets.UTF_8)
                        + "="
                        + encoded(named.value()))
            .toList();
    return address.url() + (parameters.isEmpty() ? "" : "?" + String.join("&", parameters));
  }

  private static String encoded(Secret secret) {
    return URLEncoder.encode(text(secret), StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** The text of a secret, to be sent. */
  public static String text(Secret secret) {
    return secret.compute(bytes -> new String(bytes, StandardCharsets.UTF_8));
  }
}
