package io.penstock.ingest.cli;

import java.io.OutputStream;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What every command has: {@code --help}, {@code --version}, two streams, and an exit status. */
@Command(mixinStandardHelpOptions = true, versionProvider = Version.class)
abstract class Subcommand implements Callable<Integer> {

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  final PrintWriter out() {
    return spec.commandLine().getOut();
  }

  final PrintWriter err() {
    return spec.commandLine().getErr();
  }

  /** Standard output for what is written byte for byte. */
  final OutputStream bytes() {
    return PenstockCommand.context(spec).bytes();
  }

  /** What this command has around it. */
  final CommandContext context() {
    return PenstockCommand.context(spec);
  }

  /** The environment variables. */
  final Map<String, String> environment() {
    return PenstockCommand.context(spec).environment();
  }
}
