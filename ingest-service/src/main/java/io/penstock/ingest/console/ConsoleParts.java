package io.penstock.ingest.console;

import io.penstock.ingest.console.Console.Surroundings;
import io.penstock.ingest.console.delivery.DeliveryPart;
import io.penstock.ingest.console.letters.LettersPart;
import io.penstock.ingest.console.live.LivePart;
import io.penstock.ingest.lookup.Pauses;
import java.util.List;
import java.util.function.Supplier;

/** The places of the console: the registration of each part. */
final class ConsoleParts {

  private ConsoleParts() {}

  /**
   * All of them. A new part is one line here.
   *
   * @param instances the management addresses of the instances to ask, perhaps not known yet
   */
  static List<ConsolePart> all(Surroundings surroundings, Supplier<List<String>> instances) {
    Instances asked = new Instances(instances, surroundings.clock());
    LivePart live =
        new LivePart(surroundings.vertx(), surroundings.configuration(), surroundings.clock());
    return List.of(
        live,
        new DeliveryPart(
            surroundings.configuration(), Pauses.NONE, live.board(), surroundings.clock()),
        new LettersPart(surroundings.configuration(), surroundings.clock()),
        new HomePages(),
        new HealthPages(asked),
        new Closing(asked));
  }

  /** What several parts use; closed after them. */
  private record Closing(Instances instances) implements ConsolePart {
    @Override
    public void addTo(ConsoleRoutes routes) {}

    @Override
    public void close() {
      instances.close();
    }
  }
}
