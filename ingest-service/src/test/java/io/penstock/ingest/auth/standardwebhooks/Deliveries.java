package io.penstock.ingest.auth.standardwebhooks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.auth.FakeHead;
import io.penstock.ingest.auth.Secret;
import io.penstock.ingest.auth.SecretList;
import io.penstock.ingest.auth.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Signed deliveries, and whether they pass: what the tests of signatures have in common. */
final class Deliveries {

  /** The published example: https://github.com/standard-webhooks/standard-webhooks. */
  static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

  static final String PUBLIC_KEY = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";

  static final String ID = "msg_p5jXN8AQM9LWM0D4loKWxJek";
  static final long TIMESTAMP = 1614265330;
  static final byte[] BODY = "{\"test\": 2432232314}".getBytes(UTF_8);
  static final String SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
  static final String ED25519_SIGNATURE =
      "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==";

  static final Duration TOLERANCE = Duration.ofMinutes(5);

  private Deliveries() {}

  /** The example's headers, in the names of Svix. */
  static Map<String, String> headers() {
    return headers("svix-", SIGNATURE);
  }

  static Map<String, String> headers(String set, String signature) {
    Map<String, String> headers = new HashMap<>();
    headers.put(set + "id", ID);
    headers.put(set + "timestamp", Long.toString(TIMESTAMP));
    headers.put(set + "signature", signature);
    return headers;
  }

  static FakeHead head(Map<String, String> headers) {
    Map<String, List<String>> byName = new HashMap<>();
    headers.forEach((name, value) -> byName.put(name, List.of(value)));
    return new FakeHead(byName, null, "192.0.2.1");
  }

  static SecretList secrets(String... secrets) {
    return SecretList.of(Arrays.stream(secrets).map(Secret::of).toList());
  }

  /** An authenticator whose clock shows the example's time. */
  static StandardWebhooksAuthenticator authenticator(String... secrets) {
    return authenticator(TIMESTAMP, secrets);
  }

  static StandardWebhooksAuthenticator authenticator(long now, String... secrets) {
    return new StandardWebhooksAuthenticator(
        secrets(secrets), TOLERANCE, () -> Instant.ofEpochSecond(now), entry -> {});
  }

  static Verdict verify(
      StandardWebhooksAuthenticator authenticator, Map<String, String> headers, byte[] body) {
    return verify(authenticator, head(headers), body);
  }

  /** As the ingress asks: the head first. */
  static Verdict verify(StandardWebhooksAuthenticator authenticator, FakeHead head, byte[] body) {
    Verdict screened = authenticator.screen(head);
    return screened instanceof Verdict.Undecided
        ? authenticator.verify(head, body).toCompletionStage().toCompletableFuture().join()
        : screened;
  }
}
