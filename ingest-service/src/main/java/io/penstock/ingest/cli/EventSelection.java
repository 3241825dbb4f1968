package io.penstock.ingest.cli;

import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.lookup.EventFilter;
import io.penstock.ingest.lookup.PlainText;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.ProviderCatalog;
import java.io.PrintWriter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** The options that select events. */
final class EventSelection {

  @Option(names = "--source", paramLabel = "NAME", description = "Of this source; repeatable.")
  private List<String> sources = List.of();

  @Option(
      names = "--provider",
      paramLabel = "NAME",
      description = "Of this provider's sources; repeatable.")
  private List<String> providers = List.of();

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      description = "Of this type, by the provider's own name; repeatable.")
  private List<String> types = List.of();

  @Option(
      names = "--entity",
      paramLabel = "KEY",
      description = "Of this entity, by its key; repeatable.")
  private List<String> entities = List.of();

  EventFilter filter() {
    return new EventFilter(
        Set.copyOf(sources), Set.copyOf(providers), Set.copyOf(types), Set.copyOf(entities));
  }

  boolean hasTypes() {
    return !types.isEmpty();
  }

  /**
   * The providers whose topics have to be read. Says so on standard error where a source or a
   * provider is not known.
   */
  Set<Provider> providers(Configuration configuration, PrintWriter err) {
    ProviderCatalog known = ProviderCatalog.of(configuration);
    Set<String> names = new LinkedHashSet<>(providers);
    boolean all = names.isEmpty();
    Set<String> ofSources = new LinkedHashSet<>();
    for (String source : sources) {
      List<String> configured =
          configuration.sources().stream()
              .filter(each -> each.name().equals(source))
              .map(Configuration.SourceConfig::provider)
              .toList();
      if (configured.isEmpty()) {
        err.println("warning: no source " + PlainText.of(source) + " is configured");
        ofSources.addAll(known.all().stream().map(Provider::name).toList());
      }
      ofSources.addAll(configured);
    }
    for (String name : names) {
      if (known.byName(name).isEmpty()) {
        err.println(
            "warning: this version knows no provider, and no source has the topic, "
                + PlainText.of(name));
      }
    }
    err.flush();
    return known.all().stream()
        .filter(provider -> all || names.contains(provider.name()))
        .filter(provider -> ofSources.isEmpty() || ofSources.contains(provider.name()))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }
}
