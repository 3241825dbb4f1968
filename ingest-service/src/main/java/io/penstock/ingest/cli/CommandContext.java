package io.penstock.ingest.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.util.Map;

/**
 * What a command has around it. Used by the command's thread alone.
 *
 * @param environment the variables that references in a configuration may name
 * @param text standard output, for what people read
 * @param bytes the same, for what is written as it is: a write fails when its reader has gone
 * @param err standard error
 */
public record CommandContext(
    Map<String, String> environment, PrintWriter text, OutputStream bytes, PrintWriter err) {

  public CommandContext {
    environment = Map.copyOf(environment);
  }

  /** Those of this process. */
  public static CommandContext ofProcess() {
    return new CommandContext(
        System.getenv(),
        new PrintWriter(System.out, true, System.out.charset()),
        new FileOutputStream(FileDescriptor.out),
        new PrintWriter(System.err, true, System.err.charset()));
  }

  /**
   * Streams in UTF-8.
   *
   * @param environment the variables that references in a configuration may name
   */
  public static CommandContext of(
      Map<String, String> environment, OutputStream out, OutputStream err) {
    return new CommandContext(
        environment, new PrintWriter(out, true, UTF_8), out, new PrintWriter(err, true, UTF_8));
  }
}
