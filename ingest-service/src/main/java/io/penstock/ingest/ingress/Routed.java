package io.penstock.ingest.ingress;

import io.penstock.ingest.source.Source;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

/**
 * A request whose address names a source.
 *
 * @param declaredLength of the body, in bytes; negative where the body is chunked
 */
record Routed(Source source, HttpRequestHead head, long declaredLength) {

  static Routed to(Source source, WebhookPath path, HttpServerRequest request) {
    return new Routed(source, new HttpRequestHead(request, path.token()), declaredLength(request));
  }

  private static long declaredLength(HttpServerRequest request) {
    String text = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    try {
      return text == null ? -1 : Long.parseLong(text.strip());
    } catch (NumberFormatException e) {
      return Long.MAX_VALUE;
    }
  }
}
