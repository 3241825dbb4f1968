package io.penstock.ingest.ingress;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a refused request: nothing of its body, its query and the values of its headers,
 * but for the media type. All of it is bounded.
 *
 * @param receiptId as in the log
 * @param address the peer's: the proxy's, where there is one; empty where it is not known
 * @param method one of HTTP's, or {@code other}
 * @param mediaType without parameters; empty where there is none
 * @param declaredLength of the body, in bytes; negative where it is not declared
 * @param received how much of the body had come, in bytes
 * @param headers the names, in lower case, in their order
 * @param headersLeftOut how many more there were
 */
record RefusedRequest(
    String receiptId,
    String address,
    String method,
    String mediaType,
    long declaredLength,
    long received,
    List<String> headers,
    int headersLeftOut) {

  /** How many names are kept. */
  static final int MOST_HEADERS = 50;

  /** How many characters of a name are kept. */
  static final int LONGEST_NAME = 40;

  private static final int LONGEST_ADDRESS = 64;

  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT");

  private static final Pattern MEDIA_TYPE =
      Pattern.compile("[A-Za-z0-9!#$&^_.+-]{1,30}/[A-Za-z0-9!#$&^_.+-]{1,70}");

  RefusedRequest {
    headers = List.copyOf(headers);
  }

  /** Takes down what is kept of a request, in a time that its head's size bounds. */
  static RefusedRequest of(HttpServerRequest request, String receiptId, long received) {
    List<String> names = new ArrayList<>();
    int leftOut = 0;
    for (Map.Entry<String, String> header : request.headers()) {
      if (names.size() < MOST_HEADERS) {
        names.add(name(header.getKey()));
      } else {
        leftOut++;
      }
    }
    return new RefusedRequest(
        receiptId,
        address(request.remoteAddress()),
        METHODS.contains(request.method().name()) ? request.method().name() : "other",
        mediaType(request.getHeader(HttpHeaders.CONTENT_TYPE)),
        declaredLength(request.getHeader(HttpHeaders.CONTENT_LENGTH)),
        received,
        names,
        leftOut);
  }

  private static String name(String name) {
    String kept = name.length() > LONGEST_NAME ? name.substring(0, LONGEST_NAME) + "…" : name;
    return kept.toLowerCase(Locale.ROOT);
  }

  /** Its text, cut; empty where it is not known. */
  static String address(@Nullable SocketAddress peer) {
    String host = peer == null ? null : peer.hostAddress();
    if (host == null) {
      return "";
    }
    return host.length() > LONGEST_ADDRESS ? host.substring(0, LONGEST_ADDRESS) : host;
  }

  private static String mediaType(@Nullable String value) {
    if (value == null) {
      return "";
    }
    int end = value.indexOf(';');
    String type = (end < 0 ? value : value.substring(0, end)).strip();
    return MEDIA_TYPE.matcher(type).matches() ? type.toLowerCase(Locale.ROOT) : "";
  }

  private static long declaredLength(@Nullable String value) {
    try {
      return value == null ? -1 : Long.parseLong(value.strip());
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  /** About how much memory this takes, in bytes. */
  int bytes() {
    int bytes = 400 + receiptId.length() + address.length() + mediaType.length();
    for (String header : headers) {
      bytes += 60 + header.length();
    }
    return bytes;
  }
}
