package io.penstock.ingest.auth;

import io.penstock.ingest.config.Value;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** The name of a header that a secret may stand in. */
public final class HeaderName {

  /** RFC 9110, section 5.1. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}");

  /** Headers that say how a request is to be read: none of them can be a secret's place. */
  private static final Set<String> TAKEN =
      Set.of(
          "connection",
          "content-encoding",
          "content-length",
          "content-type",
          "expect",
          "host",
          "keep-alive",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  private HeaderName() {}

  /** Whether a text is the name of a header. */
  public static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  /** Reads one, in lower case. */
  public static String read(Value value, String fallback) {
    String name =
        value.matching(NAME, "must be the name of a header", fallback).toLowerCase(Locale.ROOT);
    if (TAKEN.contains(name)) {
      value.problem("must be a header that does not say how a request is to be read");
    }
    return name;
  }
}
