package io.penstock.ingest.cli;

import io.penstock.ingest.config.ConfigurationReader;
import io.penstock.ingest.config.ConfigurationReader.Result;
import io.penstock.ingest.config.Problem;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.Providers;
import io.penstock.ingest.service.StartException;
import io.penstock.ingest.source.AuthKinds;
import io.penstock.ingest.source.Sources;
import io.penstock.ingest.subscription.SubscriptionProviders;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * The option {@code --config}, and how every command reads the file that it is given. Environment
 * variables override single keys of the file (docs/configuration.md); the file itself has no
 * variable and no default.
 */
public final class ConfigFile {

  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description = "The configuration.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private Path file;

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec command;

  /** Where the file is. */
  Path path() {
    return file;
  }

  /**
   * Reads the file in order to run with it; looks at no secret.
   *
   * @throws StartException with every error of the file
   */
  Result.Valid read() throws StartException {
    return read(Map.of());
  }

  /**
   * The same, where options of the command take the place of keys of the file.
   *
   * @param options by the variables of these keys
   */
  Result.Valid read(Map<String, String> options) throws StartException {
    Map<String, String> environment = new HashMap<>(PenstockCommand.context(command).environment());
    environment.putAll(options);
    return valid(reader(environment).read(file));
  }

  /**
   * What a valid configuration is.
   *
   * @throws StartException with every error of an invalid one
   */
  static Result.Valid valid(Result result) throws StartException {
    return switch (result) {
      case Result.Valid valid -> valid;
      case Result.Invalid invalid ->
          throw new StartException(invalid.problems().stream().map(Problem::toString).toList());
    };
  }

  /**
   * A reader that knows the providers of this program, and what their secrets must look like.
   *
   * @param environment overrides keys of the file, and resolves references to variables
   */
  public static ConfigurationReader reader(Map<String, String> environment) {
    return new ConfigurationReader(
        environment,
        Providers.selectable().stream()
            .collect(Collectors.toMap(Provider::name, Provider::acknowledgementDeadline)),
        AuthKinds.ALL,
        Sources.secretCheck(environment),
        SubscriptionProviders.kinds());
  }
}
