package io.penstock.ingest.console.delivery;

/**
 * Sets JSON in lines, each value exactly as it came: numbers, escapes, and members that occur
 * twice. What is not JSON comes out with all its characters too. Needs no more than one pass.
 */
final class PrettyJson {

  private static final int DEEPEST = 64;

  private PrettyJson() {}

  static String of(String json) {
    StringBuilder out = new StringBuilder(json.length() + json.length() / 2);
    int depth = 0;
    boolean inString = false;
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      if (inString) {
        out.append(c);
        if (c == '\\' && i + 1 < json.length()) {
          out.append(json.charAt(++i));
        } else if (c == '"') {
          inString = false;
        }
        continue;
      }
      switch (c) {
        case '"' -> {
          inString = true;
          out.append(c);
        }
        case '{', '[' -> {
          int next = afterSpace(json, i + 1);
          if (next < json.length() && (json.charAt(next) == '}' || json.charAt(next) == ']')) {
            out.append(c).append(json.charAt(next));
            i = next;
          } else {
            out.append(c);
            line(out, ++depth);
          }
        }
        case '}', ']' -> {
          depth = Math.max(0, depth - 1);
          line(out, depth);
          out.append(c);
        }
        case ',' -> {
          out.append(c);
          line(out, depth);
        }
        case ':' -> out.append(": ");
        case ' ', '\t', '\r', '\n' -> {}
        default -> out.append(c);
      }
    }
    return out.toString();
  }

  private static int afterSpace(String json, int from) {
    int i = from;
    while (i < json.length() && Character.isWhitespace(json.charAt(i))) {
      i++;
    }
    return i;
  }

  private static void line(StringBuilder out, int depth) {
    out.append('\n').append("  ".repeat(Math.min(depth, DEEPEST)));
  }
}
