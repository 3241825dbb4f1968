package io.penstock.ingest.subscription;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.cli.CommandContext;
import io.penstock.ingest.cli.PenstockCommand;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs the real command, and lets no secret through: a test that prints one fails. */
final class Commands {

  private final Path file;
  private final Map<String, String> environment = new LinkedHashMap<>();
  private final List<String> secrets = new ArrayList<>();

  Commands(Path directory) {
    file = directory.resolve("penstock.yaml");
  }

  /** A command that has ended. */
  record Ended(int status, String out, String err) {}

  /** Writes the configuration. */
  Commands configure(String sources) {
    try {
      Files.writeString(
          file,
          "kafka: {bootstrap-servers: '127.0.0.1:1'}\nschema-registry: {url: 'http://127.0.0.1:1'}\n"
              + "sources:\n"
              + sources);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sets a variable, whose value no command may print. */
  Commands with(String variable, String secret) {
    environment.put(variable, secret);
    secrets.add(secret);
    return this;
  }

  /** No command may print this from here on. */
  void hide(String secret) {
    secrets.add(secret);
  }

  /** Runs a command of {@code subscriptions}. */
  Ended run(String... arguments) {
    List<String> line = new ArrayList<>(List.of("subscriptions"));
    line.addAll(List.of(arguments));
    line.addAll(List.of("--config", file.toString()));
    return execute(line);
  }

  /** Runs {@code config check}. */
  Ended check() {
    return execute(List.of("config", "check", file.toString()));
  }

  private Ended execute(List<String> line) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int status =
        PenstockCommand.run(CommandContext.of(environment, out, err), line.toArray(new String[0]));
    Ended ended = new Ended(status, out.toString(UTF_8), err.toString(UTF_8));
    for (int i = 0; i < secrets.size(); i++) {
      if ((ended.out() + ended.err()).contains(secrets.get(i))) {
        throw new AssertionError("the secret " + i + " is printed by " + line);
      }
    }
    return ended;
  }
}
