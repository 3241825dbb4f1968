package io.penstock.benchmarks.jmh;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.auth.AuthMethod;
import io.penstock.ingest.auth.Authenticator;
import io.penstock.ingest.auth.MatchListener;
import io.penstock.ingest.auth.Place;
import io.penstock.ingest.auth.RequestHead;
import io.penstock.ingest.auth.Secret;
import io.penstock.ingest.auth.SecretList;
import io.penstock.ingest.auth.SharedSecret;
import io.penstock.ingest.auth.SlowWork;
import io.penstock.ingest.auth.Verdict;
import io.penstock.ingest.auth.bcrypt.Bcrypt;
import io.penstock.ingest.auth.standardwebhooks.StandardWebhooks;
import io.penstock.ingest.config.SecretRef;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs to accept an authentic delivery of about 800 bytes, by each kind of authentication.
 * A bcrypt token is known already, as it is for all but a sender's first delivery.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class AuthenticatorBenchmark {

  private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");
  private static final List<SecretRef> REFERENCES = List.of(new SecretRef.Env("SECRET"));

  /** The kind, as in the configuration. */
  @Param({
    "url-token",
    "basic",
    "bearer",
    "header",
    "query",
    "body-field",
    "bcrypt-token",
    "standard-webhooks"
  })
  public String type;

  private Authenticator authenticator;
  private RequestHead head;
  private byte[] body;

  /** Has no state yet: see {@link #open}. */
  @SuppressWarnings("NullAway.Init") // JMH sets the parameter and calls the set-up
  public AuthenticatorBenchmark() {}

  /** Makes a request that passes, and checks that it does. */
  @Setup
  public void open() {
    AuthMethod method = method();
    Secret secret =
        Secret.of(
            method instanceof StandardWebhooks
                ? "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
                : "an-unguessable-secret-of-a-benchmark");
    authenticator =
        method.authenticator(
            SecretList.of(secret),
            MatchListener.NONE,
            new AuthMethod.Resources(inline(), InstantSource.fixed(NOW)));
    MadeRequest request = new MadeRequest(secret, NOW);
    method.addTo(request);
    head = request;
    body = request.body();
    if (!(authenticate() instanceof Verdict.Accepted)) {
      throw new IllegalStateException("The request is not accepted");
    }
  }

  /** The verdict on the request. */
  @Benchmark
  public Verdict authenticate() {
    Verdict screened = authenticator.screen(head);
    return screened instanceof Verdict.Undecided
        ? authenticator.verify(head, body).result()
        : screened;
  }

  private AuthMethod method() {
    return switch (type) {
      case "bcrypt-token" -> new Bcrypt("x-token", REFERENCES, 10);
      case "standard-webhooks" -> new StandardWebhooks(REFERENCES, Duration.ofMinutes(5));
      default -> {
        for (Place place : Place.values()) {
          if (place.type().equals(type)) {
            yield new SharedSecret(place, "x-secret", REFERENCES);
          }
        }
        throw new IllegalStateException("No kind of authentication is named " + type);
      }
    };
  }

  /** Computes at once, on the caller's thread: there is no event loop to protect. */
  private static SlowWork inline() {
    return (address, task) -> task.run();
  }

  /** The bytes that a signature covers, and that hold the secret of a member. */
  static byte[] body(String member, String value) {
    return "{\"%s\": \"%s\", \"type\": \"session_status_changed\", \"text\": \"%s\"}"
        .formatted(member, value, "x".repeat(680))
        .getBytes(UTF_8);
  }
}
