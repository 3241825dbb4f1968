package io.penstock.ingest.console;

import io.vertx.core.http.HttpServerResponse;

/** The headers of every response of the console. */
final class SecurityHeaders {

  /**
   * Everything comes from here, nothing is inline, and nobody frames it. A script sets no markup
   * but by the policy {@code penstock}, which our own module has for fragments that the server
   * made.
   */
  static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " form-action 'self'; base-uri 'none'; frame-ancestors 'none';"
          + " require-trusted-types-for 'script'; trusted-types penstock";

  private SecurityHeaders() {}

  /** Adds them; what is shown is kept by no cache unless the caller says otherwise. */
  static void addTo(HttpServerResponse response) {
    response
        .putHeader("content-security-policy", CONTENT_SECURITY_POLICY)
        .putHeader("x-content-type-options", "nosniff")
        // Not no-referrer: a browser would then hide from us that a form is our own.
        .putHeader("referrer-policy", "same-origin")
        .putHeader("x-frame-options", "DENY")
        .putHeader("cross-origin-opener-policy", "same-origin")
        .putHeader("cross-origin-resource-policy", "same-origin")
        .putHeader("x-robots-tag", "noindex")
        .putHeader("cache-control", "no-store");
  }
}
