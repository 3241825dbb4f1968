package io.penstock.ledger;

import io.penstock.ingest.cli.ConfigFile;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.ConfigurationReader;
import io.penstock.ingest.observability.LogQueue;
import io.penstock.ingest.provider.Providers;
import io.penstock.ingest.service.Service;
import io.penstock.localstack.ServiceProgram;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * Starts the service on a machine whose clock is wrong: {@code DURATION --config FILE}. What the
 * service asks the clock for is shifted; Kafka's clients have the machine's own.
 */
public final class ShiftedClock {

  private ShiftedClock() {}

  /** The command for an instance in this directory, but for its configuration. */
  static List<String> command(Path directory, Duration ahead) {
    String classes =
        Path.of(ShiftedClock.class.getProtectionDomain().getCodeSource().getLocation().getPath())
            .toString();
    List<String> arguments = new ArrayList<>(Installation.javaOptions(directory).toList());
    arguments.addAll(ServiceProgram.STARTS_SOON);
    arguments.addAll(
        List.of(
            "-cp",
            ServiceProgram.jar() + java.io.File.pathSeparator + classes,
            ShiftedClock.class.getName(),
            ahead.toString()));
    return ServiceProgram.java(arguments);
  }

  /** Runs until it is killed. */
  public static void main(String[] args) throws Exception {
    LogQueue.use();
    Duration ahead = Duration.parse(args[0]);
    InstantSource clock = () -> InstantSource.system().instant().plus(ahead);
    Service service =
        Service.start(configuration(Path.of(args[2])), Providers.all(), System.getenv(), clock);
    service.failure().get();
  }

  private static Configuration configuration(Path file) {
    return switch (ConfigFile.reader(System.getenv()).read(file)) {
      case ConfigurationReader.Result.Valid valid -> valid.configuration();
      case ConfigurationReader.Result.Invalid invalid ->
          throw new IllegalArgumentException(invalid.problems().toString());
    };
  }
}
