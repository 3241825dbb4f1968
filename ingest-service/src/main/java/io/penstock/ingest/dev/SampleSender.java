package io.penstock.ingest.dev;

import io.penstock.ingest.auth.AuthMethod;
import io.penstock.ingest.auth.Secret;
import io.penstock.ingest.auth.SecretFiles;
import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.config.AuthSpec;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.SecretRef;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.Providers;
import io.penstock.ingest.provider.Sample;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Sends samples as their providers would. */
final class SampleSender {

  private final String ingress;
  private final Configuration configuration;
  private final Map<String, String> environment;
  private final InstantSource clock;

  SampleSender(
      String ingress,
      Configuration configuration,
      Map<String, String> environment,
      InstantSource clock) {
    this.clock = clock;
    this.ingress = ingress;
    this.configuration = configuration;
    this.environment = Map.copyOf(environment);
  }

  /**
   * Prints each source's address and, where its secret was made up for development, that secret.
   */
  void printSources(PrintWriter out) {
    for (Configuration.SourceConfig source : configuration.sources()) {
      out.println(
          "source "
              + source.name()
              + " ("
              + source.provider()
              + "): POST "
              + ingress
              + "/webhooks/"
              + source.name()
              + urlToken(source)
              + query(source));
      for (AuthSpec spec : source.auth()) {
        String hint = AuthMethod.of(spec).hint();
        if (!hint.isEmpty()) {
          out.println("  " + spec.type() + " " + hint);
        }
        for (SecretRef reference : spec.references()) {
          if (reference instanceof SecretRef.Env env && isMadeUp(env)) {
            out.println("  " + spec.type() + " secret: " + environment.get(env.name()));
          }
        }
      }
    }
    out.flush();
  }

  /**
   * Where the address goes on with a token: the token, where it was made up for development;
   * otherwise only its place, since it is a secret of somebody's.
   */
  private String urlToken(Configuration.SourceConfig source) {
    for (AuthSpec spec : source.auth()) {
      if (AuthMethod.of(spec).takesUrlToken()) {
        SecretRef reference = spec.references().getFirst();
        return reference instanceof SecretRef.Env env && isMadeUp(env)
            ? "/" + environment.get(env.name())
            : "/TOKEN";
      }
    }
    return "";
  }

  /** The places of secrets that stand in the address's query. */
  private static String query(Configuration.SourceConfig source) {
    StringBuilder query = new StringBuilder();
    for (AuthSpec spec : source.auth()) {
      AuthMethod.of(spec)
          .queryParameter()
          .ifPresent(
              name -> query.append(query.isEmpty() ? "?" : "&").append(name).append("=SECRET"));
    }
    return query.toString();
  }

  /** Made up at this start; made of characters that need no encoding anywhere. */
  private static boolean isMadeUp(SecretRef.Env env) {
    return env.name().startsWith(DevConfiguration.SECRET_PREFIX);
  }

  /**
   * Sends one sample to each source, and the first of them twice. Leaves out sources for which only
   * the provider can sign.
   *
   * @param out where the sources that are left out are printed
   * @return how many events each topic should get of it
   */
  Map<String, Integer> send(PrintWriter out) throws IOException, InterruptedException {
    Map<String, Integer> expected = new HashMap<>();
    Topics topics = new Topics(configuration.topics().prefix());
    try (HttpClient client = HttpClient.newHttpClient()) {
      boolean first = true;
      for (Configuration.SourceConfig source : configuration.sources()) {
        Provider provider = Providers.byName(source.provider()).orElseThrow();
        Sample sample = provider.samples().getFirst();
        SampleCredentials credentials =
            SampleCredentials.of(source, this::secret, new SecureRandom());
        if (!credentials.suffice()) {
          out.println("source " + source.name() + ": no sample is sent, its provider has the key");
          continue;
        }
        HttpRequest request = request(source, sample, credentials);
        post(client, request, source.name());
        if (first) {
          post(client, request, source.name());
          first = false;
        }
        expected.merge(topics.events(provider), 1, Integer::sum);
      }
    }
    return expected;
  }

  private static void post(HttpClient client, HttpRequest request, String source)
      throws IOException, InterruptedException {
    HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new IOException(
          "the source " + source + " answered " + response.statusCode() + " " + response.body());
    }
  }

  /**
   * @throws IOException if Java's client refuses the address or a header; its own message would
   *     repeat that, and with it the secret
   */
  private HttpRequest request(
      Configuration.SourceConfig source, Sample sample, SampleCredentials credentials)
      throws IOException {
    try {
      return unguarded(source, sample, credentials);
    } catch (IllegalArgumentException e) {
      throw new IOException(
          "what authenticates at the source "
              + source.name()
              + " cannot be sent by Java's HTTP client: one of "
              + source.auth().stream().map(AuthSpec::type).toList());
    }
  }

  private HttpRequest unguarded(
      Configuration.SourceConfig source, Sample sample, SampleCredentials credentials) {
    String messageId = "msg_" + UUID.randomUUID();
    byte[] body = credentials.body(sample.body());
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create(ingress + "/webhooks/" + source.name() + credentials.pathSuffix()))
            .timeout(Duration.ofSeconds(30))
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
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
            throw new IllegalStateException(String.join("; ", unresolved.problems()));
      };
    }
  }
}
