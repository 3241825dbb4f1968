package io.penstock.ingest.delivery;

import java.util.regex.Pattern;

/**
 * The form of the W3C's trace context
 * (https://www.w3.org/TR/trace-context-1/#traceparent-header-field-values). Safe for use by any
 * thread.
 */
public final class Traceparent {

  private static final Pattern FORM =
      Pattern.compile("(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

  private Traceparent() {}

  /** Whether a text is one, of this version or of a later one that has no more than this one. */
  public static boolean isWellFormed(String text) {
    return FORM.matcher(text).matches();
  }
}
