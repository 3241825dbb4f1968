package io.penstock.ingest.cli;

import io.penstock.ingest.auth.AuthMethod;
import io.penstock.ingest.auth.Secret;
import io.penstock.ingest.auth.SecretFiles;
import io.penstock.ingest.auth.standardwebhooks.StandardWebhooks;
import io.penstock.ingest.auth.standardwebhooks.StandardWebhooksSignature;
import io.penstock.ingest.config.AuthSpec;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.SecretRef;
import io.penstock.ingest.landing.LandingRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Signs deliveries that are forwarded, as Svix signs each attempt: with the message's own id and
 * the time of the attempt. The signature that a provider sent is kept nowhere, and would be too old
 * after five minutes. No other kind of credentials is sent on.
 */
final class ForwardSignature {

  private static final String SVIX = "svix-";
  private static final String STANDARD = "webhook-";

  private final Map<String, Secret> secrets;
  private final List<String> doubts;

  private ForwardSignature(Map<String, Secret> secrets, List<String> doubts) {
    this.secrets = secrets;
    this.doubts = doubts;
  }

  /**
   * Finds the secrets of all sources that want signatures.
   *
   * @param environment the environment variables
   * @param variable of the secret to sign with instead of the sources' own; null for their own
   */
  static ForwardSignature of(
      Configuration configuration, Map<String, String> environment, @Nullable String variable) {
    Map<String, Secret> secrets = new HashMap<>();
    List<String> doubts = new ArrayList<>();
    try (SecretFiles files =
        new SecretFiles(environment, Duration.ofMinutes(1), SecretFiles.Listener.NONE)) {
      for (Configuration.SourceConfig source : configuration.sources()) {
        for (AuthSpec spec : source.auth()) {
          if (spec instanceof StandardWebhooks signed) {
            List<SecretRef> references =
                variable == null ? signed.references() : List.of(new SecretRef.Env(variable));
            add(source.name(), files, references, signed, secrets, doubts);
          }
        }
      }
    }
    return new ForwardSignature(Map.copyOf(secrets), List.copyOf(doubts));
  }

  private static void add(
      String source,
      SecretFiles files,
      List<SecretRef> references,
      AuthMethod method,
      Map<String, Secret> secrets,
      List<String> doubts) {
    List<String> problems = new ArrayList<>();
    for (SecretRef reference : references) {
      switch (files.resolve(List.of(reference), method.form())) {
        case SecretFiles.Resolution.Resolved resolved -> {
          Secret secret = resolved.secrets().current().secrets().getFirst();
          if (StandardWebhooksSignature.canSign(secret)) {
            secrets.putIfAbsent(source, secret);
            return;
          }
          problems.add("it is the provider's public key, and only the provider can sign");
        }
        case SecretFiles.Resolution.Unresolved unresolved -> problems.addAll(unresolved.problems());
      }
    }
    doubts.add("deliveries of " + source + " are not signed: " + String.join("; ", problems));
  }

  /** A sentence for each source whose deliveries should be signed and are not. */
  List<String> doubts() {
    return doubts;
  }

  /**
   * The headers of a delivery: those that were kept, with a signature of now where its source wants
   * one.
   *
   * @return by their lower-case names
   */
  Map<String, String> headers(LandingRecord record, Instant now) {
    Map<String, String> headers = new HashMap<>(record.envelope().headers());
    Secret secret = secrets.get(record.source());
    if (secret != null) {
      String set =
          headers.containsKey(STANDARD + "id") && !headers.containsKey(SVIX + "id")
              ? STANDARD
              : SVIX;
      String id = headers.getOrDefault(set + "id", record.receiptId());
      StandardWebhooksSignature.headers(secret, id, now, record.body())
          .orElse(Map.of())
          .forEach((name, value) -> headers.put(name.replace(SVIX, set), value));
    }
    return headers;
  }
}
