package io.penstock.ingest.console;

import io.penstock.ingest.console.Console.Surroundings;
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
    return List.of(
        new HomePages(), //
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
