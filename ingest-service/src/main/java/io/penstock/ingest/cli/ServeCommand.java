package io.penstock.ingest.cli;

import io.penstock.ingest.config.ConfigurationReader.Result;
import io.penstock.ingest.observability.LogQueue;
import io.penstock.ingest.provider.Providers;
import io.penstock.ingest.service.Service;
import io.penstock.ingest.service.StartException;
import java.time.InstantSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs an instance until it fails, or until a signal stops the process. */
@Command(
    name = "serve",
    description = "Runs the service against the configured Kafka and registry.")
final class ServeCommand extends Subcommand {

  @Mixin
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private ConfigFile config;

  @Override
  public Integer call() throws StartException {
    Result.Valid valid = config.read();
    CommandProblems.print(err(), "warning", valid.warnings());
    return new ProcessLife(err(), LogQueue::close)
        .live(
            () ->
                Service.start(
                    valid.configuration(), Providers.all(), environment(), InstantSource.system()));
  }
}
