package io.penstock.ingest.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;

/**
 * Replaces the value of one member, wherever in a body it stands, and leaves every other byte
 * alone.
 *
 * <p>A body that is not well-formed is read as far as it can be. From there on nobody can tell what
 * is whose: every byte that is neither white space nor one of {@code {}[]:,"} becomes {@value
 * #MASK}, a control character that no JSON may contain, so that what was not JSON does not become
 * it.
 *
 * <p>To redact what has been redacted changes nothing, if the replacement of a replacement is
 * itself. Safe for use by any number of threads.
 */
public final class JsonRedaction {

  /** ASCII's SUBSTITUTE. */
  private static final byte MASK = 0x1A;

  private final String member;
  private final UnaryOperator<String> replacement;

  /**
   * @param member the name of the member
   * @param replacement gets a string's value, or the exact text of any other value but null, which
   *     stays; gives the new value, which becomes a string: ASCII without quotes and backslashes
   */
  public JsonRedaction(String member, UnaryOperator<String> replacement) {
    this.member = member;
    this.replacement = replacement;
  }

  /**
   * Redacts a body. Never throws, whatever the body contains.
   *
   * @param body not changed
   * @return the same array where there was nothing to replace
   */
  public byte[] redact(byte[] body) {
    Copy copy = new Copy(body);
    for (int i = 0; i < Math.min(4, body.length); i++) {
      if (body[i] == 0) {
        // Jackson would take it for a sign of UTF-16 or UTF-32.
        return copy.masked(0);
      }
    }
    int readable = 0;
    try (JsonParser parser = Jackson.CHECKED.createParser(body)) {
      while (parser.nextToken() != null) {
        if (parser.currentToken() != JsonToken.FIELD_NAME) {
          parser.finishToken();
        } else if (parser.currentName().equals(member)) {
          readable = offset(parser); // perhaps after the value's quote, never after more of it
          replaceValue(parser, copy);
        }
        readable = offset(parser);
      }
      return copy.whole();
    } catch (JsonProcessingException e) {
      return copy.masked(readable);
    } catch (IOException e) {
      throw new UncheckedIOException("bytes in memory cannot fail to be read", e);
    }
  }

  private void replaceValue(JsonParser parser, Copy copy) throws IOException {
    JsonToken token = parser.nextToken();
    if (token == null || token == JsonToken.VALUE_NULL) {
      return;
    }
    int start = Math.toIntExact(parser.currentTokenLocation().getByteOffset());
    String text = token == JsonToken.VALUE_STRING ? Scalars.unicode(parser.getText()) : null;
    parser.finishToken();
    parser.skipChildren();
    int end = offset(parser);
    copy.replace(start, end, replacement.apply(text == null ? copy.original(start, end) : text));
  }

  /** The first byte after what has been read. */
  private static int offset(JsonParser parser) {
    return Math.toIntExact(parser.currentLocation().getByteOffset());
  }

  /** The body on its way to what it becomes. */
  private static final class Copy {

    private final byte[] body;
    private final ByteArrayOutputStream out;
    private int copied;
    private boolean changed;

    Copy(byte[] body) {
      this.body = body;
      this.out = new ByteArrayOutputStream(body.length);
    }

    String original(int start, int end) {
      return new String(body, start, end - start, StandardCharsets.UTF_8);
    }

    void replace(int start, int end, String value) {
      out.write(body, copied, start - copied);
      out.writeBytes(('"' + value + '"').getBytes(StandardCharsets.US_ASCII));
      copied = end;
      changed = true;
    }

    byte[] whole() {
      if (!changed) {
        return body;
      }
      out.write(body, copied, body.length - copied);
      return out.toByteArray();
    }

    byte[] masked(int from) {
      int start = Math.max(from, copied);
      out.write(body, copied, start - copied);
      for (int i = start; i < body.length; i++) {
        boolean isPlain = " \t\r\n{}[]:,\"".indexOf(body[i]) >= 0;
        out.write(isPlain ? body[i] : MASK);
      }
      return out.toByteArray();
    }
  }
}
