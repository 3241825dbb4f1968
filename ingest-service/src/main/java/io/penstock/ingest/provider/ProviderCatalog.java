package io.penstock.ingest.provider;

import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.provider.webhook.Webhook;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The providers of one configuration, each with its topic: those that this program knows by code,
 * and the generic one as often as sources give it a topic. Immutable.
 */
public final class ProviderCatalog {

  private final Map<String, Provider> byName;

  private ProviderCatalog(Map<String, Provider> byName) {
    this.byName = byName;
  }

  /** Those of {@link Providers}, and those of the generic sources. */
  public static ProviderCatalog of(Configuration configuration) {
    return of(Providers.all(), configuration);
  }

  /** Those of {@link Providers} alone. */
  public static ProviderCatalog known() {
    return new ProviderCatalog(byName(Providers.all()));
  }

  private static Map<String, Provider> byName(List<Provider> known) {
    Map<String, Provider> byName = new LinkedHashMap<>();
    known.forEach(provider -> byName.put(provider.name(), provider));
    return byName;
  }

  /**
   * These, and those of the generic sources.
   *
   * @param known what is known by code
   */
  public static ProviderCatalog of(List<Provider> known, Configuration configuration) {
    Map<String, Provider> byName = byName(known);
    for (Configuration.SourceConfig source : configuration.sources()) {
      if (source.webhook() != null) {
        byName.putIfAbsent(source.provider(), new Webhook(source.provider(), source.webhook()));
      }
    }
    return new ProviderCatalog(byName);
  }

  /** All of them: those that are known by code first, in their order. */
  public List<Provider> all() {
    return new ArrayList<>(byName.values());
  }

  /** The one of this name: of a source's {@code provider}, and of what its deliveries say. */
  public Optional<Provider> byName(String name) {
    return Optional.ofNullable(byName.get(name));
  }
}
