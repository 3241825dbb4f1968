package io.penstock.ingest.lookup;

/** Turns escapes of JSON back into what they stand for. */
final class JsonEscapes {

  private static final int HEX = 16;
  private static final int DIGITS = 4;

  private JsonEscapes() {}

  /**
   * A text in which every escape of JSON is the character that it stands for. For looking for a
   * text in a body that need not be well-formed: quotation marks come out as any other character.
   */
  static String unescaped(String json) {
    StringBuilder text = new StringBuilder(json.length());
    int at = 0;
    while (at < json.length()) {
      char c = json.charAt(at++);
      if (c != '\\' || at == json.length()) {
        text.append(c);
        continue;
      }
      char escape = json.charAt(at++);
      if (escape == 'u' && at + DIGITS <= json.length()) {
        int unit = unit(json, at);
        if (unit >= 0) {
          text.append((char) unit);
          at += DIGITS;
          continue;
        }
      }
      text.append(
          switch (escape) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            default -> escape;
          });
    }
    return text.toString();
  }

  /** The number of four digits; -1 where they are none. */
  private static int unit(String json, int from) {
    int unit = 0;
    for (int i = from; i < from + DIGITS; i++) {
      int digit = Character.digit(json.charAt(i), HEX);
      if (digit < 0) {
        return -1;
      }
      unit = unit * HEX + digit;
    }
    return unit;
  }
}
