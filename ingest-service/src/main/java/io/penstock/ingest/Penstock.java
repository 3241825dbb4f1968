package io.penstock.ingest;

import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.ConfigurationReader;
import io.penstock.ingest.dev.DevCommand;
import io.penstock.ingest.observability.LogQueue;
import io.penstock.ingest.provider.Providers;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command line. */
@Command(
    name = "penstock",
    mixinStandardHelpOptions = true,
    versionProvider = Penstock.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    description = "Webhooks in, typed Kafka events out, once.",
    subcommands = {
      Penstock.Serve.class,
      Penstock.Config.class,
      DeadLetterCommands.class,
      DevCommand.class
    })
public final class Penstock {

  private Penstock() {}

  /**
   * Runs a command.
   *
   * @param args as {@code penstock --help} explains them
   */
  public static void main(String[] args) {
    // Before the first logger is made. Who runs a server collects its log; all else is read by
    // people.
    System.setProperty("java.util.logging.manager", "org.apache.logging.log4j.jul.LogManager");
    // Read when the first TLS connection is made: one handshake for each.
    System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
    if (args.length > 0 && args[0].equals("serve")) {
      LogQueue.use();
    }
    int status = 1;
    try {
      status = commandLine().execute(args);
    } catch (Throwable e) { // errors: what a command throws else has been told by then
      Console.report(new PrintWriter(System.err, true, StandardCharsets.UTF_8), e);
    } finally {
      // Client threads may outlive a failed start.
      Runtime.getRuntime().exit(status);
    }
  }

  /** All commands. */
  static CommandLine commandLine() {
    return CommandProblems.applyTo(new CommandLine(new Penstock()));
  }

  /** Waits until an instance fails, or until the process is told to stop, and then stops it. */
  @Command(
      name = "serve",
      mixinStandardHelpOptions = true,
      versionProvider = Penstock.Version.class,
      description = "Runs the service against the configured Kafka and registry.")
  static final class Serve implements Callable<Integer> {

    @Option(
        names = "--config",
        required = true,
        paramLabel = "FILE",
        description = "The configuration.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path file;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
      PrintWriter err = spec.commandLine().getErr();
      switch (Console.configurationReader(System.getenv()).read(file)) {
        case ConfigurationReader.Result.Invalid invalid -> {
          Console.print(err, "error", invalid.problems());
          return 1;
        }
        case ConfigurationReader.Result.Valid valid -> {
          Console.print(err, "warning", valid.warnings());
          return serve(valid.configuration(), err);
        }
      }
    }

    private static int serve(Configuration configuration, PrintWriter err) {
      return new Life(err, LogQueue::close)
          .live(() -> Service.start(configuration, Providers.all(), System.getenv()));
    }
  }

  /** The version of this build. */
  public static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Penstock.class.getPackage().getImplementationVersion();
      return new String[] {"penstock " + (version == null ? "(not packaged)" : version)};
    }
  }

  /** What is done with a configuration alone. */
  @Command(
      name = "config",
      mixinStandardHelpOptions = true,
      versionProvider = Penstock.Version.class,
      description = "Works on configuration files.",
      synopsisSubcommandLabel = "COMMAND",
      subcommands = Check.class)
  static final class Config {}

  /** Checks a configuration. */
  @Command(
      name = "check",
      mixinStandardHelpOptions = true,
      versionProvider = Penstock.Version.class,
      description = "Lists every error of a configuration; status 1 if there is any.")
  static final class Check implements Callable<Integer> {

    @Parameters(paramLabel = "FILE", description = "The configuration.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path file;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
      PrintWriter out = spec.commandLine().getOut();
      return switch (Console.configurationReader(System.getenv()).check(file)) {
        case ConfigurationReader.Result.Invalid invalid -> {
          Console.print(out, "error", invalid.problems());
          yield 1;
        }
        case ConfigurationReader.Result.Valid valid -> {
          Console.print(out, "warning", valid.warnings());
          out.println("ok");
          out.flush();
          yield 0;
        }
      };
    }
  }
}
