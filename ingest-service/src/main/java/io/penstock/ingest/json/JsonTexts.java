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

  private JsonTexts() {}

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
