package io.penstock.ingest.sample;

import io.penstock.ingest.auth.Secret;
import io.penstock.ingest.auth.SecretFiles;
import io.penstock.ingest.config.AuthSpec;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.SecretRef;
import io.penstock.ingest.provider.Sample;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Makes the requests by which samples are delivered. Safe for use by any number of threads. */
public final class SampleDeliveries {

  private final Map<String, String> environment;
  private final SecureRandom random;
  private final InstantSource clock;

  /**
   * @param environment where secrets are looked up
   * @param random makes salts
   * @param clock dates signatures
   */
  public SampleDeliveries(
      Map<String, String> environment, SecureRandom random, InstantSource clock) {
    this.environment = Map.copyOf(environment);
    this.random = random;
    this.clock = clock;
  }

  /**
   * The request that delivers a sample. Reads secret files, so it may block.
   *
   * @param ingress the address of the ingress, without a slash at its end
   * @return empty where only the provider has the key to sign with
   * @throws IOException if a secret cannot be read, or Java's client refuses the address or a
   *     header; the message never has a secret
   */
  public Optional<HttpRequest> request(
      String ingress, Configuration.SourceConfig source, Sample sample) throws IOException {
    try {
      SampleCredentials credentials = SampleCredentials.of(source, this::secret, random);
      return credentials.suffice()
          ? Optional.of(request(ingress, source, sample, credentials))
          : Optional.empty();
    } catch (UnresolvedException e) {
      throw new IOException(e.getMessage());
    } catch (IllegalArgumentException e) {
      // Its own message would repeat the header, and with it the secret.
      throw new IOException(
          "what authenticates at the source "
              + source.name()
              + " cannot be sent by Java's HTTP client: one of "
              + source.auth().stream().map(AuthSpec::type).toList());
    }
  }

  private HttpRequest request(
      String ingress,
      Configuration.SourceConfig source,
      Sample sample,
      SampleCredentials credentials) {
    String messageId = "msg_" + UUID.randomUUID();
    byte[] body = credentials.body(sample.body());
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create(ingress + "/webhooks/" + source.name() + credentials.pathSuffix()))
            .timeout(Duration.ofSeconds(30))
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    sample.headers().forEach(request::header);
    credentials.headersFor(messageId, clock.instant(), body).forEach(request::header);
    return request.build();
  }

  private Secret secret(SecretRef reference) {
    try (SecretFiles files =
        new SecretFiles(environment, Duration.ofMinutes(1), SecretFiles.Listener.NONE)) {
      return switch (files.resolve(List.of(reference))) {
        case SecretFiles.Resolution.Resolved resolved ->
            resolved.secrets().current().secrets().getFirst();
        case SecretFiles.Resolution.Unresolved unresolved ->
            throw new UnresolvedException(String.join("; ", unresolved.problems()));
      };
    }
  }

  /** A secret cannot be read; the message names its reference. */
  private static final class UnresolvedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnresolvedException(String message) {
      super(message);
    }
  }
}
