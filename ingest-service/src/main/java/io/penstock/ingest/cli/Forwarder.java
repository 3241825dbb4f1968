package io.penstock.ingest.cli;

import io.penstock.ingest.landing.LandingRecord;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Sends deliveries to an address as their provider sent them: the bytes of their bodies, their
 * content type and the headers that were kept, one after the other. For one thread, but for {@link
 * #stop}, which any may call.
 */
final class Forwarder implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final URI target;
  private final ForwardSignature signature;
  private final InstantSource clock;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();
  private final Map<String, Integer> answers = new TreeMap<>();
  private volatile @Nullable CompletableFuture<?> waitsFor;
  private volatile boolean stopped;

  /**
   * @param target an address that {@link #target} has accepted
   * @param clock when signatures are made
   */
  Forwarder(URI target, ForwardSignature signature, InstantSource clock) {
    this.target = target;
    this.signature = signature;
    this.clock = clock;
  }

  /** What was answered. */
  sealed interface Answer {

    /** An answer of HTTP. */
    record Status(int code) implements Answer {
      boolean isSuccess() {
        return code >= 200 && code < 300;
      }
    }

    /**
     * No answer.
     *
     * @param why in words
     */
    record None(String why) implements Answer {}
  }

  /**
   * An address to send to.
   *
   * @throws IllegalArgumentException if the text is no absolute address of HTTP
   */
  static URI target(String text) {
    URI target = URI.create(text);
    if (target.getHost() == null
        || target.getUserInfo() != null
        || !("http".equals(target.getScheme()) || "https".equals(target.getScheme()))) {
      throw new IllegalArgumentException(
          "an address is http://HOST/PATH or https://HOST/PATH, without a user");
    }
    return target;
  }

  /** Sends a delivery and waits for the answer, for half a minute at most. */
  Answer send(LandingRecord record) {
    Answer answer = stopped ? new Answer.None("stopped") : post(record);
    answers.merge(
        switch (answer) {
          case Answer.Status status -> Integer.toString(status.code());
          case Answer.None none -> "no answer (" + none.why() + ")";
        },
        1,
        Integer::sum);
    return answer;
  }

  private Answer post(LandingRecord record) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(target)
            .timeout(PATIENCE)
            .POST(HttpRequest.BodyPublishers.ofByteArray(record.body()));
    Map<String, String> headers = new HashMap<>(signature.headers(record, clock.instant()));
    headers.putIfAbsent("penstock-receipt-id", record.receiptId());
    if (record.envelope().contentType() != null) {
      headers.put("content-type", record.envelope().contentType());
    }
    headers.forEach(
        (name, value) -> {
          try {
            request.setHeader(name, value);
          } catch (IllegalArgumentException e) {
            // One that HTTP's client sets itself, or that no program can send.
            answers.merge("a header could not be sent on: " + name, 1, Integer::sum);
          }
        });
    CompletableFuture<HttpResponse<Void>> sent =
        http.sendAsync(request.build(), HttpResponse.BodyHandlers.discarding());
    waitsFor = sent;
    try {
      return stopped ? new Answer.None("stopped") : new Answer.Status(sent.get().statusCode());
    } catch (ExecutionException e) {
      return new Answer.None(why(e.getCause()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Answer.None("stopped");
    } catch (CancellationException e) {
      return new Answer.None("stopped");
    } finally {
      waitsFor = null;
    }
  }

  private static String why(@Nullable Throwable cause) {
    if (cause instanceof HttpConnectTimeoutException) {
      return "it could not be connected in time";
    }
    if (cause instanceof HttpTimeoutException) {
      return "it did not answer within " + PATIENCE.toSeconds() + " s";
    }
    if (cause instanceof ConnectException) {
      return "the connection was refused";
    }
    return cause instanceof IOException ? "the connection failed" : "the request failed";
  }

  /** What was answered how often, in one line. */
  String summary() {
    return answers.isEmpty()
        ? "nothing was forwarded"
        : "answers of "
            + target
            + ": "
            + String.join(
                ", ",
                answers.entrySet().stream()
                    .map(each -> each.getKey() + " x " + each.getValue())
                    .toList());
  }

  /** Ends the request that goes on, and each later one, at once. */
  void stop() {
    stopped = true;
    CompletableFuture<?> going = waitsFor;
    if (going != null) {
      going.cancel(true);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
