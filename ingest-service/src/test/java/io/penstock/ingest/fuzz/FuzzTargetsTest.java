package io.penstock.ingest.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;
import io.penstock.ingest.config.ConfigurationReader;
import io.penstock.ingest.config.SecretCheck;
import io.penstock.ingest.landing.LandingHeaders;
import io.penstock.ingest.landing.LandingRecord;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.Providers;
import io.penstock.ingest.source.AuthKinds;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The fuzz targets. In a build each runs over its seeds, which are the providers' samples; {@code
 * .ci/fuzz} lets Jazzer look for more.
 */
class FuzzTargetsTest {

  /** Every sample, and the place of its provider among all. */
  static Stream<Arguments> samples() {
    List<Provider> providers = Providers.all();
    return providers.stream()
        .flatMap(
            provider ->
                provider.samples().stream()
                    .map(sample -> Arguments.of(providers.indexOf(provider), sample.body())));
  }

  @MethodSource("samples")
  @FuzzTest
  void body(int provider, byte @NotNull [] body) {
    List<Provider> providers = Providers.all();
    Bodies.assertThatNothingEscapes(providers.get(Math.floorMod(provider, providers.size())), body);
  }

  /**
   * What real senders and hostile ones put into a head, none of it with a secret that is listed.
   */
  static Stream<Arguments> heads() {
    byte[] body = "{\"apiKey\": \"bold-sky-1234\"}".getBytes(UTF_8);
    String signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    return Stream.of(
        Arguments.of("-", "", body),
        Arguments.of("penstock:wrong", "", body),
        Arguments.of("Basic cGVuc3RvY2s6d3Jvbmc=", "", body),
        Arguments.of("basic " + "=".repeat(40), "Basic YQ", body),
        Arguments.of("Bearer wrong", "Bearer ", body),
        Arguments.of("$2a$04$abcdefghijklmnopqrstuuGb9cUzm0q0u3hC3qYw5o1r7n1J6k2Iy", "", body),
        Arguments.of("$2b$31$" + "a".repeat(53), "$2y$00$", body),
        Arguments.of("msg_1|1795262400|" + signature, signature, body),
        Arguments.of("msg_1|1795262400|" + signature + " v1a,AAAA v2,", "w", body),
        Arguments.of("msg_1|-1|v1", "webhook", body),
        Arguments.of("\u0000\ud800", "\u00e9", new byte[0]),
        Arguments.of("x", "", "{\"apiKey\": {\"apiKey\": [1]}}".getBytes(UTF_8)));
  }

  @MethodSource("heads")
  @FuzzTest
  void urlToken(@NotNull String value, @NotNull String second, byte @NotNull [] body) {
    Heads.assertThatStrangersAreRefused("url-token", value, second, body);
  }

  @MethodSource("heads")
  @FuzzTest
  void basic(@NotNull String value, @NotNull String second, byte @NotNull [] body) {
    Heads.assertThatStrangersAreRefused("basic", value, second, body);
  }

  @MethodSource("heads")
  @FuzzTest
  void bearer(@NotNull String value, @NotNull String second, byte @NotNull [] body) {
    Heads.assertThatStrangersAreRefused("bearer", value, second, body);
  }

  @MethodSource("heads")
  @FuzzTest
  void header(@NotNull String value, @NotNull String second, byte @NotNull [] body) {
    Heads.assertThatStrangersAreRefused("header", value, second, body);
  }

  @MethodSource("heads")
  @FuzzTest
  void query(@NotNull String value, @NotNull String second, byte @NotNull [] body) {
    Heads.assertThatStrangersAreRefused("query", value, second, body);
  }

  @MethodSource("heads")
  @FuzzTest
  void bodyField(@NotNull String value, @NotNull String second, byte @NotNull [] body) {
    Heads.assertThatStrangersAreRefused("body-field", value, second, body);
  }

  @MethodSource("heads")
  @FuzzTest
  void bcryptToken(@NotNull String value, @NotNull String second, byte @NotNull [] body) {
    Heads.assertThatStrangersAreRefused("bcrypt-token", value, second, body);
  }

  @MethodSource("heads")
  @FuzzTest
  void standardWebhooks(@NotNull String value, @NotNull String second, byte @NotNull [] body) {
    Heads.assertThatStrangersAreRefused("standard-webhooks", value, second, body);
  }

  static Stream<Arguments> landings() {
    return Stream.of(
        Arguments.of("penstock-source", "twins", "penstock-receipt-id", "r", "0", "{}"),
        Arguments.of("penstock-refusal", "malformed-json", "http-svix-id", "m", "-1", ""),
        Arguments.of("penstock-deduplication-id", "0".repeat(32), "traceparent", "00-", "x", "k"),
        Arguments.of("penstock-equal-within", "9999999999999999999", "a", "b", "1", "k"));
  }

  /** Who else writes into the landing log may write anything. */
  @MethodSource("landings")
  @FuzzTest
  void landingRecord(
      @NotNull String name,
      @NotNull String value,
      @NotNull String otherName,
      @NotNull String otherValue,
      @NotNull String receivedAt,
      @NotNull String key) {
    Headers headers = new RecordHeaders();
    headers.add("penstock-source", "s".getBytes(UTF_8));
    headers.add("penstock-provider", "p".getBytes(UTF_8));
    headers.add("penstock-receipt-id", "r".getBytes(UTF_8));
    headers.add("penstock-received-at", receivedAt.getBytes(UTF_8));
    headers.add(name, value.getBytes(UTF_8));
    headers.add(otherName, otherValue.getBytes(UTF_8));
    try {
      LandingRecord read = LandingHeaders.read(key.getBytes(UTF_8), value.getBytes(UTF_8), headers);
      assertThat(read.receiptId()).isNotEmpty();
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage()).as("says which header").isNotBlank();
    }
  }

  static Stream<Arguments> files() {
    return Stream.of(
        Arguments.of(
            """
            kafka: {bootstrap-servers: "kafka:9092"}
            schema-registry: {url: "http://registry:8081"}
            sources: [{name: a, provider: csm, auth: [{type: url-token, tokens: [{env: TOKEN}]}]}]
            """),
        Arguments.of("http: {port: 99999999999}\nsources: &a [*a]"),
        Arguments.of("!!javax.script.ScriptEngineManager []"));
  }

  /** An operator's file may be anything, and each of its errors has a path. */
  @MethodSource("files")
  @FuzzTest
  void configuration(@NotNull String yaml) {
    ConfigurationReader reader =
        new ConfigurationReader(
            Map.of(), Map.of("csm", Duration.ofSeconds(4)), AuthKinds.ALL, SecretCheck.NONE);
    switch (reader.read(yaml, Path.of("/nowhere"))) {
      case ConfigurationReader.Result.Valid valid -> assertThat(valid.warnings()).isNotNull();
      case ConfigurationReader.Result.Invalid invalid ->
          assertThat(invalid.problems()).isNotEmpty();
    }
  }
}
