package io.penstock.ingest;

import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.ConfigurationReader;
import io.penstock.ingest.config.Problem;
import io.penstock.ingest.dev.DevCommand;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.Providers;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
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
    subcommands = {Penstock.Serve.class, Penstock.Config.class, DevCommand.class})
public final class Penstock {

  private Penstock() {}

  /**
   * Runs a command.
   *
   * @param args as {@code penstock --help} explains them
   */
  public static void main(String[] args) {
    int status = new CommandLine(new Penstock()).execute(args);
    // Client threads may outlive a failed start.
    Runtime.getRuntime().exit(status);
  }

  /**
   * A reader that knows this program's providers.
   *
   * @param environment what overrides the file, and where references lead
   */
  public static ConfigurationReader configurationReader(Map<String, String> environment) {
    return new ConfigurationReader(
        environment, Providers.all().stream().map(Provider::name).collect(Collectors.toSet()));
  }

  /** Prints problems, one a line. */
  public static void print(PrintWriter out, String kind, List<Problem> problems) {
    for (Problem problem : problems) {
      out.println(kind + ": " + problem);
    }
    out.flush();
  }

  /** Waits until an instance fails, or until the process is told to stop, and then stops it. */
  @Command(
      name = "serve",
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
    public Integer call() throws InterruptedException {
      PrintWriter err = spec.commandLine().getErr();
      switch (configurationReader(System.getenv()).read(file)) {
        case ConfigurationReader.Result.Invalid invalid -> {
          print(err, "error", invalid.problems());
          return 1;
        }
        case ConfigurationReader.Result.Valid valid -> {
          print(err, "warning", valid.warnings());
          return serve(valid.configuration(), err);
        }
      }
    }

    private static int serve(Configuration configuration, PrintWriter err)
        throws InterruptedException {
      AtomicInteger status = new AtomicInteger();
      try {
        Service service = Service.start(configuration, Providers.all(), System.getenv());
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(service, status), "shutdown"));
        service.failure().get();
      } catch (StartException e) {
        report(err, e);
        status.set(1);
      } catch (ExecutionException e) {
        report(err, e.getCause());
        status.set(1);
      }
      return status.get();
    }

    /**
     * A drained instance ends well, whoever asked for it; a signal alone would end it with a status
     * of its own.
     */
    private static void stop(Service service, AtomicInteger status) {
      service.close();
      Runtime.getRuntime().halt(status.get());
    }
  }

  /** Says why an instance cannot run. */
  public static void report(PrintWriter err, @Nullable Throwable cause) {
    if (cause instanceof StartException start) {
      start.problems().forEach(problem -> err.println("error: " + problem));
    } else {
      err.println("error: " + cause);
    }
    err.flush();
  }

  /** The version of this build. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Penstock.class.getPackage().getImplementationVersion();
      return new String[] {"penstock " + (version == null ? "(not packaged)" : version)};
    }
  }

  /** What is done with a configuration alone. */
  @Command(
      name = "config",
      description = "Works on configuration files.",
      synopsisSubcommandLabel = "COMMAND",
      subcommands = Check.class)
  static final class Config {}

  /** Checks a configuration. */
  @Command(
      name = "check",
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
      return switch (configurationReader(System.getenv()).check(file)) {
        case ConfigurationReader.Result.Invalid invalid -> {
          print(out, "error", invalid.problems());
          yield 1;
        }
        case ConfigurationReader.Result.Valid valid -> {
          print(out, "warning", valid.warnings());
          out.println("ok");
          out.flush();
          yield 0;
        }
      };
    }
  }
}
