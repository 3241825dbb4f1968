package io.penstock.ingest.ingress;

import io.netty.handler.codec.http.QueryStringDecoder;
import org.jspecify.annotations.Nullable;

/**
 * An address of the form {@code /webhooks/SOURCE} or {@code /webhooks/SOURCE/TOKEN}, either of them
 * with one slash behind it or without. A path is not normalized otherwise: no segment is dropped,
 * no slashes are merged, and a semicolon and what follows it belong to their segment.
 *
 * @param source as it stands in the address: not decoded: a percent-encoded name matches no source
 * @param token decoded; null where there is none
 */
record WebhookPath(String source, @Nullable String token) {

  private static final String ROOT = "/webhooks/";

  /** Reads a path; null if it is of another form, or if the request had none. */
  static @Nullable WebhookPath parse(@Nullable String path) {
    if (path == null || !path.startsWith(ROOT)) {
      return null;
    }
    int end = path.indexOf('/', ROOT.length());
    if (end < 0) {
      return new WebhookPath(path.substring(ROOT.length()), null);
    }
    String source = path.substring(ROOT.length(), end);
    String rest = path.substring(end + 1);
    if (rest.isEmpty()) {
      return new WebhookPath(source, null);
    }
    int more = rest.indexOf('/');
    if (more < 0) {
      return new WebhookPath(source, decoded(rest));
    }
    return more > 0 && more == rest.length() - 1
        ? new WebhookPath(source, decoded(rest.substring(0, more)))
        : null;
  }

  /** A segment that cannot be decoded equals no token. */
  private static String decoded(String segment) {
    try {
      return QueryStringDecoder.decodeComponent(segment.replace("+", "%2B"));
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  @Override
  public String toString() {
    return "WebhookPath[source=" + source + "]"; // the token is a secret
  }
}
