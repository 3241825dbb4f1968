package io.penstock.ingest.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.config.ConfigurationReader.Result;
import io.penstock.ingest.source.AuthKinds;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever the file contains, reading ends with a result. */
class ConfigurationGarbageTest {

  private static final int FILES_PER_SEED = 400;

  private static final String VALID =
      """
      roles: [ingress, pipeline]
      http: {host: 0.0.0.0, port: 8080, management-port: 9090, max-in-flight-bytes: 256MiB}
      kafka: {bootstrap-servers: "localhost:9092", properties: {linger.ms: 5, a.password: {env: A}}}
      schema-registry: {url: "http://localhost:8081", auto-register: false, properties: {}}
      topics: {prefix: webhooks, create: false, partitions: 12, replication-factor: 3}
      delivery: {kafka-deadline: 1s}
      deduplication: {window: 72h}
      pipeline: {threads: 4, state-directory: /state}
      sources:
        - name: shapes
          provider: smartshape
          max-body-size: 1MiB
          auth: [{type: bcrypt-token, secrets: [{env: SHAPES_SECRET}], max-cost: 12}]
        - name: generations
          provider: csm
          auth: [{type: url-token, tokens: [{file: token}]}]
      """;

  /** What YAML and the reader give a meaning to. */
  private static final List<String> PIECES =
      List.of(
          "\n",
          "\n  ",
          "\n- ",
          ": ",
          ":",
          ", ",
          "[",
          "]",
          "{",
          "}",
          "'",
          "\"",
          "\\U",
          "#",
          "&a ",
          "*a",
          "!",
          "!!int ",
          "!<",
          "%",
          "|",
          ">",
          "? ",
          "- ",
          "---\n",
          "...\n",
          "<<: ",
          "~",
          "\t",
          "\u0000",
          "\u0085",
          "\uFEFF",
          "\uD800",
          "😀",
          "env",
          "file",
          "type",
          "none",
          "auth",
          "sources",
          "kafka",
          "properties",
          "name",
          "http",
          "port",
          "99999999999999999999",
          "-1",
          "1e9",
          "GiB",
          "9999999999999GiB",
          "1s",
          "true",
          "null",
          "",
          " ",
          "a",
          "é");

  static LongStream seeds() {
    return LongStream.range(0, 10);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void endsWithAResult(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < FILES_PER_SEED; i++) {
      String yaml = random.nextInt(3) == 0 ? soup(random) : mutated(random);
      Map<String, String> environment = environment(random);
      ConfigurationReader reader =
          new ConfigurationReader(
              environment,
              Map.of("csm", Duration.ofSeconds(4), "smartshape", Duration.ofSeconds(4)),
              AuthKinds.ALL,
              SecretCheck.NONE,
              1L << 30);

      Result result =
          random.nextBoolean()
              ? reader.read(yaml, Path.of("/nowhere"))
              : reader.check(yaml, Path.of("/nowhere"));

      switch (result) {
        case Result.Valid valid ->
            assertThat(valid.configuration().sources()).as(yaml).isNotEmpty();
        case Result.Invalid invalid ->
            assertThat(invalid.problems())
                .as(yaml)
                .isNotEmpty()
                .allSatisfy(problem -> assertThat(problem.message()).isNotBlank());
      }
    }
  }

  private static String soup(Random random) {
    StringBuilder text = new StringBuilder();
    for (int n = random.nextInt(60); n > 0; n--) {
      text.append(PIECES.get(random.nextInt(PIECES.size())));
    }
    return text.toString();
  }

  private static String mutated(Random random) {
    StringBuilder text = new StringBuilder(VALID);
    for (int n = 1 + random.nextInt(4); n > 0; n--) {
      int from = random.nextInt(text.length());
      int to = Math.min(text.length(), from + random.nextInt(12));
      text.replace(from, to, PIECES.get(random.nextInt(PIECES.size())));
    }
    return text.toString();
  }

  private static Map<String, String> environment(Random random) {
    List<String> names =
        List.of(
            "PENSTOCK_HTTP_PORT",
            "PENSTOCK_ROLES",
            "PENSTOCK_KAFKA_PROPERTIES_A_B",
            "PENSTOCK_KAFKA_PROPERTIES_",
            "PENSTOCK_SOURCES_0_AUTH_0_TYPE",
            "PENSTOCK_PIPELINE_STATE_DIRECTORY",
            "PENSTOCK_",
            "A");
    Map<String, String> environment = new HashMap<>();
    for (int n = random.nextInt(3); n > 0; n--) {
      environment.put(
          names.get(random.nextInt(names.size())), PIECES.get(random.nextInt(PIECES.size())));
    }
    return environment;
  }
}
