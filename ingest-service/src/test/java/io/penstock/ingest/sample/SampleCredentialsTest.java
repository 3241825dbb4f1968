package io.penstock.ingest.sample;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.auth.Place;
import io.penstock.ingest.auth.Secret;
import io.penstock.ingest.auth.SharedSecret;
import io.penstock.ingest.auth.bcrypt.Bcrypt;
import io.penstock.ingest.auth.standardwebhooks.StandardWebhooks;
import io.penstock.ingest.config.AuthSpec;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.SecretRef;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SampleCredentialsTest {

  private static final List<SecretRef> REFERENCES =
      List.of(new SecretRef.Env("FIRST"), new SecretRef.Env("SECOND"));

  private static SampleCredentials credentials(String secret, AuthSpec... auth) {
    return SampleCredentials.of(
        new Configuration.SourceConfig("some", "some", 1000, List.of(auth)),
        reference -> Secret.of(reference.equals(REFERENCES.getFirst()) ? secret : "not to be used"),
        new SecureRandom());
  }

  @ParameterizedTest
  @CsvSource({
    "abc-._~XYZ019, /abc-._~XYZ019",
    "'a b/c?d#e%f+g', /a%20b%2Fc%3Fd%23e%25f%2Bg",
    "tökén, /t%C3%B6k%C3%A9n"
  })
  void encodesAUrlToken(String token, String suffix) {
    SampleCredentials credentials =
        credentials(token, new SharedSecret(Place.URL_TOKEN, REFERENCES));

    assertThat(credentials.pathSuffix()).isEqualTo(suffix);
    assertThat(URI.create("http://host/webhooks/some" + suffix).getPath())
        .isEqualTo("/webhooks/some/" + token);
    assertThat(credentials.headers()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"5, $2b$05$", "10, $2b$10$", "14, $2b$10$"})
  void hashesABcryptTokenAtAModestCost(int maxCost, String start) {
    SampleCredentials credentials =
        credentials("secret", new Bcrypt("x-token", REFERENCES, maxCost));

    assertThat(credentials.pathSuffix()).isEmpty();
    assertThat(credentials.headers()).containsOnlyKeys("x-token");
    assertThat(credentials.headers().get("x-token")).startsWith(start).hasSize(60);
  }

  @Test
  void signsEachDelivery() {
    byte[] body = {1, 2, 3};
    Instant now = Instant.ofEpochSecond(1614265330);
    SampleCredentials credentials =
        credentials(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            new StandardWebhooks(List.of(REFERENCES.getFirst()), Duration.ofMinutes(5)),
            new Bcrypt("x-token", REFERENCES, 4));

    assertThat(credentials.suffice()).isTrue();
    assertThat(credentials.headers()).containsOnlyKeys("x-token");
    assertThat(credentials.headersFor("msg_1", now, body))
        .containsOnlyKeys("x-token", "svix-id", "svix-timestamp", "svix-signature")
        .containsEntry("svix-id", "msg_1")
        .containsEntry("svix-timestamp", "1614265330")
        .doesNotContainEntry(
            "svix-signature",
            credentials.headersFor("msg_1", now, new byte[0]).get("svix-signature"));
    assertThat(credentials.toString()).doesNotContain("MfKQ");
  }

  @Test
  void signsWithWhatCanSign() {
    String publicKey = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";
    List<SecretRef> references = List.of(new SecretRef.Env("whpk"), new SecretRef.Env("whsec"));
    SampleCredentials both = signing(publicKey, references);
    SampleCredentials onlyPublic = signing(publicKey, references.subList(0, 1));

    assertThat(both.suffice()).isTrue();
    assertThat(onlyPublic.suffice()).isFalse();
    assertThat(onlyPublic.headersFor("msg_1", Instant.EPOCH, new byte[0])).isEmpty();
  }

  private static SampleCredentials signing(String publicKey, List<SecretRef> references) {
    return SampleCredentials.of(
        new Configuration.SourceConfig(
            "some", "some", 1000, List.of(new StandardWebhooks(references, Duration.ofMinutes(5)))),
        reference ->
            Secret.of(
                reference.equals(new SecretRef.Env("whpk"))
                    ? publicKey
                    : "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        new SecureRandom());
  }

  @Test
  void putsEverySecretWhereItBelongs() {
    SampleCredentials credentials =
        credentials(
            "s\"é c",
            new SharedSecret(Place.QUERY, "a b", REFERENCES),
            new SharedSecret(Place.URL_TOKEN, REFERENCES),
            new SharedSecret(Place.QUERY, "k", REFERENCES),
            new SharedSecret(Place.BASIC, "penstock", REFERENCES),
            new SharedSecret(Place.HEADER, "x-secret", REFERENCES),
            new SharedSecret(Place.BODY_FIELD, "apiKey", REFERENCES));

    assertThat(credentials.pathSuffix())
        .isEqualTo("/s%22%C3%A9%20c?a%20b=s%22%C3%A9%20c&k=s%22%C3%A9%20c");
    assertThat(credentials.headers())
        .containsEntry("authorization", "Basic cGVuc3RvY2s6cyLDqSBj")
        .containsEntry("x-secret", "s\"Ã© c");
    assertThat(credentials("token", new SharedSecret(Place.BEARER, REFERENCES)).headers())
        .containsEntry("authorization", "Bearer token");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"a":"é", "apiKey" : "x" } | {"a":"é", "apiKey" : "s\\"é" }
          {"a":1}                    | {"apiKey":"s\\"é","a":1}
          { }                        | {"apiKey":"s\\"é" }
          """)
  void putsASecretIntoTheBody(String sample, String body) {
    SampleCredentials credentials =
        credentials("s\"é", new SharedSecret(Place.BODY_FIELD, "apiKey", REFERENCES));

    assertThat(new String(credentials.body(sample.getBytes(UTF_8)), UTF_8)).isEqualTo(body);
  }

  @Test
  void needsNothingWhereNothingIsAsked() {
    SampleCredentials credentials = credentials("secret");

    assertThat(credentials.pathSuffix()).isEmpty();
    assertThat(credentials.headers()).isEmpty();
  }

  @Test
  void showsNothing() {
    SampleCredentials credentials =
        credentials(
            "a-secret",
            new SharedSecret(Place.URL_TOKEN, REFERENCES),
            new Bcrypt("x-token", REFERENCES, 4));

    assertThat(credentials.toString()).doesNotContain("a-secret", "$2b$");
  }
}
