package io.penstock.ingest.ingress;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the head of a request must be, beyond what Vert.x demands: whatever two readers could take
 * for different requests is invalid (RFC 9112, sections 5.2, 6.1 and 11.2). Each rule, and where it
 * stands, is in a table in {@code docs/security.md}.
 */
final class HeadRules {

  /** Far more than any provider sends. */
  static final int MAX_HEADERS = 100;

  /** Every status that {@link #status} gives. */
  static final List<Integer> STATUSES = List.of(400, 414, 431, 501);

  private HeadRules() {}

  /** A request that is refused for its head, with the status that HTTP wants for it. */
  static final class Refused extends IllegalArgumentException {
    private static final long serialVersionUID = 1;
    private final int status;

    Refused(int status, String complaint) {
      super(complaint);
      this.status = status;
    }
  }

  /** The status that an invalid request gets. */
  static int status(@Nullable Throwable cause) {
    if (cause instanceof TooLongHttpLineException) {
      return 414;
    }
    if (cause instanceof TooLongHttpHeaderException) {
      return 431;
    }
    return cause instanceof Refused refused ? refused.status : 400;
  }

  /** Whether this is a version (RFC 9112, section 2.3), in which case matters. */
  static boolean isVersion(String text) {
    return text.length() == 8
        && text.startsWith("HTTP/")
        && isDigit(text.charAt(5))
        && text.charAt(6) == '.'
        && isDigit(text.charAt(7));
  }

  /** What is wrong with a complete head; null where nothing is. */
  static @Nullable Refused complaint(HttpMessage message) {
    HttpHeaders all = message.headers();
    Iterator<Map.Entry<CharSequence, CharSequence>> each = all.iteratorCharSequence();
    while (each.hasNext()) {
      if (!isToken(each.next().getKey())) {
        return new Refused(400, "not a header's name");
      }
    }
    List<String> lengths = all.getAll(HttpHeaderNames.CONTENT_LENGTH);
    if (lengths.size() > 1 || (lengths.size() == 1 && !isLength(lengths.get(0)))) {
      return new Refused(400, "not one length");
    }
    Refused coding = coding(message, all.getAll(HttpHeaderNames.TRANSFER_ENCODING), lengths);
    if (coding != null) {
      return coding;
    }
    List<String> hosts = all.getAll(HttpHeaderNames.HOST);
    if (hosts.size() > 1
        || (hosts.isEmpty() && message.protocolVersion().equals(HttpVersion.HTTP_1_1))
        || (hosts.size() == 1 && !isHost(hosts.get(0)))) {
      return new Refused(400, "not one host");
    }
    return null;
  }

  private static @Nullable Refused coding(
      HttpMessage message, List<String> codings, List<String> lengths) {
    if (codings.isEmpty()) {
      return null;
    }
    if (!lengths.isEmpty() || !message.protocolVersion().equals(HttpVersion.HTTP_1_1)) {
      return new Refused(400, "not one framing");
    }
    String coding = codings.get(0);
    if (codings.size() == 1 && coding.equalsIgnoreCase("chunked")) {
      return null;
    }
    String[] each = String.join(",", codings).split(",", -1);
    boolean isFramed = each[each.length - 1].strip().equalsIgnoreCase("chunked");
    for (int i = 0; i < each.length - 1; i++) {
      String other = each[i].strip();
      isFramed &= isToken(other) && !other.equalsIgnoreCase("chunked");
    }
    // Where the end of a body can be found, only its coding is not known.
    return isFramed
        ? new Refused(501, "a transfer coding that is not known")
        : new Refused(400, "not one framing");
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /** Whether all from there on are digits; true where there is none. */
  private static boolean areDigits(String text, int start) {
    for (int i = start; i < text.length(); i++) {
      if (!isDigit(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isAlphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || isDigit(c);
  }

  private static boolean isLength(String text) {
    return !text.isEmpty() && text.length() <= 18 && areDigits(text, 0);
  }

  /** Whether this is a token (RFC 9110, section 5.6.2). */
  static boolean isToken(CharSequence name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (!isAlphanumeric(c) && "!#$%&'*+-.^_`|~".indexOf(c) < 0) {
        return false;
      }
    }
    return name.length() > 0;
  }

  /**
   * RFC 9110, section 7.2, and RFC 3986, section 3.2.2: a name or an address, and perhaps a port.
   * May be empty.
   */
  private static boolean isHost(String text) {
    int end = 0;
    if (text.startsWith("[")) {
      end = text.indexOf(']') + 1;
      if (end == 0 || !consistsOf(text, 1, end - 1, "-._~!$&'()*+,;=:")) {
        return false;
      }
    } else {
      int colon = text.indexOf(':');
      end = colon < 0 ? text.length() : colon;
      if (!consistsOf(text, 0, end, "-._~!$&'()*+,;=%")) {
        return false;
      }
    }
    if (end == text.length()) {
      return true;
    }
    return text.charAt(end) == ':' && areDigits(text, end + 1);
  }

  private static boolean consistsOf(String text, int start, int end, String others) {
    for (int i = start; i < end; i++) {
      if (!isAlphanumeric(text.charAt(i)) && others.indexOf(text.charAt(i)) < 0) {
        return false;
      }
    }
    return true;
  }
}
