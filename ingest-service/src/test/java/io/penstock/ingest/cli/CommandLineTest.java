package io.penstock.ingest.cli;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.observability.FailureText;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** What the commands say of themselves, of mistakes, and of exceptions that nobody has caught. */
class CommandLineTest {

  private static final CommandContext NONE =
      CommandContext.of(Map.of(), OutputStream.nullOutputStream(), OutputStream.nullOutputStream());

  private static final String MARKER = "hunter2marker";

  @TempDir private Path directory;

  private record Ran(int status, String out, String err) {}

  private static Ran run(String... arguments) {
    return run(PenstockCommand.commandLine(NONE), arguments);
  }

  private static Ran run(CommandLine commandLine, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int status =
        commandLine
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(arguments);
    return new Ran(status, out.toString(), err.toString());
  }

  private static void collect(CommandLine command, List<String> path, List<List<String>> all) {
    all.add(path);
    command
        .getSubcommands()
        .forEach(
            (name, subcommand) -> {
              List<String> below = new ArrayList<>(path);
              below.add(name);
              collect(subcommand, below, all);
            });
  }

  static Stream<List<String>> commands() {
    List<List<String>> all = new ArrayList<>();
    collect(PenstockCommand.commandLine(NONE), List.of(), all);
    return all.stream();
  }

  private static CommandLine find(List<String> path) {
    CommandLine command = PenstockCommand.commandLine(NONE);
    for (String name : path) {
      command = requireNonNull(command.getSubcommands().get(name));
    }
    return command;
  }

  private static String[] with(List<String> path, String... more) {
    return Stream.concat(path.stream(), Stream.of(more)).toArray(String[]::new);
  }

  @Test
  void theTreeHasEveryCommand() {
    assertThat(commands().map(path -> String.join(" ", path)))
        .containsExactlyInAnyOrder(
            "",
            "serve",
            "config",
            "config check",
            "console",
            "schemas",
            "schemas check",
            "schemas register",
            "topics",
            "topics plan",
            "topics apply",
            "dead-letters",
            "dead-letters list",
            "dead-letters show",
            "dead-letters redrive",
            "spool",
            "spool drain",
            "sources",
            "sources list",
            "sources pause",
            "sources resume",
            "sources draft",
            "subscriptions",
            "subscriptions plan",
            "subscriptions apply",
            "subscriptions list",
            "subscriptions ping",
            "subscriptions remove",
            "listen",
            "replay",
            "tail",
            "trace",
            "refusals",
            "dev");
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandHasHelpThatNamesAllItsOptions(List<String> path) {
    for (String help : List.of("--help", "-h")) {
      Ran ran = run(with(path, help));

      assertThat(ran.status()).isZero();
      assertThat(ran.err()).isEmpty();
      CommandLine command = find(path);
      String text = ran.out().replaceAll("\\s+", " ");
      for (String description : command.getCommandSpec().usageMessage().description()) {
        assertThat(text).contains(description);
      }
      for (OptionSpec option : command.getCommandSpec().options()) {
        assertThat(ran.out()).contains(option.names());
        assertThat(option.description()).as(option.longestName()).isNotEmpty();
      }
      for (PositionalParamSpec position : command.getCommandSpec().positionalParameters()) {
        assertThat(ran.out()).contains(position.paramLabel());
        assertThat(position.description()).isNotEmpty();
      }
      command.getSubcommands().keySet().forEach(name -> assertThat(ran.out()).contains(name));
    }
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandTellsItsVersion(List<String> path) {
    Ran ran = run(with(path, "--version"));

    assertThat(ran.status()).isZero();
    assertThat(ran.out()).startsWith("penstock ");
  }

  /** Somebody who pastes a secret into the wrong place need not see it in a log. */
  @ParameterizedTest
  @MethodSource("commands")
  void noCommandRepeatsTheValueOfAnArgument(List<String> path) {
    List<String[]> wrong =
        List.of(
            with(path, "--tokn=" + MARKER),
            with(path, "--tokn", MARKER),
            with(path, "-x" + MARKER),
            with(path, "--port", MARKER),
            with(path, "--limit", MARKER),
            with(path, "--since", MARKER),
            with(path, "--since=" + MARKER),
            with(path, "--config", "a.yaml", MARKER, MARKER, "--nothing"));
    for (String[] arguments : wrong) {
      Ran ran = run(arguments);

      assertThat(ran.status()).as(String.join(" ", arguments)).isEqualTo(2);
      assertThat(ran.err()).startsWith("error: ").contains("--help");
      assertThat(ran.out() + ran.err()).doesNotContain(MARKER);
    }
  }

  @Test
  void aMistypedOptionIsNamed() {
    assertThat(run("dev", "--confg", "x").err())
        .contains("unknown option '--confg'")
        .contains("'--config'");
    assertThat(run("serve").err()).contains("missing: --config FILE");
    assertThat(run("serv").err()).contains("did you mean 'serve'");
    assertThat(run("config").err()).contains("subcommand");
    assertThat(run("dev", "--port", "abc").err()).contains("--port").contains("int");
  }

  private static final class Throwing {
    final RuntimeException thrown;

    Throwing(RuntimeException thrown) {
      this.thrown = thrown;
    }
  }

  static Stream<RuntimeException> exceptions() {
    return Stream.of(
        new IllegalArgumentException("invalid header value: \"" + MARKER + "\""),
        new IllegalStateException(MARKER, new IOException("disk full")),
        new RuntimeException(new ExecutionException(new IllegalArgumentException(MARKER))),
        new KafkaException(
            "Failed to construct: " + MARKER,
            new ConfigException("sasl.mechanism", MARKER, "no such mechanism " + MARKER)));
  }

  @ParameterizedTest
  @MethodSource("exceptions")
  void anUncaughtExceptionIsToldWithoutItsMessage(RuntimeException thrown) throws Exception {
    @CommandLine.Command(name = "throwing")
    class Command implements Runnable {
      private final Throwing what = new Throwing(thrown);

      @Override
      public void run() {
        throw what.thrown;
      }
    }

    Ran ran = run(CommandProblems.applyTo(new CommandLine(new Command())));

    assertThat(ran.status()).isEqualTo(1);
    assertThat(ran.err())
        .startsWith("error: " + thrown.getClass().getName())
        .doesNotContain(MARKER)
        .doesNotContain("\tat ");
  }

  @Test
  void whatTheMachineSaysIsRepeated() {
    assertThat(FailureText.of(new ExecutionException(new java.net.BindException("in use"))))
        .startsWith("java.net.BindException (in use)");
    assertThat(FailureText.of(new OutOfMemoryError("Java heap space")))
        .startsWith("java.lang.OutOfMemoryError (Java heap space)")
        .contains("-Xmx");
    assertThat(FailureText.of(new UnsatisfiedLinkError("/tmp/x.so: not permitted")))
        .contains("java.io.tmpdir");
    assertThat(FailureText.of(new NoClassDefFoundError("io/penstock/X"))).contains("io/penstock/X");
    assertThat(
            FailureText.of(
                new KafkaException("x", new ConfigException("linger.ms", MARKER, "must be ..."))))
        .contains("the property linger.ms")
        .doesNotContain(MARKER);
  }

  @Test
  void configCheckTellsOfASecretByItsReference() throws IOException {
    Path secret = Files.writeString(directory.resolve("secret"), MARKER + "\n\n");
    Path yaml =
        Files.writeString(
            directory.resolve("penstock.yaml"),
            """
            kafka: {bootstrap-servers: "k:9092"}
            schema-registry: {url: "http://r"}
            sources:
              - name: a
                provider: csm
                auth: [{type: header, name: x-key, values: [{file: secret}]}]
            """);

    Ran ran = run("config", "check", yaml.toString());

    assertThat(ran.status()).isEqualTo(1);
    assertThat(ran.out())
        .contains("sources[0].auth[0].values[0]: file " + secret + " ends in a line break")
        .doesNotContain(MARKER);
  }
}
