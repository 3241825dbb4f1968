package io.penstock.ingest.console.live;

import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.console.delivery.CurlText;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.ProviderCatalog;
import io.penstock.ingest.provider.Sample;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The command that sends a first delivery to a source, with a placeholder for the secret.
 *
 * @param source the source's name
 * @param command for a shell
 */
public record FirstDelivery(String source, String command) {

  /** One for the first source that has a sample; none where no source has. */
  static List<FirstDelivery> of(Configuration configuration) {
    ProviderCatalog providers = ProviderCatalog.of(configuration);
    for (Configuration.SourceConfig source : configuration.sources()) {
      Optional<Sample> smallest =
          providers.byName(source.provider()).stream()
              .map(Provider::samples)
              .flatMap(List::stream)
              .min(Comparator.comparingInt((Sample sample) -> sample.body().length));
      if (smallest.isPresent()) {
        return List.of(
            new FirstDelivery(
                source.name(),
                CurlText.of(
                    configuration,
                    source.name(),
                    Map.of("content-type", "application/json"),
                    smallest.get().body())));
      }
    }
    return List.of();
  }
}
