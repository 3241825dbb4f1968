package io.penstock.ingest.auth.ninth;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.ingest.auth.FakeHead;
import io.penstock.ingest.auth.Secret;
import io.penstock.ingest.auth.SecretException;
import io.penstock.ingest.auth.SecretFiles;
import io.penstock.ingest.auth.Verdict;
import io.penstock.ingest.auth.bcrypt.BcryptPool;
import io.penstock.ingest.config.AuthKind;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.ConfigurationReader;
import io.penstock.ingest.config.ConfigurationReader.Result;
import io.penstock.ingest.provider.Providers;
import io.penstock.ingest.sample.SampleCredentials;
import io.penstock.ingest.source.AuthKinds;
import io.penstock.ingest.source.SecretMeters;
import io.penstock.ingest.source.Sources;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A new kind of authentication is one class and one line of registration, from file to verdict. */
class NinthKindTest {

  /** The one line. */
  private static final List<AuthKind> KINDS =
      Stream.concat(AuthKinds.ALL.stream(), Stream.of(Cookie.KIND)).toList();

  private static final Map<String, String> SECRETS =
      Map.of("OLD", "oldcookievalue", "NEW", "newcookievalue", "BAD", "a;b;c;d;e;f");

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  private static ConfigurationReader reader() {
    return new ConfigurationReader(
        SECRETS, Map.of("csm", Duration.ofSeconds(4)), KINDS, Sources.secretCheck(SECRETS));
  }

  private static String yaml(String auth) {
    return "kafka: {bootstrap-servers: 'k:1'}\nschema-registry: {url: 'http://r'}\n"
        + "sources: [{name: a, provider: csm, auth: ["
        + auth
        + "]}]\n";
  }

  private static List<String> checked(String auth) {
    return switch (reader().check(yaml(auth), Path.of("/nowhere"))) {
      case Result.Valid valid -> valid.warnings().stream().map(Object::toString).toList();
      case Result.Invalid invalid -> invalid.problems().stream().map(Object::toString).toList();
    };
  }

  private static Configuration configuration(String auth) {
    Result result = reader().read(yaml(auth), Path.of("/nowhere"));
    assertThat(result).isInstanceOf(Result.Valid.class);
    return ((Result.Valid) result).configuration();
  }

  private Sources open(Configuration configuration) throws SecretException {
    return Sources.open(
        configuration.sources(),
        Providers::byName,
        new SecretFiles(SECRETS, Duration.ofHours(1), SecretFiles.Listener.NONE),
        new BcryptPool(BcryptPool.Limits.forProcessors(1), System::nanoTime),
        new SecretMeters(registry),
        InstantSource.system());
  }

  @Test
  void itsKeysAreReadAndCheckedAsThoseOfTheOthers() {
    assertThat(checked("{type: cookie, name: c, values: [{env: OLD}]}")).isEmpty();
    assertThat(checked("{type: cookie, nmae: c, values: [{env: OLD}]}"))
        .anySatisfy(problem -> assertThat(problem).contains("unknown key; did you mean 'name'?"))
        .anySatisfy(problem -> assertThat(problem).contains("auth[0].name: is required"));
    assertThat(checked("{type: cookie, name: c, values: [oldcookievalue]}"))
        .singleElement()
        .asString()
        .contains("a secret is never a literal")
        .doesNotContain("oldcookievalue");
    assertThat(checked("{type: cokie, name: c}"))
        .singleElement()
        .asString()
        .contains("did you mean 'cookie'?", "known: basic, bcrypt-token")
        .contains("cookie");
    assertThat(checked("{type: cookie, name: c, values: [{env: BAD}]}"))
        .singleElement()
        .asString()
        .contains("environment variable BAD is not only letters and digits");
  }

  @Test
  void twoThatReadTheSamePlaceExcludeEachOther() {
    String one = "{type: cookie, name: c, values: [{env: OLD}]}";

    assertThat(checked(one + ", {type: cookie, name: c, values: [{env: NEW}]}"))
        .singleElement()
        .asString()
        .contains("more than one of these needs the cookie c; to let either secret pass");
    assertThat(checked(one + ", {type: cookie, name: d, values: [{env: NEW}]}")).isEmpty();
  }

  @Test
  void aSourceAsksForItCountsItsMatchesAndASamplePasses() throws Exception {
    Configuration configuration =
        configuration("{type: cookie, name: c, values: [{env: OLD}, {env: NEW}]}");
    Configuration.SourceConfig configured = configuration.sources().getFirst();
    try (Sources sources = open(configuration)) {
      var authentication = requireNonNull(sources.byName("a")).authentication();

      assertThat(authentication.screen(FakeHead.bare())).isEqualTo(Verdict.REFUSED);
      assertThat(authentication.screen(FakeHead.withHeader("cookie", "c=wrong")))
          .isEqualTo(Verdict.REFUSED);
      assertThat(authentication.screen(FakeHead.withHeader("cookie", "c=newcookievalue")))
          .isEqualTo(Verdict.ACCEPTED);
      assertThat(authentication.challenges()).containsExactly("Webhook realm=\"penstock\"");
      assertThat(
              registry
                  .get("penstock.secret.matches")
                  .tags("source", "a", "type", "cookie", "name", "c", "entry", "1")
                  .counter()
                  .count())
          .isEqualTo(1);

      SampleCredentials sample =
          SampleCredentials.of(
              configured, reference -> Secret.of("oldcookievalue"), new SecureRandom());
      assertThat(sample.suffice()).isTrue();
      assertThat(
              authentication.screen(
                  FakeHead.withHeader("cookie", sample.headers().getOrDefault("cookie", ""))))
          .isEqualTo(Verdict.ACCEPTED);
    }
  }

  @Test
  void aSecretThatItCannotUseIsAnErrorAtTheStart() {
    Configuration configuration = configuration("{type: cookie, name: c, values: [{env: BAD}]}");

    assertThatExceptionOfType(SecretException.class)
        .isThrownBy(() -> open(configuration))
        .withMessageContaining("source a, cookie: environment variable BAD is not only letters");
  }
}
