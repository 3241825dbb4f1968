package io.penstock.ingest.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import io.penstock.ingest.config.ConfigurationReader.Result;
import io.penstock.ingest.source.AuthKinds;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is wrong with a file, and what its operator is told of it. */
class ConfigurationProblemsTest {

  private static final String KAFKA = "kafka: {bootstrap-servers: 'k:9092'}\n";
  private static final String REGISTRY = "schema-registry: {url: 'http://r'}\n";
  private static final String SOURCE_START = "sources:\n- name: a\n  provider: csm\n";
  private static final String AUTH = "  auth: [{type: url-token, tokens: [{env: T}]}]\n";
  private static final String SOURCES = SOURCE_START + AUTH;

  private static final String LITERAL =
      "a secret is never a literal: write {env: NAME} or {file: PATH}";
  private static final String SHAPE =
      "a secret is either {env: NAME} or {file: PATH}, with a space after the colon";
  private static final String SIZE_UNITS = ": a number and a unit of B, kB, MB, GB, KiB, MiB, GiB";
  private static final String EVENT_SOURCE_BASE =
      "pipeline.event-source-base: must be an absolute URI of at most 256 characters, without user,"
          + " query or fragment, such as https://hooks.example.com";

  private static final String DURATION_UNITS = ": a number and a unit of ms, s, m, h, d";
  private static final String BODY_SIZE = "must be a size from 1KiB to 64MiB" + SIZE_UNITS;
  private static final String IN_FLIGHT = "must be a size from 1KiB to 256GiB" + SIZE_UNITS;
  private static final Duration FOUR = Duration.ofSeconds(4);
  private static final String DEADLINE = "must be a duration from 10ms to 30s" + DURATION_UNITS;
  private static final String PORT = "must be a whole number from 0 to 65535";
  private static final String MAPPING = "must be a mapping, that is, `key: value` pairs";
  private static final String REQUIRED = "is required";
  private static final String TOLERANCE =
      "must be a duration from 1s to 1h: a number and a unit of ms, s, m, h, d";
  private static final String URL =
      "must be an http or https address, or several of them with commas between";

  private static Result read(String yaml) {
    return new ConfigurationReader(
            Map.of(),
            Map.of("csm", FOUR, "echo3d", FOUR, "move", Duration.ofSeconds(12)),
            AuthKinds.ALL,
            SecretCheck.NONE,
            1L << 40)
        .read(yaml, Path.of("/etc/penstock"));
  }

  private static List<String> problems(String yaml) {
    return switch (read(yaml)) {
      case Result.Valid valid -> List.of();
      case Result.Invalid invalid ->
          invalid.problems().stream()
              .map(p -> new Problem(p.path(), null, p.message()).toString())
              .toList();
    };
  }

  private static Arguments row(String yaml, String... problems) {
    return Arguments.of(yaml, List.of(problems));
  }

  private static Arguments top(String yaml, String... problems) {
    return row(KAFKA + REGISTRY + SOURCES + yaml, problems);
  }

  private static Arguments kafka(String kafka, String... problems) {
    return row(REGISTRY + SOURCES + "kafka: " + kafka, problems);
  }

  private static Arguments registry(String registry, String... problems) {
    return row(KAFKA + SOURCES + "schema-registry: " + registry, problems);
  }

  private static Arguments source(String source, String... problems) {
    return row(KAFKA + REGISTRY + "sources: [" + source + "]", problems);
  }

  private static Arguments auth(String auth, String... problems) {
    return row(KAFKA + REGISTRY + SOURCE_START + "  auth: " + auth, problems);
  }

  static Stream<Arguments> files() {
    return Stream.of(
        row(
            "",
            "sources: " + REQUIRED,
            "kafka.bootstrap-servers: " + REQUIRED,
            "schema-registry.url: " + REQUIRED),
        row("[a]", MAPPING),
        row(
            "--- a\n--- b",
            "not valid YAML: expected a single document in the stream: but found another document"),
        row("a: [", "not valid YAML: while parsing a flow node: expected the node content"),
        row("a: b: c", "not valid YAML: mapping values are not allowed here"),
        row("a: \u0001", "not valid YAML: the character U+0001 is not allowed"));
  }

  static Stream<Arguments> keys() {
    return Stream.of(
        top("http: {prot: 1}", "http.prot: unknown key; did you mean 'port'?"),
        top(
            "http: {managementPort: 1}",
            "http.managementPort: unknown key; did you mean 'management-port'?"),
        top("delivery: {x: 1}", "delivery.x: unknown key; known here: kafka-deadline, spool"),
        top("htttp: {}", "htttp: unknown key; did you mean 'http'?"),
        top(
            "'two words ü': {}",
            "two?words??: unknown key; known here: roles, deduplication, sources, http, kafka,"
                + " schema-registry, topics, delivery, pipeline, tracing, console"),
        top("http: {port: 1, port: 2}", "http.port: is given twice, first in line 7"),
        top("http: {? [a, b] : c}", "http: a key must be a single word"),
        top(
            "http: {<<: {port: 1}}",
            "http.<<: unknown key; known here: host, port, management-port, max-in-flight-bytes,"
                + " max-in-flight-requests, max-connections, request-timeout, idle-timeout,"
                + " max-connection-age, shutdown-delay, refusals-kept, tls"),
        kafka(
            "{bootstrap-servers: 'k:1', properties: {a.b: 1, a.b: 2}}",
            "kafka.properties.a.b: is given twice, first in line 6"));
  }

  static Stream<Arguments> values() {
    return Stream.of(
        top("roles: ingress", "roles: must be a list"),
        top("roles: []", "roles: must not be empty"),
        top("roles: [ingress, ~]", "roles[1]: is empty"),
        top("roles: [ingress, {a: b}]", "roles[1]: must be a single value, not a mapping"),
        top("roles: [ingress, ingress]", "roles[1]: is given twice"),
        top(
            "roles: [piepline]",
            "roles[0]: unknown role 'piepline'; did you mean 'pipeline'?; known: console, ingress,"
                + " pipeline"),
        top("http: 8080", "http: " + MAPPING),
        top("http: [8080]", "http: " + MAPPING),
        top("http: {host: 'a b'}", "http.host: must be a host name or address"),
        top("http: {port: a}", "http.port: " + PORT),
        top("http: {port: 65536}", "http.port: " + PORT),
        top("http: {port: -1}", "http.port: " + PORT),
        top("http: {port: 010}", "http.port: " + PORT),
        top("http: {port: 8_0}", "http.port: " + PORT),
        top("http: {port: 99999999999999999999}", "http.port: " + PORT),
        top("http: {port: [1]}", "http.port: must be a single value, not a list"),
        top(
            "http: {port: !x 1}",
            "http.port: has a YAML tag; text that begins with ! needs quotes"),
        top("http: !x {port: 1}", "http: has a YAML tag; text that begins with ! needs quotes"),
        top("http: {port: 9090}", "http.management-port: must differ from http.port"),
        top("http: {max-in-flight-bytes: 64}", "http.max-in-flight-bytes: " + IN_FLIGHT),
        top("http: {max-in-flight-bytes: 1.5GiB}", "http.max-in-flight-bytes: " + IN_FLIGHT),
        top(
            "http: {max-in-flight-bytes: 999999999999999GiB}",
            "http.max-in-flight-bytes: " + IN_FLIGHT),
        top(
            "http: {max-in-flight-bytes: 512KiB}",
            "http.max-in-flight-bytes: must hold at least one body of the largest max-body-size,"
                + " 1MiB, or such a body would never be accepted"),
        top(
            "topics: {prefix: 'a/b'}",
            "topics.prefix: must be 1 to 200 of the characters that Kafka allows: A-Z a-z 0-9 . _"
                + " -"),
        top("topics: {create: yes}", "topics.create: must be true or false"),
        top("topics: {partitions: 0}", "topics.partitions: must be a whole number from 1 to 10000"),
        top(
            "topics: {replication-factor: 1.5}",
            "topics.replication-factor: must be a whole number from 1 to 100"),
        top("delivery: {kafka-deadline: 1}", "delivery.kafka-deadline: " + DEADLINE),
        top("delivery: {kafka-deadline: 31s}", "delivery.kafka-deadline: " + DEADLINE),
        top(
            "delivery: {kafka-deadline: 4s}",
            "delivery.kafka-deadline: must be shorter than the acknowledgement-deadline of every"
                + " source: that of a is 4s"),
        top("delivery: {kafka-deadline: 1 sec}", "delivery.kafka-deadline: " + DEADLINE),
        top(
            "delivery: {spool: {max-size: 1GiB}}",
            "delivery.spool.directory: is required for a spool"),
        top("delivery: {spool: {}}", "delivery.spool.directory: is required for a spool"),
        top("delivery: {spool: {directory: ''}}", "delivery.spool.directory: must be a path"),
        top(
            "deduplication: {window: 0s}",
            "deduplication.window: must be a duration from 1s to 90d" + DURATION_UNITS),
        top("pipeline: {threads: 0}", "pipeline.threads: must be a whole number from 1 to 256"),
        top("pipeline: {event-source-base: \"hooks.example.com\"}", EVENT_SOURCE_BASE),
        top("pipeline: {event-source-base: \"/webhooks\"}", EVENT_SOURCE_BASE),
        top("pipeline: {event-source-base: \"https://\"}", EVENT_SOURCE_BASE),
        top(
            "pipeline: {event-source-base: \"https://user:x@hooks.example.com\"}",
            EVENT_SOURCE_BASE),
        top("pipeline: {event-source-base: \"https://hooks.example.com/?a\"}", EVENT_SOURCE_BASE),
        top("pipeline: {event-source-base: \"https://hooks.example.com/#a\"}", EVENT_SOURCE_BASE),
        top("pipeline: {event-source-base: \"urn:a?=b\"}", EVENT_SOURCE_BASE),
        top("pipeline: {event-source-base: \"https://hooks.example.com/a b\"}", EVENT_SOURCE_BASE),
        top("pipeline: {event-source-base: \"https://hööks.example.com\"}", EVENT_SOURCE_BASE),
        top("pipeline: {state-directory: ''}", "pipeline.state-directory: must be a path"),
        top("pipeline: {state-directory: \"a\\0\"}", "pipeline.state-directory: must be a path"));
  }

  static Stream<Arguments> clients() {
    String servers = "must be host:port, or several of them with commas between";
    String shape =
        "must be text, {env: NAME} or {file: PATH}, after the whole name, as ssl.key.password";
    return Stream.of(
        kafka("{bootstrap-servers: }", "kafka.bootstrap-servers: " + REQUIRED),
        kafka("{bootstrap-servers: kafka}", "kafka.bootstrap-servers: " + servers),
        kafka("{bootstrap-servers: 'a:1,,b:2'}", "kafka.bootstrap-servers: " + servers),
        kafka(
            "{bootstrap-servers: ['a:1']}",
            "kafka.bootstrap-servers: must be a single value, not a list"),
        kafka(
            "{bootstrap-servers: 'k:1', properties: {acks: 1}}",
            "kafka.properties.acks: belongs to Penstock: an acknowledged delivery is on every"
                + " in-sync replica"),
        kafka(
            "{bootstrap-servers: 'k:1', properties: {main.consumer.isolation.level: x}}",
            "kafka.properties.main.consumer.isolation.level: belongs to Penstock: every event is"
                + " published exactly once"),
        kafka(
            "{bootstrap-servers: 'k:1', properties: {sasl: {mechanism: PLAIN}}}",
            "kafka.properties.sasl: " + shape),
        kafka(
            "{bootstrap-servers: 'k:1', properties: {sasl.mechanism: [PLAIN]}}",
            "kafka.properties.sasl.mechanism: must be a single value, not a list"),
        kafka(
            "{bootstrap-servers: 'k:1', properties: {sasl.mechanism: }}",
            "kafka.properties.sasl.mechanism: is empty; if that is meant, write \"\""),
        kafka(
            "{bootstrap-servers: 'k:1', properties: {ssl.key.password: hunter2}}",
            "kafka.properties.ssl.key.password: " + LITERAL),
        kafka(
            "{bootstrap-servers: 'k:1', properties: {sasl.jaas.config: 'x required"
                + " password=\"hunter2\";'}}",
            "kafka.properties.sasl.jaas.config: " + LITERAL),
        kafka(
            "{bootstrap-servers: 'k:1', properties: {ssl.key.password: {env: NOT_THERE}}}",
            "kafka.properties.ssl.key.password: the environment variable NOT_THERE is not set"),
        kafka(
            "{bootstrap-servers: 'k:1', properties: {ssl.key.password: {file: /not/there}}}",
            "kafka.properties.ssl.key.password: the file /not/there cannot be read: there is no"
                + " such file"),
        registry("{}", "schema-registry.url: " + REQUIRED),
        registry("{url: registry}", "schema-registry.url: " + URL),
        registry("{url: 'ftp://registry'}", "schema-registry.url: " + URL),
        registry("{url: 'http://a,http://b c'}", "schema-registry.url: " + URL),
        registry(
            "{url: 'http://user:hunter2@r'}",
            "schema-registry.url: must not contain a password: set basic.auth.credentials.source"
                + " and basic.auth.user.info in schema-registry.properties"),
        registry(
            "{url: 'http://r', auto-register: 1}",
            "schema-registry.auto-register: must be true or false"),
        registry(
            "{url: 'http://r', properties: {basic.auth.user.info: 'u:hunter2'}}",
            "schema-registry.properties.basic.auth.user.info: " + LITERAL),
        registry(
            "{url: 'http://r', properties: {auto.register.schemas: true}}",
            "schema-registry.properties.auto.register.schemas: belongs to Penstock: set"
                + " schema-registry.auto-register instead"));
  }

  static Stream<Arguments> sources() {
    String name =
        "must be 1 to 64 lower case letters, digits and dashes, with no dash at either end";
    String rest = "provider: csm, auth: [{type: url-token, tokens: [{env: T}]}]";
    return Stream.of(
        row(KAFKA + REGISTRY, "sources: " + REQUIRED),
        row(KAFKA + REGISTRY + "sources: []", "sources: must not be empty"),
        row(KAFKA + REGISTRY + "sources: {a: b}", "sources: must be a list"),
        source("~", "sources[0]: is empty"),
        source("a", "sources[0]: " + MAPPING),
        source("{" + rest + "}", "sources[0].name: " + REQUIRED),
        source("{name: A, " + rest + "}", "sources[0].name: " + name),
        source("{name: a-, " + rest + "}", "sources[0].name: " + name),
        source("{name: " + "a".repeat(65) + ", " + rest + "}", "sources[0].name: " + name),
        source(
            "{name: a, " + rest + "}, {name: b, " + rest + "}, {name: a, " + rest + "}",
            "sources[2].name: is already the name of sources[0]"),
        source(
            "{name: a, provider: ecco3d, auth: [{type: url-token, tokens: [{env: T}]}]}",
            "sources[0].provider: unknown provider 'ecco3d'; did you mean 'echo3d'?; known: csm,"
                + " echo3d, move"),
        source(
            "{name: a, max-body-size: 65MiB, " + rest + "}",
            "sources[0].max-body-size: " + BODY_SIZE),
        source(
            "{name: a, max-body-size: 1MIB, " + rest + "}",
            "sources[0].max-body-size: " + BODY_SIZE),
        source(
            "{name: a, deduplicate-equal-within: 5, " + rest + "}",
            "sources[0].deduplicate-equal-within: must be a duration from 1s to 90d: a number and a"
                + " unit of ms, s, m, h, d"),
        source(
            "{name: a, deduplicate-equal-within: 73h, " + rest + "}",
            "sources[0].deduplicate-equal-within: must not be longer than deduplication.window, 3d:"
                + " nothing is remembered for longer"),
        source(
            "{name: a, allow-unauthenticated: maybe, " + rest + "}",
            "sources[0].allow-unauthenticated: must be true or false"),
        source(
            "{name: a, allow-unauthenticated: true, " + rest + "}",
            "sources[0].allow-unauthenticated: goes only with auth: [{type: none}]"));
  }

  static Stream<Arguments> authentication() {
    String at = "sources[0].auth";
    String known =
        "; known: "
            + String.join(", ", new AuthSettings(AuthKinds.ALL).types().stream().sorted().toList());
    return Stream.of(
        auth("", at + ": " + REQUIRED),
        auth("[]", at + ": must not be empty"),
        auth("none", at + ": must be a list"),
        auth("[none]", at + "[0]: " + MAPPING),
        auth("[{tokens: []}]", at + "[0].type: " + REQUIRED),
        auth(
            "[{type: urltoken, tokens: []}]",
            at + "[0].type: unknown type 'urltoken'; did you mean 'url-token'?" + known),
        auth("[{type: 'what is this', a: b}]", at + "[0].type: unknown type" + known),
        auth("[{type: none}]", at + "[0]: type none needs allow-unauthenticated: true beside auth"),
        auth(
            "[{type: none, tokens: []}]\n  allow-unauthenticated: true",
            at + "[0].tokens: unknown key; known here: type"),
        auth(
            "[{type: none}, {type: url-token, tokens: [{env: T}]}]\n  allow-unauthenticated: true",
            at + "[0]: type none cannot stand beside others"),
        auth("[{type: url-token}]", at + "[0].tokens: " + REQUIRED),
        auth(
            "[{type: basic}]", at + "[0].username: " + REQUIRED, at + "[0].passwords: " + REQUIRED),
        auth(
            "[{type: basic, username: 'a:b', passwords: [hunter2]}]",
            at + "[0].username: must be 1 to 255 characters, without a colon",
            at + "[0].passwords[0]: " + LITERAL),
        auth(
            "[{type: basic, username: ' ', passwords: [{env: P}]}]",
            at + "[0].username: must be 1 to 255 characters, without a colon"),
        auth("[{type: bearer}]", at + "[0].tokens: " + REQUIRED),
        auth("[{type: header}]", at + "[0].name: " + REQUIRED, at + "[0].values: " + REQUIRED),
        auth(
            "[{type: header, name: 'a b', values: [{env: V}]}]",
            at + "[0].name: must be the name of a header"),
        auth("[{type: query}]", at + "[0].parameter: " + REQUIRED, at + "[0].values: " + REQUIRED),
        auth(
            "[{type: query, parameter: 'a b', values: [{env: V}]}]",
            at + "[0].parameter: must be 1 to 100 visible characters, not encoded"),
        auth("[{type: body-field}]", at + "[0].field: " + REQUIRED, at + "[0].values: " + REQUIRED),
        auth(
            "[{type: body-field, field: a.b, values: [{env: V}]}]",
            at + "[0].field: must be the name of a member at the root, without dots"),
        auth(
            "[{type: basic, username: u, passwords: [{env: P}]}, {type: bearer, tokens: [{env:"
                + " T}]}]",
            at + ": no request can pass: more than one of these needs the header authorization"),
        auth("[{type: url-token, tokens: []}]", at + "[0].tokens: must not be empty"),
        auth("[{type: url-token, tokens: {env: T}}]", at + "[0].tokens: must be a list"),
        auth(
            "[{type: url-token, token: hunter2}]",
            at + "[0].tokens: " + REQUIRED,
            at + "[0].token: unknown key; did you mean 'tokens'?"),
        auth("[{type: url-token, tokens: [hunter2]}]", at + "[0].tokens[0]: " + LITERAL),
        auth("[{type: url-token, tokens: [{env: T}, 12345]}]", at + "[0].tokens[1]: " + LITERAL),
        auth("[{type: url-token, tokens: [[hunter2]]}]", at + "[0].tokens[0]: " + LITERAL),
        auth("[{type: url-token, tokens: [~]}]", at + "[0].tokens[0]: is empty"),
        auth("[{type: url-token, tokens: [{hunter2: }]}]", at + "[0].tokens[0]: " + SHAPE),
        auth("[{type: url-token, tokens: [{env:NAME}]}]", at + "[0].tokens[0]: " + SHAPE),
        auth("[{type: url-token, tokens: [{env: A, file: b}]}]", at + "[0].tokens[0]: " + SHAPE),
        auth("[{type: url-token, tokens: [{env: }]}]", at + "[0].tokens[0]: " + SHAPE),
        auth(
            "[{type: url-token, tokens: [{env: '$ecret'}]}]",
            at + "[0].tokens[0]: env must be the name of an environment variable, not its value"),
        auth("[{type: url-token, tokens: [{file: ''}]}]", at + "[0].tokens[0]: must be a path"),
        auth(
            "[{type: bcrypt-token, header: 'a b', secrets: [{env: S}]}]",
            at + "[0].header: must be the name of a header"),
        auth(
            "[{type: bcrypt-token, max-cost: 17, secrets: [{env: S}]}]",
            at + "[0].max-cost: must be a whole number from 4 to 16"),
        auth(
            "[{type: bcrypt-token, max-cost: 3, secrets: [hunter2]}]",
            at + "[0].secrets[0]: " + LITERAL,
            at + "[0].max-cost: must be a whole number from 4 to 16"),
        auth("[{type: standard-webhooks}]", at + "[0].secrets: " + REQUIRED),
        auth(
            "[{type: standard-webhooks, secrets: [whsec_hunter2]}]",
            at + "[0].secrets[0]: " + LITERAL),
        auth(
            "[{type: standard-webhooks, secrets: [{env: S}], tolerance: 61m}]",
            at + "[0].tolerance: " + TOLERANCE),
        auth(
            "[{type: standard-webhooks, secrets: [{env: S}], tolerance: 0s}]",
            at + "[0].tolerance: " + TOLERANCE));
  }

  @ParameterizedTest(name = "{index}: {1}")
  @MethodSource({"files", "keys", "values", "clients", "sources", "authentication"})
  void isReportedWithItsPath(String yaml, List<String> expected) {
    assertThat(problems(yaml)).containsExactlyElementsOf(expected);
  }

  @Test
  void theFileThatTheRowsStartFromHasNone() {
    assertThat(problems(KAFKA + REGISTRY + SOURCES)).isEmpty();
  }

  @Test
  void theRegistryIsRequiredOfThePipelineOnly() {
    assertThat(problems("roles: [ingress]\n" + KAFKA + SOURCES)).isEmpty();
    assertThat(problems("roles: [pipeline]\n" + KAFKA + SOURCES))
        .containsExactly("schema-registry.url: is required");
  }

  @Test
  void allAreReportedAtOnceInTheOrderOfTheFile() {
    Result result =
        read(
            """
            htpt: {}
            roles: [ingress, x]
            http:
              port: a
              host: [b]
            sources:
              - name: UPPER
                auth: [{type: bcrypt-token, secrets: [hunter2]}]
              - provider: blender
                auth: [{type: none}]
            """);

    assertThat(result).isInstanceOf(Result.Invalid.class);
    assertThat(((Result.Invalid) result).problems())
        .extracting(Problem::path, Problem::line)
        .containsExactly(
            tuple("htpt", 1),
            tuple("roles[1]", 2),
            tuple("http.port", 4),
            tuple("http.host", 5),
            tuple("sources[0].name", 7),
            tuple("sources[0].provider", 7),
            tuple("sources[0].auth[0].secrets[0]", 8),
            tuple("sources[1].name", 9),
            tuple("sources[1].provider", 9),
            tuple("sources[1].auth[0]", 10),
            tuple("kafka.bootstrap-servers", null));
  }

  static Stream<String> filesWithASecretWhereItGoesWrong() {
    String start = KAFKA + REGISTRY + SOURCE_START + "  auth:\n  - {type: url-token, tokens: [";
    return Stream.of(
        start + "hunter2]}",
        start + "*hunter2]}",
        start + "!hunter2 ]}",
        start + "!h!hunter2 x]}",
        start + "!hunter2!x y]}",
        start + "&hunter2 ]}",
        start + "&hunter2",
        start + "@hunter2]}",
        start + "%hunter2]}",
        start + "{hunter2}]}",
        start + "{hunter2: 1}]}",
        start + "{env: hunter2!}]}",
        start + "{env: [hunter2]}]}",
        start + "'hunter2]}",
        start + "\"hunter2\\q\"]}",
        start + "\"hunter2\\Uffffffff\"]}",
        start + "a: hunter2: b]}",
        start + "hunter2\n",
        start + "{env: A}] hunter2}",
        KAFKA + REGISTRY + SOURCE_START + "  auth: [{type: url-token, token: hunter2}]",
        REGISTRY + SOURCES + "kafka: {bootstrap-servers: hunter2}",
        REGISTRY + SOURCES + "kafka: {bootstrap-servers: 'k:1', properties: {acks: hunter2}}",
        REGISTRY + SOURCES + "kafka: {bootstrap-servers: 'k:1', properties: {a.password: hunter2}}",
        REGISTRY + SOURCES + "kafka: {bootstrap-servers: 'k:1', properties: {a.b: [hunter2]}}",
        REGISTRY + SOURCES + "kafka: {bootstrap-servers: 'k:1', properties: {a: {b: hunter2}}}",
        KAFKA + SOURCES + "schema-registry: {url: 'http://u:hunter2@r'}",
        KAFKA + SOURCES + "schema-registry: {url: 'http://u:hunter2 @r'}",
        KAFKA + SOURCES + "schema-registry: {url: 'hunter2'}");
  }

  @ParameterizedTest
  @MethodSource("filesWithASecretWhereItGoesWrong")
  void noneRepeatsWhatCouldBeASecret(String yaml) {
    assertThat(problems(yaml)).isNotEmpty().noneMatch(problem -> problem.contains("hunter2"));
  }
}
