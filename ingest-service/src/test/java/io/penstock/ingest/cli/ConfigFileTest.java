package io.penstock.ingest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.config.ConfigurationReader.Result;
import io.penstock.ingest.config.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code config check} says of secrets that it can see. */
class ConfigFileTest {

  private static final String GOOD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  private static final String BAD = "your-secret";

  private static final String YAML =
      """
      kafka: {bootstrap-servers: "localhost:9092"}
      schema-registry: {url: "http://localhost:8081"}
      sources:
        - name: shapes
          provider: smartshape
          auth: [{type: bcrypt-token, secrets: [{env: LONG}]}]
        - name: captures
          provider: move
          auth:
            - type: url-token
              tokens: [{env: TOKEN}]
            - type: standard-webhooks
              secrets:
                - {env: GOOD}
                - {env: BAD}
                - {file: secret}
                - {env: ABSENT}
      """;

  @TempDir private Path directory;

  private static List<String> sentences(List<Problem> problems) {
    return problems.stream().map(Problem::toString).toList();
  }

  private Result check(Map<String, String> environment) {
    return ConfigFile.reader(environment).check(YAML, directory);
  }

  private static Map<String, String> environment(String bad) {
    return Map.of("LONG", "a".repeat(72), "TOKEN", "an-url-token", "GOOD", GOOD, "BAD", bad);
  }

  @Test
  void namesWhatCannotBeAKeyByItsPathAndNeverRepeatsIt() throws IOException {
    Path file = Files.writeString(directory.resolve("secret"), "whsk_" + BAD + "\n");

    Result result = check(environment(BAD));

    assertThat(result).isInstanceOf(Result.Invalid.class);
    assertThat(sentences(((Result.Invalid) result).problems()))
        .containsExactly(
            "sources[1].auth[1].secrets[1]: environment variable BAD is not base64, with or"
                + " without whsec_ or whpk_ in front (line 15)",
            "sources[1].auth[1].secrets[2]: file "
                + file
                + " is a private key (whsk_), which only the sender may have: give the public one"
                + " (whpk_) (line 16)");
    assertThat(result.toString()).doesNotContain(BAD, GOOD);
  }

  @Test
  void onlyWarnsOfWhatItCannotSee() {
    Result result = check(environment(GOOD));

    assertThat(result).isInstanceOf(Result.Valid.class);
    assertThat(sentences(((Result.Valid) result).warnings()))
        .containsExactly(
            "sources[1].auth[1].secrets[2]: the file "
                + directory.resolve("secret")
                + " cannot be read: there is no such file (line 16)",
            "sources[1].auth[1].secrets[3]: the environment variable ABSENT is not set (line 17)");
  }

  /** It is the start that looks at them, and reports them with all that is missing. */
  @Test
  void readingInOrderToRunLooksAtNoSecret() {
    assertThat(ConfigFile.reader(environment(BAD)).read(YAML, directory))
        .isInstanceOf(Result.Valid.class);
  }
}
