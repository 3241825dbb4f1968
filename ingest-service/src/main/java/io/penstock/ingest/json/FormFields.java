package io.penstock.ingest.json;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the fields of a body of the type {@value #TYPE}: pairs with {@code &} between, a name and a
 * value each, percent-encoded UTF-8, where a plus sign is a space.
 *
 * <p>Strict: a body with a control character, a percent sign without its two digits, or bytes that
 * are not UTF-8 once decoded has no fields; nor has one with more than {@value #MAX_FIELDS}. Costs
 * time linear in the body's size. Never throws for anything that a body contains.
 */
public final class FormFields {

  /** The media type of such bodies. */
  public static final String TYPE = "application/x-www-form-urlencoded";

  /** The most fields that a body may have. */
  public static final int MAX_FIELDS = 1000;

  /** Beyond twice the body's size, the most bytes that its fields take as JSON. */
  public static final int MAX_JSON_OVERHEAD = 8 * MAX_FIELDS;

  private FormFields() {}

  /** What reading a body comes to. */
  public sealed interface Result {}

  /**
   * Its fields.
   *
   * @param values each field's values in their order, the fields in the order of their first
   *     occurrence
   */
  public record Fields(Map<String, List<String>> values) implements Result {

    /**
     * The fields as a JSON object in UTF-8: a text each, or an array of texts where a field occurs
     * more than once. At most twice the body's size and {@value #MAX_JSON_OVERHEAD} bytes.
     */
    public byte[] json() {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      try (JsonGenerator json = Jackson.CHECKED.createGenerator(out)) {
        json.writeStartObject();
        for (Map.Entry<String, List<String>> field : values.entrySet()) {
          json.writeFieldName(field.getKey());
          if (field.getValue().size() == 1) {
            json.writeString(field.getValue().getFirst());
          } else {
            json.writeStartArray();
            for (String value : field.getValue()) {
              json.writeString(value);
            }
            json.writeEndArray();
          }
        }
        json.writeEndObject();
      } catch (IOException e) {
        throw new UncheckedIOException("memory cannot fail to be written", e);
      }
      return out.toByteArray();
    }
  }

  /**
   * The body is no form.
   *
   * @param detail why, in words of ours; never a part of the body
   */
  public record NoForm(String detail) implements Result {}

  /**
   * Whether a request says that its body is a form.
   *
   * @param contentType as sent; null where it is absent
   */
  public static boolean isForm(@Nullable String contentType) {
    if (contentType == null) {
      return false;
    }
    int end = contentType.indexOf(';');
    String type = end < 0 ? contentType : contentType.substring(0, end);
    return type.strip().toLowerCase(Locale.ROOT).equals(TYPE);
  }

  /** Reads a body. An empty one has no fields. */
  public static Result read(byte[] body) {
    Map<String, List<String>> values = new LinkedHashMap<>();
    int fields = 0;
    int start = 0;
    int equals = -1; // of this pair, the first
    try {
      for (int at = 0; at <= body.length; at++) {
        byte b = at == body.length ? (byte) '&' : body[at];
        if ((b >= 0 && b < ' ') || b == 0x7F) {
          return new NoForm("a control character, at byte " + at);
        }
        if (b == '=' && equals < 0) {
          equals = at;
        } else if (b == '&') {
          if (at > start) {
            fields++;
            if (fields > MAX_FIELDS) {
              return new NoForm("more than " + MAX_FIELDS + " fields");
            }
            String name = decoded(body, start, equals < 0 ? at : equals);
            String value = equals < 0 ? "" : decoded(body, equals + 1, at);
            values.computeIfAbsent(name, absent -> new ArrayList<>(1)).add(value);
          }
          start = at + 1;
          equals = -1;
        }
      }
    } catch (CharacterCodingException e) {
      return new NoForm("a field that is not UTF-8, before byte " + Math.min(body.length, start));
    } catch (IllegalArgumentException e) {
      return new NoForm("a percent sign without its two digits, behind byte " + start);
    }
    return new Fields(values);
  }

  private static String decoded(byte[] body, int start, int end) throws CharacterCodingException {
    byte[] bytes = new byte[end - start];
    int length = 0;
    for (int at = start; at < end; at++) {
      byte b = body[at];
      if (b == '+') {
        b = ' ';
      } else if (b == '%') {
        if (at + 2 >= end) {
          throw new IllegalArgumentException("incomplete");
        }
        b = (byte) ((digit(body[at + 1]) << 4) | digit(body[at + 2]));
        at += 2;
      }
      bytes[length++] = b;
    }
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, 0, length)).toString();
  }

  private static int digit(byte character) {
    int digit = character < 0 ? -1 : Character.digit((char) character, 16);
    if (digit < 0) {
      throw new IllegalArgumentException("not a digit");
    }
    return digit;
  }
}
