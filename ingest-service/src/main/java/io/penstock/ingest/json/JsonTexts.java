package io.penstock.ingest.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The items of an array as texts, each in its place: for arrays that belong to one another. */
public final class JsonTexts {

  private static final int HEX = 16;
  private static final int DIGITS = 4;

  private JsonTexts() {}

  /**
   * A text in which every escape of JSON is the character that it stands for. For looking for a
   * text in a body that need not be well-formed: quotation marks come out as any other character.
   */
  public static String unescaped(String json) {
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

  /**
   * Reads an array of a body that {@link JsonScan} has accepted.
   *
   * @param start where the array starts
   * @param end the first byte after it
   * @return for each item a string's value, with U+FFFD for half a surrogate pair, or a number's or
   *     a boolean's literal text; null for every other item
   */
  public static List<@Nullable String> read(byte[] body, int start, int end) {
    List<@Nullable String> texts = new ArrayList<>();
    try (JsonParser parser = Jackson.CHECKED.createParser(body, start, end - start)) {
      parser.nextToken();
      JsonToken token = parser.nextToken();
      while (token != null && token != JsonToken.END_ARRAY) {
        boolean isText = token.isScalarValue() && token != JsonToken.VALUE_NULL;
        texts.add(isText ? Scalars.unicode(parser.getText()) : null);
        parser.skipChildren();
        token = parser.nextToken();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("not a value of a well-formed body", e);
    }
    return Collections.unmodifiableList(texts);
  }
}
