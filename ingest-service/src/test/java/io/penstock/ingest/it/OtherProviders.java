package io.penstock.ingest.it;

import io.penstock.ingest.provider.Identification.Identified;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.Providers;
import java.net.http.HttpRequest;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Sources for the providers that a test's own settings do not name, so that a new provider is not
 * left out. Each source has its provider's name and {@link Settings#CSM_TOKEN} in its address.
 */
final class OtherProviders {

  private OtherProviders() {}

  /** The items of {@code sources} for each provider that some YAML does not name. */
  static String sourcesBeside(String yaml) {
    return Providers.all().stream()
        .filter(provider -> !yaml.contains("provider: " + provider.name() + "\n"))
        .map(OtherProviders::source)
        .collect(Collectors.joining());
  }

  private static String source(Provider provider) {
    return "  - name: %s\n    provider: %s\n".formatted(provider.name(), provider.name())
        + (hasIdentity(provider) ? "" : "    deduplicate-equal-within: 1h\n")
        + "    auth: [{type: url-token, tokens: [{env: CSM_URL_TOKEN}]}]\n";
  }

  /** Whether the provider's events can be told from their copies. */
  private static boolean hasIdentity(Provider provider) {
    return provider.identify(provider.samples().getFirst().body(), Map.of())
            instanceof Identified identified
        && !identified.uniqueParts().isEmpty();
  }

  /** A delivery to such a source. */
  static HttpRequest request(Instance instance, String provider, byte[] body) {
    return Sender.request(instance.url() + "/webhooks/" + provider + "/" + Settings.CSM_TOKEN, body)
        .build();
  }
}
