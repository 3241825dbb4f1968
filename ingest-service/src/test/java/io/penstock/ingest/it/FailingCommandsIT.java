package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.Thorough;
import io.penstock.localstack.ServiceProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The output of failing commands, as the operator sees it: no stream contains a part of a secret,
 * for every place and every error of the secret.
 */
class FailingCommandsIT {

  private static final String MARKER = "hunter2marker";

  private static final String KAFKA = "kafka: {bootstrap-servers: '127.0.0.1:1'}\n";
  private static final String REGISTRY = "schema-registry: {url: 'http://127.0.0.1:1'}\n";
  private static final String HTTP = "http: {host: 127.0.0.1, port: 0, management-port: 0}\n";
  private static final String SOURCE = "sources:\n- name: a\n  provider: csm\n  auth: ";
  private static final String GOOD = SOURCE + "[{type: url-token, tokens: [{env: GOOD}]}]\n";
  private static final String START = HTTP + KAFKA + REGISTRY;

  private static final List<String> ALL = List.of("config check", "serve", "dev");
  private static final List<String> RUNNING = List.of("serve", "dead-letters list");

  @TempDir private Path directory;

  private static Arguments row(
      String name, List<String> commands, String yaml, Map<String, String> variables) {
    return Arguments.of(name, commands, yaml, variables);
  }

  /**
   * One source for each type of authentication, each with a secret that cannot occur at its place
   * in a request.
   */
  private static Arguments secrets() {
    Map<String, String> bad =
        Map.of(
            "HEADER", MARKER + "\n",
            "BEARER", MARKER + " " + MARKER,
            "BASIC", MARKER + "\n" + MARKER,
            "URL_TOKEN", MARKER + "\r\n",
            "QUERY", "\t" + MARKER,
            "BODY_FIELD", MARKER + "\n",
            "BCRYPT", MARKER + "\n",
            "WEBHOOKS", "#" + MARKER);
    List<String> ways =
        List.of(
            "{type: header, name: x-key, values: [{env: HEADER}]}",
            "{type: bearer, tokens: [{env: BEARER}]}",
            "{type: basic, username: u, passwords: [{env: BASIC}]}",
            "{type: url-token, tokens: [{env: URL_TOKEN}]}",
            "{type: query, parameter: p, values: [{env: QUERY}]}",
            "{type: body-field, field: f, values: [{env: BODY_FIELD}]}",
            "{type: bcrypt-token, secrets: [{env: BCRYPT}]}",
            "{type: standard-webhooks, secrets: [{env: WEBHOOKS}]}");
    StringBuilder yaml = new StringBuilder(START).append("sources:\n");
    for (String way : ways) {
      yaml.append("- {name: s").append(yaml.length()).append(", provider: csm, auth: [");
      yaml.append(way).append("]}\n");
    }
    return row("secrets", ALL, yaml.toString(), bad);
  }

  private static String kafka(String property) {
    return HTTP
        + REGISTRY
        + GOOD
        + "kafka: {bootstrap-servers: '127.0.0.1:1', properties: {"
        + property
        + "}}\n";
  }

  static Stream<Arguments> failures() {
    return Stream.of(
        secrets(),
        row(
            "an API's credentials",
            List.of("subscriptions plan", "subscriptions apply --yes", "listen --source a"),
            START
                + "sources:\n- name: a\n  provider: matterport\n"
                + "  auth: [{type: bearer, tokens: [{env: GOOD}]}]\n"
                + "  subscription: {callback-url: https://h/a, api: {url: 'http://127.0.0.1:1',"
                + " credentials: [{env: GOOD}, {env: BAD}]}}\n",
            Map.of("BAD", MARKER + "\n" + MARKER)),
        row(
            "a literal",
            ALL,
            START + SOURCE + "[{type: url-token, tokens: [" + MARKER + "]}]\n",
            Map.of()),
        row(
            "no YAML",
            ALL,
            START + SOURCE + "[{type: url-token, tokens: [*" + MARKER + "]}]\n",
            Map.of()),
        row(
            "a registry's password",
            ALL,
            HTTP + KAFKA + GOOD + "schema-registry: {url: 'http://u:" + MARKER + "@r:1'}\n",
            Map.of("PENSTOCK_SCHEMA_REGISTRY_AUTO_REGISTER", MARKER)),
        row(
            "a collector's password",
            ALL,
            START + GOOD + "tracing: {endpoint: 'http://u:" + MARKER + "@c:1/v1'}\n",
            Map.of()),
        row(
            "overrides",
            ALL,
            START + GOOD,
            Map.of(
                "PENSTOCK_HTTP_PORT", MARKER,
                "PENSTOCK_ROLES", MARKER,
                "PENSTOCK_DEDUPLICATION_WINDOW", MARKER,
                "PENSTOCK_DELIVERY_SPOOL_MAX_SIZE", MARKER)),
        row(
            "a property that takes no such value",
            RUNNING,
            kafka("security.protocol: {env: BAD}"),
            Map.of("BAD", MARKER)),
        row(
            "a number that is none",
            RUNNING,
            kafka("linger.ms: {env: BAD}"),
            Map.of("BAD", MARKER)),
        row(
            "a login that is none",
            RUNNING,
            kafka(
                "security.protocol: SASL_PLAINTEXT, sasl.mechanism: PLAIN,"
                    + " sasl.jaas.config: {env: BAD}"),
            Map.of("BAD", "Module " + MARKER + " password=\"" + MARKER + "\";")),
        row(
            "a key that is none",
            RUNNING,
            kafka(
                "security.protocol: SSL, ssl.keystore.type: PEM, ssl.keystore.key: {env: BAD},"
                    + " ssl.keystore.certificate.chain: {env: BAD}"),
            Map.of(
                "BAD", "-----BEGIN PRIVATE KEY-----\n" + MARKER + "\n-----END PRIVATE KEY-----")),
        row(
            "a registry's token",
            List.of("serve", "dead-letters list", "config check"),
            HTTP
                + KAFKA
                + GOOD
                + "schema-registry: {url: 'http://127.0.0.1:1', properties:"
                + " {bearer.auth.credentials.source: STATIC_TOKEN, bearer.auth.token: {env:"
                + " BAD}}}\n",
            Map.of("BAD", MARKER + "\n")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("failures")
  void nothingOfASecretIsShown(
      String name, List<String> commands, String yaml, Map<String, String> variables)
      throws Exception {
    Path file = Files.writeString(directory.resolve("penstock.yaml"), yaml);
    for (String command : Thorough.Run.isThorough() ? commands : oneOf(commands, name)) {
      Path out = directory.resolve("out");
      Process process = start(command, file, variables, out);
      try {
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(command).isTrue();
      } finally {
        process.destroyForcibly();
      }

      String text = Files.readString(out, UTF_8);
      if (text.contains(MARKER)) {
        // Not by AssertJ, whose description would be the text.
        int at = text.indexOf(MARKER);
        throw new AssertionError(
            command + " shows the secret after: " + text.substring(Math.max(0, at - 300), at));
      }
      assertThat(process.exitValue()).as(command + ": " + text).isEqualTo(1);
      assertThat(text).as(command).contains("error: ").doesNotContain("\tat ");
      if (name.equals("secrets")) {
        // Each is named by its variable.
        assertThat(text).contains(variables.keySet());
      }
    }
  }

  /** Another one for another error: the gate has each command and each error, and not each pair. */
  private static List<String> oneOf(List<String> commands, String name) {
    return List.of(commands.get(Math.floorMod(name.hashCode(), commands.size())));
  }

  /** Its own line says what is wrong; its clients' warnings would stand around it. */
  @Test
  void aCommandWithoutKafkaSaysSoAndKafkasClientsSayNothing() throws Exception {
    Path file = directory.resolve("penstock.yaml");
    Files.writeString(file, START + GOOD);
    Path out = directory.resolve("out");
    Process process = start("topics plan", file, Map.of(), out);
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).isEqualTo(1);
    assertThat(Files.readString(out, UTF_8))
        .startsWith("error: Kafka: ")
        .satisfies(text -> assertThat(text.lines()).hasSize(1));
  }

  private Process start(String command, Path file, Map<String, String> variables, Path out)
      throws IOException {
    List<String> options = new ArrayList<>(ServiceProgram.STARTS_SOON);
    options.add("-Djava.io.tmpdir=" + directory);
    List<String> line = new ArrayList<>(List.of(command.split(" ", -1)));
    line.addAll(
        command.equals("config check")
            ? List.of(file.toString())
            : List.of("--config", file.toString()));
    ProcessBuilder builder =
        new ProcessBuilder(ServiceProgram.command(options, line))
            .redirectErrorStream(true)
            .redirectOutput(out.toFile());
    Map<String, String> environment = new HashMap<>(variables);
    environment.put("GOOD", "a-good-url-token");
    environment.put("PENSTOCK_LOG_LEVEL_ROOT", "info");
    builder.environment().putAll(environment);
    return builder.start();
  }
}
