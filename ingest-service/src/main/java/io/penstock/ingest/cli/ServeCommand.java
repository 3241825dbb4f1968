package io.penstock.ingest.cli;

import io.penstock.ingest.config.ConfigurationReader.Result;
import io.penstock.ingest.observability.LogQueue;
import io.penstock.ingest.provider.Providers;
import io.penstock.ingest.service.Service;
import io.penstock.ingest.service.StartException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Runs an instance until it fails, or until a signal stops the process. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Runs the service against the configured Kafka and registry.")
final class ServeCommand implements Callable<Integer> {

  @Mixin
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private ConfigFile config;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public Integer call() throws StartException {
    PrintWriter err = spec.commandLine().getErr();
    Result.Valid valid = config.read();
    CommandProblems.print(err, "warning", valid.warnings());
    return new ProcessLife(err, LogQueue::close)
        .live(() -> Service.start(valid.configuration(), Providers.all(), System.getenv()));
  }
}
