package io.penstock.ingest.ingress;

import io.penstock.ingest.delivery.Reason;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The answers that senders get: the acknowledgement that SmartShape demands to the letter and that
 * suits all others, or a problem (RFC 9457) whose {@code type} is the reason's code, relative to
 * the address that was asked.
 */
final class Answers {

  private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
  private static final CharSequence PROBLEM =
      HttpHeaders.createOptimized("application/problem+json");
  private static final String WWW_AUTHENTICATE = "www-authenticate";
  private static final CharSequence RETRY_AFTER = HttpHeaders.createOptimized("retry-after");

  /**
   * In seconds: long enough to matter, short enough for a sender that gives up after half a minute.
   */
  private static final CharSequence RETRY_DELAY = HttpHeaders.createOptimized("2");

  private static final CharSequence POST = HttpHeaders.createOptimized("POST");
  private static final Buffer ACCEPTED = Buffer.buffer("{\"success\": true}");
  private static final Map<Reason, Buffer> PROBLEMS = problems();

  private Answers() {}

  static Future<Void> acknowledge(HttpServerResponse response) {
    return response.setStatusCode(200).putHeader(HttpHeaders.CONTENT_TYPE, JSON).end(ACCEPTED);
  }

  /**
   * Repeats a text of the request, so that no browser takes it for anything but text.
   *
   * @param text in ASCII
   */
  static Future<Void> repeat(HttpServerResponse response, String text) {
    return response
        .setStatusCode(200)
        .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; charset=utf-8")
        .putHeader("x-content-type-options", "nosniff")
        .putHeader("content-security-policy", "default-src 'none'")
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .end(text);
  }

  /** Makes the coming answer the last one of its connection. */
  static void last(HttpServerResponse response) {
    response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
  }

  /** Makes the coming answer say when to try again: in whole seconds, and one at least. */
  static void retryAfter(HttpServerResponse response, long nanos) {
    long seconds = Math.max(1, TimeUnit.NANOSECONDS.toSeconds(nanos - 1) + 1);
    response.putHeader(RETRY_AFTER, Long.toString(seconds));
  }

  /** Tells the sender what it may know of a refusal (RFC 9110, section 11.6.1; RFC 9457). */
  static Future<Void> refuse(HttpServerResponse response, RefusalDecision refusal) {
    Reason reason = refusal.reason();
    String detail = refusal.detail();
    refusal.headers().forEach(response::putHeader);
    response.setStatusCode(reason.status()).putHeader(HttpHeaders.CONTENT_TYPE, PROBLEM);
    switch (reason) {
      case METHOD_NOT_ALLOWED -> {
        if (!refusal.headers().containsKey(RefusalDecision.ALLOW)) {
          response.putHeader(HttpHeaders.ALLOW, POST);
        }
      }
      // One line for each: not every client finds the second in a list.
      case AUTHENTICATION_FAILED -> response.putHeader(WWW_AUTHENTICATE, refusal.challenges());
      case OVERLOADED, KAFKA_UNAVAILABLE, SPOOL_FULL, SHUTTING_DOWN ->
          response.putHeader(RETRY_AFTER, RETRY_DELAY);
      case UNKNOWN_SOURCE,
          UNSUPPORTED_CONTENT_TYPE,
          PAYLOAD_TOO_LARGE,
          MALFORMED_JSON,
          MISSING_IDENTITY,
          RATE_LIMITED, // its time differs
          UNDECODABLE -> {}
    }
    return response.end(detail == null ? problem(reason) : problem(reason, detail));
  }

  private static Buffer problem(Reason reason) {
    Buffer problem = PROBLEMS.get(reason);
    return problem == null ? Buffer.buffer() : problem;
  }

  private static Buffer problem(Reason reason, String detail) {
    return members(reason).put("detail", detail).toBuffer();
  }

  private static Map<Reason, Buffer> problems() {
    Map<Reason, Buffer> problems = new EnumMap<>(Reason.class);
    for (Reason reason : Reason.values()) {
      problems.put(reason, members(reason).toBuffer());
    }
    return problems;
  }

  private static JsonObject members(Reason reason) {
    return new JsonObject()
        .put("type", reason.code())
        .put("title", reason.title())
        .put("status", reason.status());
  }
}
