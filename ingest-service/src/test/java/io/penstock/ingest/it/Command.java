package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.cli.CommandContext;
import io.penstock.ingest.cli.PenstockCommand;
import io.penstock.localstack.ServiceProgram;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs commands of the program beside running instances, with the same configuration. */
final class Command {

  private static final long PATIENCE_SECONDS = 120;

  private Command() {}

  /** A command that has ended. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Ended(int status, byte[] bytes, String err) {
    String out() {
      return new String(bytes, UTF_8);
    }

    List<String> lines() {
      return out().lines().toList();
    }
  }

  /**
   * Runs a command in this process, which saves the start of another.
   *
   * @param directory of the configuration's file
   */
  static Ended run(Settings settings, Path directory, List<String> arguments) {
    String[] line = line(settings, directory, arguments).toArray(new String[0]);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    CommandContext context = CommandContext.of(settings.environment(), out, err);
    FutureTask<Integer> command = new FutureTask<>(() -> PenstockCommand.run(context, line));
    Thread.ofPlatform().daemon().name("command").start(command);
    try {
      int status = command.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      return new Ended(status, out.toByteArray(), err.toString(UTF_8));
    } catch (TimeoutException | ExecutionException e) {
      throw new AssertionError(arguments + ": " + err.toString(UTF_8), e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Starts a command as a process of its own, whose output the caller reads.
   *
   * @param err where it writes its errors
   */
  static Process start(Settings settings, Path directory, Path err, List<String> arguments)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                ServiceProgram.command(
                    ServiceProgram.STARTS_SOON, line(settings, directory, arguments)))
            .redirectError(err.toFile());
    builder.environment().putAll(settings.environment());
    return builder.start();
  }

  private static List<String> line(Settings settings, Path directory, List<String> arguments) {
    List<String> line = new ArrayList<>(arguments);
    line.addAll(List.of("--config", settings.write(directory).toString()));
    return line;
  }
}
