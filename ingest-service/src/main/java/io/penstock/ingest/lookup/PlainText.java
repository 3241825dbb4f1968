package io.penstock.ingest.lookup;

/**
 * Makes text from senders harmless for a terminal: what a terminal obeys or what changes the order
 * of what is read is written as an escape, and shown instead of done. All other characters stay.
 */
public final class PlainText {

  private PlainText() {}

  /**
   * A text in which every dangerous character is written as an escape of JSON, such as {@code
   * \u001b}.
   */
  public static String of(String text) {
    int length = text.length();
    for (int i = 0; i < length; i++) {
      if (isDangerous(text, i)) {
        return escaped(text, i);
      }
    }
    return text;
  }

  private static String escaped(String text, int from) {
    StringBuilder escaped = new StringBuilder(text.length() + 32).append(text, 0, from);
    for (int i = from; i < text.length(); i++) {
      if (isDangerous(text, i)) {
        escape(escaped, text.charAt(i));
      } else {
        escaped.append(text.charAt(i));
      }
    }
    return escaped.toString();
  }

  /**
   * JSON on one line: the same values, with its line ends and tabs as spaces, and every dangerous
   * character escaped as JSON does it. What is not JSON comes out as one harmless line too.
   */
  public static String line(String json) {
    StringBuilder line = new StringBuilder(json.length() + 32);
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      if (c == '\n' || c == '\r' || c == '\t') {
        line.append(' '); // in JSON these stand between values alone
      } else if (isDangerous(json, i)) {
        escape(line, c);
      } else {
        line.append(c);
      }
    }
    return line.toString();
  }

  /** The same for a text of several lines: its line feeds and tabs stay. */
  public static String lines(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (isDangerousInLines(text, i)) {
        return escapedLines(text);
      }
    }
    return text;
  }

  private static String escapedLines(String text) {
    StringBuilder lines = new StringBuilder(text.length() + 32);
    for (int i = 0; i < text.length(); i++) {
      if (isDangerousInLines(text, i)) {
        escape(lines, text.charAt(i));
      } else {
        lines.append(text.charAt(i));
      }
    }
    return lines.toString();
  }

  private static boolean isDangerousInLines(String text, int at) {
    char c = text.charAt(at);
    return c != '\n' && c != '\t' && isDangerous(text, at);
  }

  private static void escape(StringBuilder escaped, char c) {
    escaped.append("\\u");
    for (int shift = 12; shift >= 0; shift -= 4) {
      escaped.append(Character.forDigit((c >> shift) & 0xF, 16));
    }
  }

  /**
   * Whether a terminal may obey a character, it changes how the text around it is read, or it is
   * half of a pair: controls, marks of direction, separators of lines, and what is invisible.
   */
  private static boolean isDangerous(String text, int at) {
    char c = text.charAt(at);
    if (c >= ' ' && c < 0x7F) {
      return false;
    }
    if (!Character.isSurrogate(c)) {
      return isDangerous(c);
    }
    int pair = Character.isHighSurrogate(c) ? text.codePointAt(at) : text.codePointBefore(at + 1);
    // A half alone, or a pair that is invisible, such as the tags from U+E0000 on.
    return !Character.isSupplementaryCodePoint(pair) || Character.getType(pair) == Character.FORMAT;
  }

  /** Whether a character is dangerous by itself; a half of a pair is not. */
  static boolean isDangerous(char c) {
    return c < ' '
        || (c >= 0x7F && c <= 0x9F)
        || c == 0x00AD // the soft hyphen
        || c == 0x061C // the Arabic letter mark
        || c == 0x180E // an invisible one
        || (c >= 0x200B && c <= 0x200F) // invisible ones, and marks of direction
        || (c >= 0x2028 && c <= 0x202E) // separators of lines, embeddings and overrides
        || (c >= 0x2060 && c <= 0x206F) // invisible ones, and isolates
        || c == 0xFEFF // the byte order mark
        || (c >= 0xFFF9 && c <= 0xFFFB) // interlinear annotations
        || c >= 0xFFFE;
  }
}
