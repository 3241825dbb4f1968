package io.penstock.ingest.cli;

import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.lookup.Decoder;
import io.penstock.ingest.lookup.EventFilter;
import io.penstock.ingest.lookup.LandingLookup;
import io.penstock.ingest.lookup.ReadRange;
import io.penstock.ingest.lookup.ReadRange.End;
import io.penstock.ingest.lookup.ReadRange.Order;
import io.penstock.ingest.lookup.ReadRange.Start;
import io.penstock.ingest.lookup.TopicReader;
import io.penstock.ingest.provider.ProviderCatalog;
import io.penstock.ingest.registry.RegistryUnavailableException;
import io.penstock.ingest.service.StartException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Sends the events of a time once more, to a topic or an address of the caller's own. */
@Command(
    name = "replay",
    description = {
      "Sends the events that a source had in a time once more, in their order, to a topic of your"
          + " own or to an address. A consumer that can set its own offsets back needs none of"
          + " this.",
      "Never writes to a topic whose name begins with the configured prefix.",
      "Status 0 if every event was replayed, 1 if not, 3 if the target, Kafka or the registry was"
          + " lost on the way: the report then says from when to run it again."
    })
final class ReplayCommand extends Subcommand {

  /** The exit status of a run that a lost target, Kafka or registry has ended. */
  private static final int LOST = 3;

  @Mixin
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private ConfigFile config;

  @Option(names = "--source", required = true, paramLabel = "NAME", description = "Of this source.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private String source;

  @Option(
      names = "--from",
      required = true,
      paramLabel = "TIME",
      description = "Landed since then: 30m, 12h, 3d ago, or 2026-11-26T12:00:00Z.",
      converter = When.Converter.class)
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private When from;

  @Option(
      names = "--to",
      paramLabel = "TIME",
      description = "Landed before then, in the same forms; otherwise until now.",
      converter = When.Converter.class)
  private @Nullable When to;

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

  /** Where to. */
  static final class Target {

    @Option(
        names = "--to-topic",
        paramLabel = "TOPIC",
        description = "To this topic, which must exist, with keys and headers as they are.")
    @Nullable String topic;

    @Option(
        names = "--forward",
        paramLabel = "URL",
        description = "To this address: each body as its provider sent it, one after the other.")
    @Nullable String address;
  }

  @ArgGroup(multiplicity = "1")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private Target target;

  @Option(
      names = "--signing-secret-env",
      paramLabel = "NAME",
      description =
          "Sign what is forwarded with the secret in this environment variable instead of the"
              + " source's own.")
  private @Nullable String signingSecret;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "At most so many events a second; otherwise as fast as they are taken.")
  private @Nullable Integer rate;

  @Option(names = "--dry-run", description = "Count what would be replayed, and send nothing.")
  private boolean dryRun;

  @Override
  public Integer call() throws StartException, InterruptedException {
    Configuration configuration = config.read().configuration();
    if (configuration.schemaRegistry().url().isEmpty()) {
      throw new StartException(List.of("schema-registry.url is needed to read events"));
    }
    String provider =
        configuration.sources().stream()
            .filter(each -> each.name().equals(source))
            .map(Configuration.SourceConfig::provider)
            .findFirst()
            .orElse(null);
    String problem = misuse(configuration, provider);
    if (problem != null || provider == null) {
      err().println("error: " + problem);
      return 2;
    }
    String topic =
        new Topics(configuration.topics().prefix())
            .events(ProviderCatalog.of(configuration).byName(provider).orElseThrow());
    try (ReplayTarget to = target(configuration);
        TopicReader reader = new TopicReader(configuration.kafka(), "penstock-replay");
        Decoder decoder = new Decoder(configuration)) {
      return run(topic, reader, decoder, to);
    } catch (KafkaException | RegistryUnavailableException e) {
      throw new StartException(List.of(LettersCommand.problem(e)));
    }
  }

  private int run(String topic, TopicReader reader, Decoder decoder, ReplayTarget to)
      throws InterruptedException {
    Instant now = InstantSource.system().instant();
    Instant start = from.at(now);
    Instant end = to(now);
    EventFilter filter =
        new EventFilter(Set.of(source), Set.of(), Set.copyOf(types), Set.copyOf(entities));
    ReplayVisitor visitor =
        new ReplayVisitor(filter, start, end, decoder::shown, to, rate, err(), System::nanoTime);
    return UntilSignal.run(
        () -> {
          reader.wakeup();
          visitor.stop();
          to.stop();
        },
        () -> {
          TopicReader.Ended ended = TopicReader.Ended.DONE;
          String lost = null;
          try {
            ended =
                reader.read(
                    List.of(topic),
                    new ReadRange(new Start.Since(start), new End.Before(end), Order.TIME),
                    visitor);
          } catch (KafkaException | RegistryUnavailableException e) {
            lost = LettersCommand.problem(e);
          }
          visitor.finish(
              ended == TopicReader.Ended.WOKEN || visitor.isStopped() ? "a signal ended it" : lost);
          visitor.report(dryRun).forEach(out()::println);
          out().flush();
          return visitor.isLost() ? LOST : visitor.isComplete() ? 0 : 1;
        });
  }

  private Instant to(Instant now) {
    return to == null ? now : to.at(now);
  }

  private ReplayTarget target(Configuration configuration) throws StartException {
    if (target.topic != null) {
      try (TopicReader reader = new TopicReader(configuration.kafka(), "penstock-replay")) {
        if (reader.partitions(target.topic).isEmpty()) {
          throw new StartException(
              List.of(
                  "--to-topic: that topic does not exist, or may not be read; create it first"));
        }
      }
      return dryRun ? new NoTarget() : new TopicTarget(configuration.kafka(), target.topic);
    }
    if (dryRun) {
      return new NoTarget();
    }
    ForwardSignature signature = ForwardSignature.of(configuration, environment(), signingSecret);
    signature.doubts().forEach(doubt -> err().println("warning: " + doubt));
    return new AddressTarget(
        new Forwarder(
            Forwarder.target(String.valueOf(target.address)), signature, InstantSource.system()),
        new LandingLookup(configuration));
  }

  private @Nullable String misuse(Configuration configuration, @Nullable String provider) {
    if (provider == null || ProviderCatalog.of(configuration).byName(provider).isEmpty()) {
      return "--source: no such source is configured";
    }
    if (rate != null && rate < 1) {
      return "--rate is 1 or more";
    }
    if (signingSecret != null && target.address == null) {
      return "--signing-secret-env is for --forward";
    }
    if (signingSecret != null && !environment().containsKey(signingSecret)) {
      return "--signing-secret-env: that environment variable is not set";
    }
    Instant now = InstantSource.system().instant();
    if (!from.at(now).isBefore(to(now))) {
      return "--from is not before --to";
    }
    if (target.topic != null) {
      String problem = TopicTarget.problem(target.topic, configuration.topics().prefix());
      return problem == null ? null : "--to-topic: " + problem;
    }
    try {
      Forwarder.target(String.valueOf(target.address));
      return null;
    } catch (IllegalArgumentException e) {
      return "--forward: an address is http://HOST/PATH or https://HOST/PATH, without a user";
    }
  }
}
