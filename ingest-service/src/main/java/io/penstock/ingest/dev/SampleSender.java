package io.penstock.ingest.dev;

import io.penstock.ingest.auth.AuthMethod;
import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.config.AuthSpec;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.SecretRef;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.ProviderCatalog;
import io.penstock.ingest.sample.SampleDeliveries;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Sends samples as their providers would. */
final class SampleSender {

  private final String ingress;
  private final Configuration configuration;
  private final Map<String, String> environment;
  private final SampleDeliveries deliveries;

  SampleSender(
      String ingress,
      Configuration configuration,
      Map<String, String> environment,
      InstantSource clock) {
    this.deliveries = new SampleDeliveries(environment, new SecureRandom(), clock);
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
    ProviderCatalog providers = ProviderCatalog.of(configuration);
    Topics topics = new Topics(configuration.topics().prefix());
    try (HttpClient client = HttpClient.newHttpClient()) {
      boolean first = true;
      for (Configuration.SourceConfig source : configuration.sources()) {
        Provider provider = providers.byName(source.provider()).orElseThrow();
        Optional<HttpRequest> request =
            deliveries.request(ingress, source, provider.samples().getFirst());
        if (request.isEmpty()) {
          out.println("source " + source.name() + ": no sample is sent, its provider has the key");
          continue;
        }
        post(client, request.get(), source.name());
        if (first) {
          post(client, request.get(), source.name());
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
}
