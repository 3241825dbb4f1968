package io.penstock.ingest.console.live;

import java.util.HashMap;
import java.util.Map;

/**
 * Texts of bounded length; those that come again and again, such as names of sources and types, are
 * kept once. Not safe for several threads.
 */
final class ShortNames {

  /** In characters; an entity key may be as long as a body. */
  private static final int LONGEST = 200;

  /** How many are kept once. */
  private static final int MOST = 2_000;

  private final Map<String, String> known = new HashMap<>();

  /** The text, cut where it is too long. */
  String of(String text) {
    String kept = known.get(text);
    if (kept == null) {
      kept = cut(text);
      if (known.size() < MOST) {
        known.put(kept, kept);
      }
    }
    return kept;
  }

  int size() {
    return known.size();
  }

  /** A text, with an ellipsis where it was too long. */
  static String cut(String text) {
    if (text.length() <= LONGEST) {
      return text;
    }
    int end = LONGEST - 1;
    return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end) + "…";
  }
}
