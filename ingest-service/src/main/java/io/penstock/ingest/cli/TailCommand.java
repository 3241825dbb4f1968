package io.penstock.ingest.cli;

import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.lookup.Decoder;
import io.penstock.ingest.lookup.LandingLookup;
import io.penstock.ingest.lookup.ReadRange;
import io.penstock.ingest.lookup.ReadRange.End;
import io.penstock.ingest.lookup.ReadRange.Start;
import io.penstock.ingest.lookup.RecordPosition;
import io.penstock.ingest.lookup.TopicReader;
import io.penstock.ingest.registry.RegistryUnavailableException;
import io.penstock.ingest.service.StartException;
import java.net.URI;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Streams what is published as JSON lines. */
@Command(
    name = "tail",
    description = {
      "Prints events as JSON lines, as they are published, until Ctrl-C. Belongs to no consumer"
          + " group and changes nothing.",
      "What a terminal would obey is escaped in every line."
    })
final class TailCommand extends Subcommand {

  @Mixin
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private ConfigFile config;

  @Mixin
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private EventSelection selected;

  @Option(names = "--landed", description = "Deliveries as they land, before the pipeline.")
  private boolean landed;

  @Option(names = "--dead-letters", description = "Dead letters.")
  private boolean deadLetters;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      description =
          "Begin with what was landed since then: 30m, 12h, 3d ago, or 2026-11-26T12:00:00Z.",
      converter = When.Converter.class)
  private @Nullable When since;

  @Option(
      names = "--from",
      paramLabel = "OFFSET",
      description =
          "Begin at this offset of each partition, or at TOPIC/PARTITION@OFFSET of this one alone.")
  private @Nullable String from;

  @Option(
      names = "--latest",
      description = "Begin with what is written from now on; the default, unless --no-follow.")
  private boolean latest;

  @Option(names = "--follow", description = "Go on with what is written later; the default.")
  private boolean follow;

  @Option(names = "--no-follow", description = "End behind what is there now.")
  private boolean noFollow;

  @Option(names = "--limit", paramLabel = "N", description = "End after so many lines.")
  private @Nullable Long limit;

  @Option(
      names = "--fields",
      paramLabel = "PATH",
      split = ",",
      description =
          "Print these members alone, with dots between names, such as type,event.uuid;"
              + " repeatable.")
  private List<String> fields = List.of();

  @Option(
      names = "--raw",
      description = "Print the provider's own JSON, each body on one line, and nothing else.")
  private boolean raw;

  @Option(
      names = "--forward",
      paramLabel = "URL",
      description = {
        "Send each body to this address, byte for byte, with the headers that the provider's rules"
            + " read, and print the answers.",
        "A delivery whose source checks signatures of Standard Webhooks is signed anew, as each"
            + " attempt is: with the source's secret where it can be read here."
      })
  private @Nullable String forward;

  @Option(
      names = "--signing-secret-env",
      paramLabel = "NAME",
      description = "Sign what is forwarded with the secret in this environment variable instead.")
  private @Nullable String signingSecret;

  @Override
  public Integer call() throws StartException {
    String misuse = misuse();
    if (misuse != null) {
      err().println("error: " + misuse);
      return 2;
    }
    URI target;
    try {
      target = forward == null ? null : Forwarder.target(forward);
    } catch (IllegalArgumentException e) {
      err().println("error: --forward: an address is http://HOST/PATH or https://HOST/PATH");
      return 2;
    }
    Configuration configuration = config.read().configuration();
    if (!landed && configuration.schemaRegistry().url().isEmpty()) {
      throw new StartException(List.of("schema-registry.url is needed to read events"));
    }
    try (TopicReader reader = new TopicReader(configuration.kafka(), "penstock-tail");
        Decoder decoder = new Decoder(configuration)) {
      return target == null
          ? tail(configuration, reader, decoder, null, null)
          : forward(configuration, reader, decoder, target);
    } catch (KafkaException | RegistryUnavailableException e) {
      throw new StartException(List.of(LettersCommand.problem(e)));
    }
  }

  private int forward(Configuration configuration, TopicReader reader, Decoder decoder, URI target)
      throws StartException {
    ForwardSignature signature = ForwardSignature.of(configuration, environment(), signingSecret);
    signature.doubts().forEach(doubt -> err().println("warning: " + doubt));
    err().flush();
    try (LandingLookup lookup = new LandingLookup(configuration);
        Forwarder forwarder = new Forwarder(target, signature, InstantSource.system())) {
      return tail(configuration, reader, decoder, lookup, forwarder);
    }
  }

  private int tail(
      Configuration configuration,
      TopicReader reader,
      Decoder decoder,
      @Nullable LandingLookup lookup,
      @Nullable Forwarder forwarder)
      throws StartException {
    LineOutput out = new LineOutput(bytes());
    TailLines lines =
        forwarder == null || lookup == null
            ? new TailLines.Printed(raw, fields)
            : new TailLines.Forwarded(forwarder, lookup);
    TailVisitor visitor =
        new TailVisitor(
            selected.filter(), decoder, lines, out, err(), limit == null ? Long.MAX_VALUE : limit);
    return UntilSignal.run(
        () -> {
          reader.wakeup();
          lines.stop();
        },
        () -> {
          try {
            read(configuration, reader, visitor);
          } finally {
            out.flush();
            lines.summary().forEach(err()::println);
            err().flush();
          }
          return visitor.isComplete() ? 0 : 1;
        });
  }

  private void read(Configuration configuration, TopicReader reader, TailVisitor visitor)
      throws StartException {
    if (from != null && RecordPosition.isPosition(from)) {
      RecordPosition position = RecordPosition.parse(from);
      if (!reader.partitions(position.topic()).contains(position.topicPartition())) {
        throw new StartException(
            List.of("--from: there is no such partition, or it may not be read"));
      }
      reader.readPartitions(
          List.of(position.topicPartition()),
          range().from(new Start.Offsets(Map.of(position.topicPartition(), position.offset()))),
          visitor);
    } else {
      reader.read(topics(configuration), range(), visitor);
    }
  }

  private List<String> topics(Configuration configuration) throws StartException {
    Topics topics = new Topics(configuration.topics().prefix());
    if (landed) {
      return List.of(topics.inbound());
    }
    if (deadLetters) {
      return List.of(topics.deadLetter());
    }
    List<String> events =
        selected.providers(configuration, err()).stream().map(topics::events).toList();
    if (events.isEmpty()) {
      throw new StartException(
          List.of("--source and --provider leave no topic to read: see 'penstock sources list'"));
    }
    return events;
  }

  private ReadRange range() {
    boolean ends = noFollow;
    Start start;
    if (since != null) {
      start = new Start.Since(since.at(InstantSource.system().instant()));
    } else if (from != null) {
      start =
          RecordPosition.isPosition(from)
              ? new Start.Earliest()
              : new Start.Offset(Long.parseLong(from));
    } else {
      start = ends && !latest ? new Start.Earliest() : new Start.Latest();
    }
    return new ReadRange(
        start,
        ends ? new End.Now() : new End.Never(),
        ends ? ReadRange.Order.TIME : ReadRange.Order.ARRIVAL);
  }

  /** What is wrong with the options; null where nothing is. */
  private @Nullable String misuse() {
    if (follow && noFollow) {
      return "--follow and --no-follow exclude each other";
    }
    if ((since == null ? 0 : 1) + (from == null ? 0 : 1) + (latest ? 1 : 0) > 1) {
      return "--since, --from and --latest exclude each other";
    }
    if (landed && deadLetters) {
      return "--landed and --dead-letters exclude each other";
    }
    if ((landed || deadLetters) && selected.hasTypes()) {
      return "--type is for events: what has landed, and a dead letter, have none";
    }
    if (fields.stream().anyMatch(path -> !path.matches("[^.]+(\\.[^.]+)*"))) {
      return "--fields has names with dots between them, such as type,event.uuid";
    }
    if (raw && !fields.isEmpty()) {
      return "--raw and --fields exclude each other";
    }
    if (forward != null && (raw || !fields.isEmpty())) {
      return "--forward prints answers: --raw and --fields are not for it";
    }
    if (signingSecret != null && forward == null) {
      return "--signing-secret-env is for --forward";
    }
    if (signingSecret != null && !environment().containsKey(signingSecret)) {
      return "--signing-secret-env: that environment variable is not set";
    }
    if (limit != null && limit < 1) {
      return "--limit is 1 or more";
    }
    if (from != null && !RecordPosition.isPosition(from) && !from.matches("\\d{1,18}")) {
      return "--from is an offset, or TOPIC/PARTITION@OFFSET";
    }
    return null;
  }
}
