package io.penstock.ingest.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.ingest.auth.AuthMethod;
import io.penstock.ingest.auth.FakeHead;
import io.penstock.ingest.auth.MatchListener;
import io.penstock.ingest.auth.Place;
import io.penstock.ingest.auth.Secret;
import io.penstock.ingest.auth.SecretException;
import io.penstock.ingest.auth.SecretFiles;
import io.penstock.ingest.auth.SharedSecret;
import io.penstock.ingest.auth.Verdict;
import io.penstock.ingest.auth.bcrypt.Bcrypt;
import io.penstock.ingest.auth.bcrypt.BcryptPool;
import io.penstock.ingest.auth.standardwebhooks.StandardWebhooks;
import io.penstock.ingest.config.AuthSpec;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.SecretRef;
import io.penstock.ingest.provider.Decoding;
import io.penstock.ingest.provider.Identification;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.Sample;
import io.penstock.ingest.sample.SampleCredentials;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SourcesTest {

  private static final String URL_TOKEN = "url-token-value";
  private static final String SHARED = "shared-secret-value";

  private static final AuthSpec URL =
      new SharedSecret(
          Place.URL_TOKEN, List.of(new SecretRef.Env("OLD"), new SecretRef.Env("URL_TOKEN")));
  private static final AuthSpec BCRYPT =
      new Bcrypt("x-token", List.of(new SecretRef.Env("SHARED")), 6);

  private static final String SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

  private static final AuthSpec SIGNED =
      new StandardWebhooks(List.of(new SecretRef.Env("SIGNING")), Duration.ofMinutes(5));

  private final Map<String, String> environment =
      Map.of("OLD", "old-value", "URL_TOKEN", URL_TOKEN, "SHARED", SHARED, "SIGNING", SIGNING);
  private final BcryptPool pool =
      new BcryptPool(BcryptPool.Limits.forProcessors(2), System::nanoTime);
  private final SecretFiles files =
      new SecretFiles(environment, Duration.ofHours(1), SecretFiles.Listener.NONE);
  private final List<String> matched = new ArrayList<>();

  /** A provider with a name and nothing else. */
  private record Named(String name) implements Provider {
    @Override
    public Schema schema() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Identification identify(byte[] body, Map<String, String> headers) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Decoding decode(byte[] body, Map<String, String> headers) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<Sample> samples() {
      throw new UnsupportedOperationException();
    }
  }

  @AfterEach
  void close() {
    files.close();
    pool.close();
  }

  private static Configuration.SourceConfig configured(String name, AuthSpec... auth) {
    return new Configuration.SourceConfig(name, "some", 1000, List.of(auth));
  }

  private MatchListener listener(String source, AuthSpec spec) {
    return entry -> matched.add(source + " " + spec.type() + " " + entry);
  }

  private Sources open(Configuration.SourceConfig... configured) throws SecretException {
    return Sources.open(
        List.of(configured),
        name -> name.equals("some") ? Optional.of(new Named(name)) : Optional.empty(),
        files,
        pool,
        this::listener,
        InstantSource.system());
  }

  private static Source byName(Sources sources, String name) {
    return requireNonNull(sources.byName(name));
  }

  @Test
  void findsSourcesByTheirNames() throws Exception {
    Sources sources = open(configured("b", BCRYPT), configured("a", URL), configured("open"));

    assertThat(sources.all()).extracting(Source::name).containsExactly("b", "a", "open");
    Source a = byName(sources, "a");
    assertThat(a.provider().name()).isEqualTo("some");
    assertThat(a.maxBodySize()).isEqualTo(1000);
    assertThat(a.takesUrlToken()).isTrue();
    assertThat(byName(sources, "b").takesUrlToken()).isFalse();
    assertThat(sources.byName("c")).isNull();
    assertThat(byName(sources, "open").authentication().screen(FakeHead.bare()))
        .isEqualTo(Verdict.ACCEPTED);
  }

  @Test
  void requiresEverythingThatASourceLists() throws Exception {
    Source source = byName(open(configured("both", BCRYPT, URL)), "both");
    String token =
        credentials(configured("both", BCRYPT)).headers().getOrDefault("x-token", "none");
    FakeHead good = new FakeHead(Map.of("x-token", List.of(token)), URL_TOKEN, "192.0.2.1");
    FakeHead noUrlToken = new FakeHead(good.byName(), null, "192.0.2.1");

    assertThat(source.authentication().needsBody()).isFalse();
    assertThat(source.authentication().screen(noUrlToken)).isEqualTo(Verdict.REFUSED);
    assertThat(source.authentication().screen(FakeHead.withUrlToken(URL_TOKEN)))
        .isEqualTo(Verdict.REFUSED);
    assertThat(source.authentication().screen(good)).isEqualTo(Verdict.UNDECIDED);
    assertThat(verify(source, good)).isEqualTo(Verdict.ACCEPTED);
    assertThat(source.authentication().screen(good)).isEqualTo(Verdict.ACCEPTED);
    assertThat(matched).contains("both url-token 1", "both bcrypt-token 0");
    assertThat(matched).doesNotContain("both url-token 0");
  }

  @Test
  void verifiesSignaturesOverTheBody() throws Exception {
    byte[] body = "{}".getBytes(UTF_8);
    Source source = byName(open(configured("signed", SIGNED)), "signed");
    Map<String, List<String>> headers = new HashMap<>();
    credentials(configured("signed", SIGNED))
        .headersFor("msg_1", InstantSource.system().instant(), body)
        .forEach((name, value) -> headers.put(name, List.of(value)));
    FakeHead head = new FakeHead(headers, null, "192.0.2.1");

    assertThat(source.authentication().needsBody()).isTrue();
    assertThat(source.authentication().screen(FakeHead.bare())).isEqualTo(Verdict.REFUSED);
    assertThat(source.authentication().screen(head)).isEqualTo(Verdict.UNDECIDED);
    assertThat(verify(source, head, body)).isEqualTo(Verdict.ACCEPTED);
    assertThat(verify(source, head, "[]".getBytes(UTF_8))).isEqualTo(Verdict.REFUSED);
    assertThat(matched).containsExactly("signed standard-webhooks 0");
  }

  @Test
  void namesSecretsThatAreNoKeys() {
    AuthSpec notAKey =
        new StandardWebhooks(
            List.of(new SecretRef.Env("SIGNING"), new SecretRef.Env("SHARED")),
            Duration.ofMinutes(5));

    assertThatExceptionOfType(SecretException.class)
        .isThrownBy(() -> open(configured("a", notAKey)))
        .satisfies(
            e ->
                assertThat(e.problems())
                    .containsExactly(
                        "source a, standard-webhooks: environment variable SHARED is not base64,"
                            + " with or without whsec_ or whpk_ in front"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "whsec_"})
  void anEmptyKeyIsAnErrorAtTheStart(String secret) {
    AuthSpec empty =
        new StandardWebhooks(List.of(new SecretRef.Env("EMPTY")), Duration.ofMinutes(5));
    SecretFiles empties =
        new SecretFiles(Map.of("EMPTY", secret), Duration.ofHours(1), SecretFiles.Listener.NONE);

    assertThatExceptionOfType(SecretException.class)
        .isThrownBy(
            () ->
                Sources.open(
                    List.of(configured("a", empty)),
                    name -> Optional.of(new Named(name)),
                    empties,
                    pool,
                    Sources.MatchListeners.NONE,
                    InstantSource.system()))
        .satisfies(
            e ->
                assertThat(e.problems())
                    .singleElement()
                    .asString()
                    .startsWith("source a, standard-webhooks: environment variable EMPTY is "));
  }

  @Test
  void asksLastWhatMayHaveToWait() {
    assertThat(AuthMethod.of(BCRYPT).order()).isGreaterThan(AuthMethod.of(URL).order());
    assertThat(AuthMethod.of(BCRYPT).order()).isGreaterThan(AuthMethod.of(SIGNED).order());
  }

  private static Verdict verify(Source source, FakeHead head) {
    return verify(source, head, new byte[0]);
  }

  private static Verdict verify(Source source, FakeHead head, byte[] body) {
    return source
        .authentication()
        .verify(head, body)
        .toCompletionStage()
        .toCompletableFuture()
        .join();
  }

  private SampleCredentials credentials(Configuration.SourceConfig source) {
    return SampleCredentials.of(
        source,
        reference ->
            switch (reference) {
              case SecretRef.Env env -> Secret.of(environment.getOrDefault(env.name(), ""));
              case SecretRef.File file -> throw new AssertionError(file);
            },
        new SecureRandom());
  }

  @Test
  void showsTheStatisticsOfEveryBcryptAuthenticator() throws Exception {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();

    new SecretMeters(registry).bind(open(configured("a", URL), configured("b", BCRYPT)));

    for (String meter :
        List.of("penstock.bcrypt.hashes", "penstock.bcrypt.shed", "penstock.bcrypt.highest.cost")) {
      assertThat(registry.get(meter).meters())
          .singleElement()
          .satisfies(each -> assertThat(each.getId().getTag("source")).isEqualTo("b"));
    }
  }

  @Test
  void namesAllSecretsOfAllSourcesThatCannotBeResolved() {
    AuthSpec broken =
        new SharedSecret(
            Place.URL_TOKEN,
            List.of(new SecretRef.Env("ABSENT"), new SecretRef.File(Path.of("/no/such/file"))));

    assertThatExceptionOfType(SecretException.class)
        .isThrownBy(
            () ->
                open(
                    configured("a", URL, broken), configured("b"), configured("c", BCRYPT, broken)))
        .satisfies(
            e ->
                assertThat(e.problems())
                    .containsExactly(
                        "source a, url-token: environment variable ABSENT is not set",
                        "source a, url-token: file /no/such/file cannot be read:"
                            + " there is no such file",
                        "source c, url-token: environment variable ABSENT is not set",
                        "source c, url-token: file /no/such/file cannot be read:"
                            + " there is no such file"));
  }

  @Test
  void knowsNoProviderButThoseThatAreThere() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> open(new Configuration.SourceConfig("a", "unheard-of", 1000, List.of())));
  }

  @Test
  void showsNoSecret() throws Exception {
    Sources sources = open(configured("a", URL, BCRYPT, SIGNED));

    assertThat(List.of(sources, sources.all()).toString())
        .doesNotContain(URL_TOKEN, SHARED, "old-value", SIGNING);
  }

  @Test
  void closesWhatItWasGiven() throws Exception {
    Sources sources = open(configured("b", BCRYPT));
    FakeHead head =
        FakeHead.withHeader(
            "x-token",
            credentials(configured("b", BCRYPT)).headers().getOrDefault("x-token", "none"));

    sources.close();

    assertThat(verify(byName(sources, "b"), head)).isEqualTo(Verdict.OVERLOADED);
  }
}
