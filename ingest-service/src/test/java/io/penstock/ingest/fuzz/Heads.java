package io.penstock.ingest.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.auth.Authentication;
import io.penstock.ingest.auth.FakeHead;
import io.penstock.ingest.auth.Place;
import io.penstock.ingest.auth.SecretException;
import io.penstock.ingest.auth.SecretFiles;
import io.penstock.ingest.auth.SharedSecret;
import io.penstock.ingest.auth.Verdict;
import io.penstock.ingest.auth.bcrypt.Bcrypt;
import io.penstock.ingest.auth.bcrypt.BcryptPool;
import io.penstock.ingest.auth.hmac.Hmac;
import io.penstock.ingest.auth.standardwebhooks.StandardWebhooks;
import io.penstock.ingest.config.AuthSpec;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.SecretRef;
import io.penstock.ingest.provider.Providers;
import io.penstock.ingest.source.Sources;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One source for each way to authenticate, with secrets that nobody can guess: whatever a request
 * says, it is refused, and nothing is thrown.
 */
final class Heads {

  static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

  private static final Map<String, AuthSpec> SPECS =
      Map.of(
          "url-token", new SharedSecret(Place.URL_TOKEN, refs()),
          "basic", new SharedSecret(Place.BASIC, "penstock", refs()),
          "bearer", new SharedSecret(Place.BEARER, refs()),
          "header", new SharedSecret(Place.HEADER, "x-key", refs()),
          "query", new SharedSecret(Place.QUERY, "key", refs()),
          "body-field", new SharedSecret(Place.BODY_FIELD, "apiKey", refs()),
          "bcrypt-token", new Bcrypt("x-smartshape-token", refs(), 4),
          "hmac", Hmac.of("stripe", refs()),
          "standard-webhooks",
              new StandardWebhooks(List.of(new SecretRef.Env("KEY")), Duration.ofMinutes(5)));

  private static final Sources SOURCES = open();

  private Heads() {}

  private static List<SecretRef> refs() {
    return List.of(new SecretRef.Env("SECRET"), new SecretRef.Env("OTHER"));
  }

  private static Sources open() {
    byte[] key = new byte[32];
    new SecureRandom().nextBytes(key);
    String text = Base64.getEncoder().encodeToString(key);
    try {
      return Sources.open(
          SPECS.entrySet().stream()
              .map(
                  spec ->
                      new Configuration.SourceConfig(
                          spec.getKey(), "smartshape", 1 << 20, List.of(spec.getValue())))
              .toList(),
          Providers::byName,
          new SecretFiles(
              Map.of("SECRET", text, "OTHER", "other" + text, "KEY", "whsec_" + text),
              Duration.ofHours(1),
              SecretFiles.Listener.NONE),
          new BcryptPool(BcryptPool.Limits.forProcessors(1), System::nanoTime),
          Sources.MatchListeners.NONE,
          InstantSource.fixed(NOW));
    } catch (SecretException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The names of the ways to authenticate. */
  static Iterable<String> types() {
    return SPECS.keySet();
  }

  /**
   * Whatever a head and a body say, their sender is refused.
   *
   * @param value of every header and parameter that any authenticator looks at
   * @param second another of the same, or a signature
   */
  static void assertThatStrangersAreRefused(String type, String value, String second, byte[] body) {
    Map<String, List<String>> named = new HashMap<>();
    for (String name :
        List.of("authorization", "x-key", "x-smartshape-token", "stripe-signature", "?key")) {
      named.put(name, second.isEmpty() ? List.of(value) : List.of(value, second));
    }
    String[] parts = value.split("\\|", 3);
    String prefix = second.startsWith("w") ? "webhook-" : "svix-";
    named.put(prefix + "id", List.of(parts[0]));
    named.put(
        prefix + "timestamp",
        List.of(parts.length > 1 ? parts[1] : Long.toString(NOW.getEpochSecond())));
    named.put(prefix + "signature", List.of(parts.length > 2 ? parts[2] : second));
    FakeHead head = new FakeHead(named, value, "192.0.2.1");
    Authentication authentication =
        java.util.Objects.requireNonNull(SOURCES.byName(type)).authentication();
    Verdict screened = authentication.screen(head);
    assertThat(screened).isNotEqualTo(Verdict.ACCEPTED);
    try {
      assertThat(authentication.verify(head, body).await(120, TimeUnit.SECONDS))
          .isInstanceOf(Verdict.Refused.class);
    } catch (TimeoutException e) {
      throw new AssertionError("no verdict", e);
    }
  }
}
