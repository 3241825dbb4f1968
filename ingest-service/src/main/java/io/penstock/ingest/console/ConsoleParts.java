package io.penstock.ingest.console;

import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.console.Console.Surroundings;
import io.penstock.ingest.console.delivery.DeliveryPart;
import io.penstock.ingest.console.letters.LettersPart;
import io.penstock.ingest.console.letters.OpenLetters;
import io.penstock.ingest.console.live.LivePart;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The places of the console: the registration of each part. */
final class ConsoleParts {

  private static final Duration LAG_LIFE = Duration.ofSeconds(2);

  private ConsoleParts() {}

  /**
   * All of them. A new part is one line here.
   *
   * @param instances the management addresses of the instances to ask, perhaps not known yet
   */
  static List<ConsolePart> all(Surroundings surroundings, Supplier<List<String>> instances) {
    Instances asked = new Instances(instances, surroundings.clock());
    RateHistory history = new RateHistory(asked, surroundings.clock());
    history.start();
    OpenLetters letters = OpenLetters.of(surroundings.configuration(), surroundings.clock());
    LivePart live =
        new LivePart(
            surroundings.vertx(),
            surroundings.configuration(),
            surroundings.clock(),
            surroundings.registry(),
            letters,
            new LivePart.Outside(new UnlandedReader(asked)::read, history::refusedByMinute));
    UsualRates usual =
        new UsualRates(
            surroundings.configuration().kafka(),
            new Topics(surroundings.configuration().topics().prefix()).inbound(),
            surroundings.clock());
    PausePages pauses = new PausePages(surroundings);
    ConsumerLags lags =
        new ConsumerLags(
            surroundings.configuration().kafka(), surroundings.clock(), System::nanoTime);
    Recent<Fact<ConsumerLags.Found>> found =
        Fact.recent(
            "Kafka",
            LAG_LIFE,
            () -> lags.read(topics(surroundings.configuration())),
            surroundings.clock());
    return List.of(
        live,
        new DeliveryPart(
            surroundings.configuration(), live.pauses(), live.board(), surroundings.clock()),
        new LettersPart(surroundings.configuration(), surroundings.clock()),
        new HomePages(),
        new SourcesPages(surroundings, asked, history, usual, pauses),
        pauses,
        new ConsumersPages(surroundings, found),
        new HealthPages(surroundings, asked, found, letters),
        new Closing(asked, history, lags));
  }

  /** Those that consumers read, and the one that the pipeline reads. */
  private static List<String> topics(Configuration configuration) {
    return Stream.concat(
            Stream.of(new Topics(configuration.topics().prefix()).inbound()),
            ConsumersPages.valueTopics(configuration).stream())
        .toList();
  }

  /** What several parts use; closed after them. */
  private record Closing(Instances instances, RateHistory history, ConsumerLags lags)
      implements ConsolePart {
    @Override
    public void addTo(ConsoleRoutes routes) {}

    @Override
    public void close() {
      history.close();
      instances.close();
      lags.close();
    }
  }
}
