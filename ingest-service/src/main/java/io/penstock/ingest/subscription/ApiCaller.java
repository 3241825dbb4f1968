package io.penstock.ingest.subscription;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.ingest.subscription.ApiException.Effect;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Calls a provider's API: one JSON document there, one back. Waits 20 seconds for an answer, reads
 * 4 MiB of it, and follows no redirect, which would take the credentials elsewhere. What the
 * provider wants to be asked later ({@code 429}, or {@code 502} to {@code 504} to a request that is
 * harmless to repeat) is asked up to three times more, after the time that {@code Retry-After}
 * says. For one thread.
 */
public final class ApiCaller implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int MOST_BYTES = 4 * 1024 * 1024;
  private static final int MOST_ATTEMPTS = 4;

  /** A provider that wants a longer pause is asked by the next run of the command. */
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

  private static final ObjectMapper JSON = new ObjectMapper();

  private final String provider;
  private final HiddenValues hidden;
  private final Waiting waiting;
  private final InstantSource clock;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  /**
   * Calls nothing yet.
   *
   * @param provider its name, for messages
   * @param hidden what no message may repeat
   * @param waiting lets time pass between two attempts
   * @param clock tells how far the date of a {@code Retry-After} is
   */
  public ApiCaller(String provider, HiddenValues hidden, Waiting waiting, InstantSource clock) {
    this.provider = provider;
    this.hidden = hidden;
    this.waiting = waiting;
    this.clock = clock;
  }

  /** Lets time pass. */
  @FunctionalInterface
  public interface Waiting {

    /** Returns after this time. */
    void pause(Duration time) throws InterruptedException;
  }

  /** What a request changes at the provider. */
  public enum Kind {
    /** Nothing. */
    READS,
    /** The same, however often it comes. */
    REPEATABLE,
    /** More with each time that it comes. */
    ONCE
  }

  /**
   * A request.
   *
   * @param headers such as the credentials
   * @param body null: none
   * @param unauthorized the statuses that mean wrong credentials
   */
  public record Call(
      String method,
      URI url,
      Map<String, String> headers,
      @Nullable JsonNode body,
      Kind kind,
      Set<Integer> unauthorized) {

    @Override
    public String toString() {
      return "Call[" + method + "]";
    }
  }

  /**
   * An answer.
   *
   * @param json a missing node where it is no JSON
   */
  public record Answer(int status, JsonNode json) {
    /** Whether the status is a success. */
    public boolean isSuccess() {
      return status >= 200 && status < 300;
    }

    @Override
    public String toString() {
      return "Answer[" + status + "]";
    }
  }

  /** A text of a provider that may be shown. */
  public String safe(String text) {
    return hidden.safe(text);
  }

  /** The provider's name. */
  public String provider() {
    return provider;
  }

  /**
   * Sends a request and waits for its answer.
   *
   * @return an answer of any status but those that mean wrong credentials, a redirect, or later
   */
  public Answer send(Call call) throws ApiException, InterruptedException {
    Duration next = Duration.ofSeconds(1);
    for (int attempt = 1; ; attempt++) {
      HttpResponse<byte[]> response = exchange(call);
      int status = response.statusCode();
      if (call.unauthorized().contains(status)) {
        throw new ApiException(
            provider
                + " answers "
                + status
                + ": it does not accept the credentials of subscription.api. They may be wrong,"
                + " expired or revoked, or lack a permission: see the provider's page");
      }
      if (status >= 300 && status < 400) {
        throw new ApiException(
            provider
                + " answers with a redirect ("
                + status
                + "), which is not followed, as it would take the credentials elsewhere: correct"
                + " subscription.api.url");
      }
      boolean isLater =
          status == 429 || (status >= 502 && status <= 504 && call.kind() != Kind.ONCE);
      if (!isLater) {
        return new Answer(status, json(response.body()));
      }
      Duration pause = retryAfter(response, next);
      if (attempt == MOST_ATTEMPTS || pause.compareTo(LONGEST_PAUSE) > 0) {
        throw new ApiException(
            provider
                + " answers "
                + status
                + (status == 429 ? ", which means too many requests" : "")
                + ", after "
                + attempt
                + (attempt == 1 ? " attempt" : " attempts")
                + ": run this again in "
                + Math.max(1, pause.toSeconds())
                + " s");
      }
      waiting.pause(pause);
      next = next.multipliedBy(2);
    }
  }

  private Duration retryAfter(HttpResponse<byte[]> response, Duration fallback) {
    String value = response.headers().firstValue("retry-after").orElse("").strip();
    if (value.matches("[0-9]{1,9}")) {
      return Duration.ofSeconds(Long.parseLong(value));
    }
    try {
      Duration until =
          Duration.between(
              clock.instant(),
              ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
      return until.isNegative() ? Duration.ZERO : until;
    } catch (DateTimeException e) {
      return fallback;
    }
  }

  private HttpResponse<byte[]> exchange(Call call) throws ApiException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(call.url())
            .timeout(PATIENCE)
            .header("accept", "application/json")
            .method(call.method(), body(call));
    if (call.body() != null) {
      request.header("content-type", "application/json");
    }
    call.headers().forEach(request::setHeader);
    CompletableFuture<HttpResponse<byte[]>> sent =
        http.sendAsync(request.build(), answer -> new BoundedBody(MOST_BYTES));
    Effect effect = call.kind() == Kind.READS ? Effect.NONE : Effect.UNKNOWN;
    try {
      return sent.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new ApiException(
          provider + " did not answer within " + PATIENCE.toSeconds() + " s", effect);
    } catch (ExecutionException e) {
      throw failure(e.getCause(), effect);
    } finally {
      sent.cancel(true);
    }
  }

  private static HttpRequest.BodyPublisher body(Call call) {
    return call.body() == null
        ? HttpRequest.BodyPublishers.noBody()
        : HttpRequest.BodyPublishers.ofString(call.body().toString());
  }

  private ApiException failure(@Nullable Throwable cause, Effect effect) {
    for (Throwable e = cause; e != null; e = e.getCause()) {
      if (e instanceof UnresolvedAddressException || e instanceof UnknownHostException) {
        return new ApiException(
            "the host of subscription.api.url of " + provider + " is not known on this machine");
      }
      if (e instanceof SSLException) {
        return new ApiException(
            "TLS with "
                + provider
                + " failed: its certificate is not trusted on this machine, or"
                + " something in between has another");
      }
      if (e instanceof BoundedBody.TooLargeException) {
        return new ApiException(
            provider + " answers more than " + MOST_BYTES / 1024 / 1024 + " MiB, which is not read",
            effect);
      }
    }
    if (cause instanceof ConnectException || cause instanceof HttpConnectTimeoutException) {
      return new ApiException(
          provider + " cannot be reached at subscription.api.url: nothing accepts the connection");
    }
    return new ApiException("the connection to " + provider + " broke", effect);
  }

  private static JsonNode json(byte[] bytes) {
    try {
      return JSON.readTree(bytes);
    } catch (JsonProcessingException e) {
      return JSON.missingNode();
    } catch (IOException e) {
      throw new IllegalStateException("bytes are in memory", e);
    }
  }

  /** What an answer means that is not as documented. */
  public ApiException unexpected(Answer answer, Kind kind) {
    return new ApiException(
        provider
            + " answers "
            + answer.status()
            + (answer.json().isMissingNode()
                ? " without JSON: is subscription.api.url the address of its API?"
                : " with other JSON than it documents"),
        kind == Kind.READS || (answer.status() >= 400 && answer.status() < 500)
            ? Effect.NONE
            : Effect.UNKNOWN);
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
