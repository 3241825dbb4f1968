package io.penstock.ingest.source;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.ingest.auth.MatchListener;
import io.penstock.ingest.auth.SecretFiles;
import io.penstock.ingest.config.AuthSpec;
import io.penstock.ingest.observability.Meters;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What operators see of secrets: reloads, and which entry of a list still lets requests in, so that
 * they know when an old one can go. Entries are told by their place in the list.
 */
public final class SecretMeters implements SecretFiles.Listener, Sources.MatchListeners {

  private static final Logger log = LoggerFactory.getLogger(SecretMeters.class);

  private final MeterRegistry registry;
  private final Counter reloaded;
  private final Counter failed;

  /** Registers the counters of reloads; the rest follows as it occurs. */
  public SecretMeters(MeterRegistry registry) {
    this.registry = registry;
    this.reloaded = Meters.SECRET_RELOADS.counter(registry, "outcome", "reloaded");
    this.failed = Meters.SECRET_RELOADS.counter(registry, "outcome", "failed");
  }

  @Override
  public void reloaded(Path file) {
    reloaded.increment();
    log.info("A secret was read again: file={}", file);
  }

  @Override
  public void failed(Path file, String problem) {
    failed.increment();
    log.warn(
        "A secret could not be read again, its last value stays in force: problem={}", problem);
  }

  @Override
  public MatchListener of(String source, AuthSpec spec) {
    Map<Integer, Counter> counters = new ConcurrentHashMap<>();
    return entry ->
        counters
            .computeIfAbsent(
                entry,
                place ->
                    Meters.SECRET_MATCHES.counter(
                        registry,
                        "source",
                        source,
                        "type",
                        spec.type(),
                        "entry",
                        Integer.toString(place)))
            .increment();
  }

  /** Binds what the sources' bcrypt authenticators count. */
  public void bind(Sources sources) {
    sources.bcryptStatistics(
        (source, statistics) ->
            FunctionCounter.builder(
                    Meters.BCRYPT_HASHES.meterName(), statistics, each -> each.hashes())
                .description(Meters.BCRYPT_HASHES.description())
                .tag("source", source.name())
                .register(registry));
  }
}
