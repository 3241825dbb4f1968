package io.penstock.ingest.source;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.ingest.auth.MatchListener;
import io.penstock.ingest.auth.SecretFiles;
import io.penstock.ingest.config.AuthSpec;
import io.penstock.ingest.observability.Meters;
import io.penstock.ingest.auth.bcrypt.BcryptStatistics;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
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

  /** Counts from the start, so that an entry that nobody uses shows as zero, not as nothing. */
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
              name(spec),
              "entry",
              Integer.toString(entry)));
    }
    return entry -> counters.get(entry).increment();
  }

  /** What tells two ways of one type apart that a source may ask for at once. */
  private static String name(AuthSpec spec) {
    return switch (spec) {
      case AuthSpec.Header header -> header.name();
      case AuthSpec.Query query -> query.parameter();
      case AuthSpec.BodyField field -> field.field();
      case AuthSpec.BcryptToken bcrypt -> bcrypt.header();
      case AuthSpec.UrlToken url -> "";
      case AuthSpec.Basic basic -> "";
      case AuthSpec.Bearer bearer -> "";
      case AuthSpec.StandardWebhooks webhooks -> "";
    };
  }

  /** Binds what the sources' authenticators and secret files count. */
  public void bind(Sources sources) {
    Meters.SECRETS_FAILING.gauge(registry, null, sources, Sources::failingSecrets);
    sources.bcryptStatistics(
        (source, statistics) -> {
          function(Meters.BCRYPT_HASHES, source, statistics, BcryptStatistics::hashes);
          function(Meters.BCRYPT_SHED, source, statistics, BcryptStatistics::overloaded);
          Meters.BCRYPT_HIGHEST_COST.gauge(
              registry, null, statistics, BcryptStatistics::highestCost, "source", source.name());
        });
  }

  private void function(
      Meters meter,
      Source source,
      BcryptStatistics statistics,
      ToDoubleFunction<BcryptStatistics> count) {
    FunctionCounter.builder(meter.meterName(), statistics, count)
        .description(meter.description())
        .tag("source", source.name())
        .register(registry);
  }
}
