package io.penstock.ingest.cli;

import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.service.SpoolDrain;
import io.penstock.ingest.service.StartException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The commands by which an operator handles spools. */
@Command(
    name = "spool",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Works on the spool of an instance that does not run.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = SpoolCommand.DrainSpool.class)
final class SpoolCommand {

  private SpoolCommand() {}

  /** Hands the deliveries of a spool to Kafka. */
  @Command(
      name = "drain",
      description = {
        "Hands every delivery of a spool to Kafka, in its order, and waits for Kafka as long as it"
            + " does not answer. For the volume of an instance that does not come back.",
        "Exit status: 0 if the spool is empty, 3 if deliveries are left in it, 1 on an error. To run"
            + " it again is harmless: copies are removed by the pipeline."
      })
  static final class DrainSpool extends Subcommand {

    /** Every spool has this file: it names the topics that the deliveries are for. */
    private static final String OWNER = "owner";

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private ConfigFile config;

    @Option(
        names = "--directory",
        required = true,
        paramLabel = "DIR",
        description = "The spool's directory, which takes the place of delivery.spool.directory.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path directory;

    @Override
    public Integer call() throws Exception {
      if (!Files.isRegularFile(directory.resolve(OWNER))) {
        throw new StartException(List.of("--directory: there is no spool"));
      }
      Configuration configuration =
          config
              .read(
                  Map.of(
                      "PENSTOCK_DELIVERY_SPOOL_DIRECTORY", directory.toAbsolutePath().toString()))
              .configuration();
      try (SpoolDrain drain = SpoolDrain.open(configuration, InstantSource.system())) {
        long before = drain.deliveries();
        return UntilSignal.<Exception>run(
            drain::stop, () -> ended(drain, before, drain.run(this::report)));
      }
    }

    private void report(long deliveries, String remarks) {
      err().println(deliveries + " deliveries wait" + (remarks.isEmpty() ? "" : "; " + remarks));
      err().flush();
    }

    private int ended(SpoolDrain drain, long before, boolean isEmpty) {
      out().println("drained " + (before - drain.deliveries()) + " of " + before + " deliveries");
      out().flush();
      if (drain.aside() > 0) {
        err()
            .println(
                drain.aside()
                    + " deliveries that Kafka does not take are in "
                    + directory.resolve("aside")
                    + ": see docs/spool.md, What Kafka refuses");
        err().flush();
      }
      return isEmpty && drain.aside() == 0 ? 0 : 3;
    }
  }
}
