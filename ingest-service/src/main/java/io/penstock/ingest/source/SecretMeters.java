package io.penstock.ingest.source;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.ingest.auth.MatchListener;
import io.penstock.ingest.auth.SecretFiles;
import io.penstock.ingest.config.AuthSpec;
import io.penstock.ingest.observability.Meters;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What operators see of secrets: reloads, and which entry of a list still lets requests in, so that
 * they know when an old one can go. An entry is known by its place in the list.
 */
public final class SecretMeters implements SecretFiles.Listener, Sources.MatchListeners {

  private static final Logger log = LoggerFactory.getLogger(SecretMeters.class);

  private final MeterRegistry registry;
  private final InstantSource clock;
  private final Map<String, List<SecretMatches>> uses = new ConcurrentHashMap<>();
  private final Counter reloaded;
  private final Counter failed;

  /**
   * Registers the counters of reloads; the rest follows as it occurs.
   *
   * @param clock tells when secrets match
   */
  public SecretMeters(MeterRegistry registry, InstantSource clock) {
    this.registry = registry;
    this.clock = clock;
    this.reloaded = Meters.SECRET_RELOADS.counter(registry, "outcome", "reloaded");
    this.failed = Meters.SECRET_RELOADS.counter(registry, "outcome", "failed");
  }

  @Override
  public void reloaded(Path file) {
    reloaded.increment();
    log.atInfo().addKeyValue("file", file).log("A secret was read again");
  }

  @Override
  public void failed(Path file, String problem) {
    failed.increment();
    log.atWarn()
        .addKeyValue("problem", problem)
        .log("A secret could not be read again, and its last value stays in force");
  }

  /** Counts from the start, so that an unused entry shows as zero, not as nothing. */
  @Override
  public MatchListener of(String source, AuthSpec spec) {
    List<Counter> counters = new ArrayList<>();
    for (int entry = 0; entry < spec.references().size(); entry++) {
      counters.add(
          Meters.SECRET_MATCHES.counter(
              registry,
              "source",
              source,
              "type",
              spec.type(),
              "name",
              spec.label(),
              "entry",
              Integer.toString(entry)));
    }
    SecretMatches use = new SecretMatches(spec, counters, clock);
    uses.computeIfAbsent(source, name -> new CopyOnWriteArrayList<>()).add(use);
    return use;
  }

  /** The authenticators of a source, in the order in which they are asked, and their secrets. */
  public List<SecretMatches> uses(String source) {
    return List.copyOf(uses.getOrDefault(source, List.of()));
  }

  /** Binds what the sources' authenticators and secret files count. */
  public void bind(Sources sources) {
    Meters.SECRETS_FAILING.gauge(registry, null, sources, Sources::failingSecrets);
    sources.all().forEach(source -> source.authentication().bindTo(registry, source.name()));
  }
}
