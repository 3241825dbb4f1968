package io.penstock.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.auth.SecretException;
import io.penstock.ingest.auth.SecretFiles;
import io.penstock.ingest.auth.bcrypt.BcryptPool;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.ConfigurationReader;
import io.penstock.ingest.config.ConfigurationReader.Result;
import io.penstock.ingest.config.Problem;
import io.penstock.ingest.provider.Providers;
import io.penstock.ingest.source.Sources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What can never work is an error, for {@code config check} and for a start alike; what works badly
 * is a warning for both; and both say where in the file and what to do.
 */
class CheckAndServeAgreeTest {

  private static final Map<String, String> SECRETS =
      Map.of(
          "T", "a-token-of-some-length",
          "U", "another-token-of-some-length",
          "SIGNING", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
          "SIGNING_2", "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX",
          "LINE", "a-token-of-some-length\n",
          "SPACE", " a-token-of-some-length",
          "BLANK", "   ",
          "SHORT", "short");

  private static final String KAFKA = "kafka: {bootstrap-servers: 'k:9092'}\n";
  private static final String REGISTRY = "schema-registry: {url: 'http://r'}\n";
  private static final String SOURCE = "sources:\n- name: a\n  provider: csm\n";
  private static final String AUTH = "  auth: [{type: url-token, tokens: [{env: T}]}]\n";
  private static final String GOOD = KAFKA + REGISTRY + SOURCE + AUTH;

  @TempDir private Path directory;

  private static Arguments error(String yaml, String path, String said) {
    return Arguments.of("error", yaml, path, said);
  }

  private static Arguments warning(String yaml, String path, String said) {
    return Arguments.of("warning", yaml, path, said);
  }

  private static Arguments fine(String yaml) {
    return Arguments.of("fine", yaml, "", "");
  }

  private static String auth(String... ways) {
    return KAFKA + REGISTRY + SOURCE + "  auth: [" + String.join(", ", ways) + "]\n";
  }

  private static String source(String settings) {
    return GOOD + "  " + settings + "\n";
  }

  private static String kafka(String property) {
    return REGISTRY
        + SOURCE
        + AUTH
        + "kafka: {bootstrap-servers: 'k:9092', properties: {"
        + property
        + "}}\n";
  }

  /** Two of a source that read one place. */
  static Stream<Arguments> pairs() {
    String at = "sources[0].auth";
    String url = "{type: url-token, tokens: [{env: T}]}";
    String otherUrl = "{type: url-token, tokens: [{env: U}]}";
    String bearer = "{type: bearer, tokens: [{env: T}]}";
    String basic = "{type: basic, username: u, passwords: [{env: T}]}";
    String header = "{type: header, name: X-Key, values: [{env: T}]}";
    String otherHeader = "{type: header, name: x-key, values: [{env: U}]}";
    String hash = "{type: bcrypt-token, header: x-key, secrets: [{env: T}]}";
    String query = "{type: query, parameter: p, values: [{env: T}]}";
    String field = "{type: body-field, field: f, values: [{env: T}]}";
    String signed = "{type: standard-webhooks, secrets: [{env: SIGNING}]}";
    return Stream.of(
        error(auth(url, otherUrl), at, "needs the last segment of the address; to let either"),
        warning(auth(url, url), at, "list them in one"),
        error(auth(header, otherHeader), at, "needs the header x-key; to let either"),
        warning(auth(header, header), at, "needs the header x-key"),
        error(auth(header, hash), at, "needs the header x-key"),
        error(
            auth(bearer, "{type: bcrypt-token, header: Authorization, secrets: [{env: U}]}"),
            at,
            "needs the header authorization"),
        error(
            auth(basic, "{type: header, name: authorization, values: [{env: U}]}"),
            at,
            "needs the header authorization"),
        error(auth(basic, bearer), at, "needs the header authorization"),
        error(
            auth(basic, "{type: basic, username: v, passwords: [{env: T}]}"),
            at,
            "needs the header authorization"),
        error(
            auth(query, "{type: query, parameter: p, values: [{env: U}]}"),
            at,
            "needs the parameter p"),
        error(
            auth(field, "{type: body-field, field: f, values: [{env: U}]}"),
            at,
            "needs the member f"),
        error(
            auth(signed, "{type: header, name: svix-signature, values: [{env: T}]}"),
            at,
            "needs the header svix-signature"),
        warning(
            auth(signed, "{type: standard-webhooks, secrets: [{env: SIGNING_2}]}"),
            at,
            "two of type standard-webhooks"),
        error(
            auth("{type: header, name: Content-Length, values: [{env: T}]}"),
            at + "[0].name",
            "how a request is to be read"),
        error(
            auth("{type: bcrypt-token, header: host, secrets: [{env: T}]}"),
            at + "[0].header",
            "how a request is to be read"),
        fine(auth(url, "{type: header, name: x-key, values: [{env: U}]}")),
        fine(
            auth(
                "{type: header, name: x-one, values: [{env: T}]}",
                "{type: header, name: x-two, values: [{env: U}]}")),
        warning(
            auth(url, "{type: header, name: x-one, values: [{env: T}]}"),
            at + "[1].values[0]",
            "is the secret of sources[0].auth[0].tokens[0] too"));
  }

  static Stream<Arguments> secrets() {
    String at = "sources[0].auth[0].";
    return Stream.of(
        error(
            auth("{type: header, name: x, values: [{env: LINE}]}"),
            at + "values[0]",
            "environment variable LINE ends in a line break"),
        error(
            auth("{type: url-token, tokens: [{env: T}, {file: two-lines}]}"),
            at + "tokens[1]",
            "ends in a line break"),
        fine(auth("{type: header, name: x, values: [{file: one-line}]}")),
        error(
            auth("{type: header, name: x, values: [{env: SPACE}]}"),
            at + "values[0]",
            "white space"),
        warning(
            auth("{type: basic, username: u, passwords: [{env: SPACE}]}"),
            at + "passwords[0]",
            "white space"),
        error(auth("{type: url-token, tokens: [{env: BLANK}]}"), at + "tokens[0]", "is empty"),
        error(auth("{type: url-token, tokens: [{file: blank}]}"), at + "tokens[0]", "is empty"),
        error(
            auth("{type: url-token, tokens: [{file: a-directory}]}"),
            at + "tokens[0]",
            "is not a regular file"),
        error(
            auth("{type: standard-webhooks, secrets: [{env: T}]}"),
            at + "secrets[0]",
            "not base64"),
        warning(
            auth("{type: url-token, tokens: [{env: SHORT}]}"), at + "tokens[0]", "can be guessed"));
  }

  static Stream<Arguments> settings() {
    return Stream.of(
        fine(GOOD),
        error(GOOD + "http: {port: 9090}", "http.management-port", "must differ"),
        error(GOOD + "http: {host: 127.0.0.256}", "http.host", "four numbers to 255"),
        error(GOOD + "http: {host: 10.0.0}", "http.host", "four numbers to 255"),
        fine(GOOD + "http: {host: 127.0.0.1}"),
        fine(GOOD + "http: {host: '::1'}"),
        warning(
            REGISTRY + SOURCE + AUTH + "kafka: {bootstrap-servers: 'k:1,k:2,k:1'}",
            "kafka.bootstrap-servers",
            "names a server twice"),
        error(GOOD + "http: {tls: {}}", "http.tls", "give certificate and key"),
        error(
            GOOD + "http: {tls: {certificate: a-directory, key: one-line}}",
            "http.tls.certificate",
            "must be a regular file"),
        warning(GOOD + "http: {port: }", "http.port", "as if it were not there"),
        warning(
            source("max-in-flight-requests: 20") + "http: {max-in-flight-requests: 10}",
            "http.max-in-flight-requests",
            "less than the 20 of a"),
        warning(
            source("max-in-flight-bytes: 20MiB") + "http: {max-in-flight-bytes: 10MiB}",
            "http.max-in-flight-bytes",
            "less than the 20MiB of a"),
        error(source("rate-limit: {}"), "sources[0].rate-limit", "give per-second"),
        error(
            source("rate-limit: {burst: 3}"), "sources[0].rate-limit.per-second", "where burst is"),
        warning(source("rate-limit:"), "sources[0].rate-limit", "as if it were not there"),
        fine(source("rate-limit: {per-second: 3}")),
        error(
            GOOD + "delivery: {kafka-deadline: 4s}", "delivery.kafka-deadline", "must be shorter"),
        error(
            GOOD + "delivery: {kafka-deadline: 3999ms}",
            "delivery.kafka-deadline",
            "leaves no time for the answer"),
        error(
            GOOD + "delivery: {kafka-deadline: 3751ms}",
            "delivery.kafka-deadline",
            "must be longer by 250ms at least"),
        warning(
            GOOD + "delivery: {kafka-deadline: 3500ms}",
            "delivery.kafka-deadline",
            "leaves only 500ms"),
        fine(GOOD + "delivery: {kafka-deadline: 2s}"),
        error(
            source("acknowledgement-deadline: 100ms") + "delivery: {kafka-deadline: 90ms}",
            "delivery.kafka-deadline",
            "must be longer by 25ms at least"),
        warning(
            source("acknowledgement-deadline: 30s"),
            "sources[0].acknowledgement-deadline",
            "csm is known to wait"),
        error(
            GOOD + "delivery: {spool: {directory: /d/spool}}\npipeline: {state-directory: /d}",
            "delivery",
            "neither of them within the other"),
        error(
            GOOD + "delivery: {spool: {directory: one-line}}",
            "delivery.spool.directory",
            "must be a directory"),
        error(
            GOOD + "pipeline: {state-directory: one-line}",
            "pipeline.state-directory",
            "must be a directory"),
        warning(
            "roles: [pipeline]\n" + GOOD + "delivery: {spool: {directory: /d/spool}}",
            "delivery",
            "no effect without the role ingress"),
        warning(
            "roles: [ingress]\n" + GOOD + "pipeline: {state-directory: /d/state}",
            "pipeline",
            "no effect without the role pipeline"),
        error(
            REGISTRY + SOURCE + AUTH + "kafka: {bootstrap-servers: 'k:65536'}",
            "kafka.bootstrap-servers",
            "host:port"),
        error(
            KAFKA + SOURCE + AUTH + "schema-registry: {url: 'http://r:65536'}",
            "schema-registry.url",
            "http or https address"),
        error(
            KAFKA + SOURCE + AUTH + "schema-registry: {url: 'http://r#x'}",
            "schema-registry.url",
            "http or https address"),
        error(
            GOOD + "tracing: {endpoint: 'http://a:1/v1/traces,http://b:1/v1/traces'}",
            "tracing.endpoint",
            "must be one address"),
        warning(GOOD + "tracing: {endpoint: 'http://a:4318'}", "tracing.endpoint", "/v1/traces"),
        warning(
            GOOD + "tracing: {sample-one-in: 5}", "tracing.sample-one-in", "has no effect without"),
        warning(
            auth("{type: standard-webhooks, secrets: [{env: SIGNING}], tolerance: 1h}")
                + "deduplication: {window: 1h}",
            "sources[0].auth",
            "more than half of deduplication.window"),
        error(
            kafka("security.protocol: SASL"),
            "kafka.properties.security.protocol",
            "no value that Kafka's clients take"),
        error(kafka("linger.ms: soon"), "kafka.properties.linger.ms", "it must be of type long"),
        error(
            kafka("producer.compression.type: brotli"),
            "kafka.properties.producer.compression.type",
            "no value that Kafka's clients take"),
        warning(
            kafka("sasl.mechanisms: PLAIN"),
            "kafka.properties.sasl.mechanisms",
            "did you mean 'sasl.mechanism'"),
        fine(kafka("security.protocol: SASL_SSL, sasl.mechanism: PLAIN, linger.ms: 3")));
  }

  @ParameterizedTest(name = "{0} {3}")
  @MethodSource({"pairs", "secrets", "settings"})
  void bothSayTheSame(String kind, String yaml, String path, String said) throws IOException {
    Files.writeString(directory.resolve("one-line"), "a-secret-of-some-length\n");
    Files.writeString(directory.resolve("two-lines"), "a-secret-of-some-length\n\n");
    Files.writeString(directory.resolve("blank"), "\n");
    Files.createDirectories(directory.resolve("a-directory"));

    Result checked = Console.configurationReader(SECRETS).check(yaml, directory);

    switch (checked) {
      case Result.Invalid invalid -> {
        assertThat(kind).as(invalid.toString()).isEqualTo("error");
        assertIsSaid(invalid.problems(), path, said);
      }
      case Result.Valid valid -> {
        if (kind.equals("warning")) {
          assertIsSaid(valid.warnings(), path, said);
        } else {
          assertThat(kind).isEqualTo("fine");
          assertThat(valid.warnings()).isEmpty();
        }
      }
    }
    assertThat(isRefusedByAStart(yaml)).isEqualTo(kind.equals("error"));
  }

  private static void assertIsSaid(List<Problem> problems, String path, String said) {
    assertThat(problems)
        .filteredOn(problem -> problem.path().equals(path))
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.message()).contains(said);
              assertThat(problem.line()).isNotNull();
              assertThat(problem.toString()).doesNotContain("of-some-length");
            });
  }

  private boolean isRefusedByAStart(String yaml) {
    ConfigurationReader reader = Console.configurationReader(SECRETS);
    return switch (reader.read(yaml, directory)) {
      case Result.Invalid invalid -> true;
      case Result.Valid valid -> areRefused(valid.configuration());
    };
  }

  private static boolean areRefused(Configuration configuration) {
    try (Sources sources =
        Sources.open(
            configuration.sources(),
            Providers::byName,
            new SecretFiles(SECRETS, Duration.ofHours(1), SecretFiles.Listener.NONE),
            new BcryptPool(BcryptPool.Limits.forProcessors(1), System::nanoTime),
            Sources.MatchListeners.NONE,
            InstantSource.system())) {
      return sources.all().isEmpty();
    } catch (SecretException e) {
      return true;
    }
  }
}
