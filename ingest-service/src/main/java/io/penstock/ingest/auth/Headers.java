package io.penstock.ingest.auth;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** What headers hold, as credentials: one value or none. */
final class Headers {

  private static final byte[] NOTHING = {};

  private Headers() {}

  /**
   * The bytes of a header's value. Empty, which no secret is, where the header is absent or stands
   * there more than once: whoever reads the first of two values and whoever reads the last must not
   * be told different things.
   *
   * @param name in lower case
   */
  static byte[] only(RequestHead head, String name) {
    List<String> values = head.headers(name);
    return values.size() == 1 ? bytes(values.getFirst()) : NOTHING;
  }

  /**
   * The credentials in the one Authorization header, if they are of this scheme (RFC 9110, section
   * 11.4), of which case does not matter; empty otherwise.
   */
  static byte[] authorization(RequestHead head, String scheme) {
    List<String> values = head.headers("authorization");
    if (values.size() != 1) {
      return NOTHING;
    }
    String value = values.getFirst();
    int start = scheme.length();
    if (!value.regionMatches(true, 0, scheme, 0, start)
        || start >= value.length()
        || value.charAt(start) != ' ') {
      return NOTHING;
    }
    while (start < value.length() && value.charAt(start) == ' ') {
      start++;
    }
    return bytes(value.substring(start));
  }

  /** HTTP's headers are bytes, of which each becomes a char. Others come from no wire. */
  private static byte[] bytes(String value) {
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) > 0xFF) {
        return NOTHING;
      }
    }
    return value.getBytes(StandardCharsets.ISO_8859_1);
  }
}
