package io.penstock.ingest.console.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.lookup.PlainText;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A body as a page shows it: text, never interpreted. Control characters and marks of direction are
 * written out.
 *
 * @param text at most {@link #MOST} characters of it
 * @param cut whether there is more
 * @param bytes of the whole body
 * @param notes what a reader has to know, a sentence each
 */
public record BodyText(String text, boolean cut, int bytes, java.util.List<String> notes) {

  /** In characters. */
  public static final int MOST = 64 * 1024;

  /** In bytes; a larger one is shown as it came. */
  private static final int MOST_PRETTY = 256 * 1024;

  /** The body with a line for each member, or as it came where it is no JSON or too large. */
  public static BodyText pretty(byte[] body) {
    if (body.length > MOST_PRETTY) {
      return of(body, text(body), "It is larger than 256 kB, so it is shown as it came.");
    }
    return of(body, PrettyJson.of(text(body)), "");
  }

  /** The body as it came. */
  public static BodyText raw(byte[] body) {
    return of(body, text(body), "");
  }

  private static BodyText of(byte[] body, String text, String note) {
    java.util.List<String> notes = new java.util.ArrayList<>();
    if (!note.isEmpty()) {
      notes.add(note);
    }
    if (!Arrays.equals(new String(body, UTF_8).getBytes(UTF_8), body)) {
      notes.add("It is not UTF-8: what cannot be read is shown as �. The download has the bytes.");
    }
    boolean cut = text.length() > MOST;
    String head = cut ? text.substring(0, end(text)) : text;
    String shown =
        Arrays.stream(head.split("\n", -1)).map(BodyText::plain).collect(Collectors.joining("\n"));
    if (!shown.equals(head)) {
      notes.add("Control characters and marks of direction are written as \\u escapes.");
    }
    return new BodyText(shown, cut, body.length, java.util.List.copyOf(notes));
  }

  private static String plain(String line) {
    return Arrays.stream(line.split("\t", -1)).map(PlainText::of).collect(Collectors.joining("\t"));
  }

  private static int end(String text) {
    return Character.isHighSurrogate(text.charAt(MOST - 1)) ? MOST - 1 : MOST;
  }

  private static String text(byte[] body) {
    return new String(body, UTF_8);
  }

  /** The size in words, such as {@code 5.0 MB}. */
  public String size() {
    if (bytes < 1000) {
      return bytes + (bytes == 1 ? " byte" : " bytes");
    }
    return bytes < 1_000_000
        ? String.format(Locale.ROOT, "%.1f kB", bytes / 1e3)
        : String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
  }
}
