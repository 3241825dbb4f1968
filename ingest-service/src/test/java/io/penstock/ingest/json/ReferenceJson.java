package io.penstock.ingest.json;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/** RFC 8259 by recursive descent, plus our own rules: what {@link JsonScan} is compared with. */
public final class ReferenceJson {

  private final String text;
  private int at;

  private ReferenceJson(String text) {
    this.text = text;
  }

  /** Whether every reader understands a body alike. */
  public static boolean accepts(byte[] body) {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException e) {
      return false;
    }
    ReferenceJson json = new ReferenceJson(text.startsWith("\uFEFF") ? text.substring(1) : text);
    try {
      json.space();
      json.value(0);
      json.space();
      return json.at == json.text.length();
    } catch (Refused e) {
      return false;
    }
  }

  private void value(int depth) {
    switch (peek()) {
      case '{' -> object(depth + 1);
      case '[' -> array(depth + 1);
      case '"' -> string();
      case 't' -> literal("true");
      case 'f' -> literal("false");
      case 'n' -> literal("null");
      default -> number();
    }
  }

  private void object(int depth) {
    limit(depth);
    expect('{');
    space();
    Set<String> names = new HashSet<>();
    if (peek() != '}') {
      do {
        space();
        String name = string();
        if (!names.add(name) || !StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
          throw new Refused();
        }
        space();
        expect(':');
        space();
        value(depth);
        space();
      } while (skip(','));
    }
    expect('}');
  }

  private void array(int depth) {
    limit(depth);
    expect('[');
    space();
    if (peek() != ']') {
      do {
        space();
        value(depth);
        space();
      } while (skip(','));
    }
    expect(']');
  }

  private String string() {
    expect('"');
    StringBuilder value = new StringBuilder();
    while (peek() != '"') {
      char c = next();
      if (c < ' ') {
        throw new Refused();
      }
      value.append(c == '\\' ? escaped() : c);
    }
    expect('"');
    return value.toString();
  }

  private char escaped() {
    char c = next();
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> {
        int code = 0;
        for (int i = 0; i < 4; i++) {
          int digit = "0123456789abcdef".indexOf(Character.toLowerCase(next()));
          if (digit < 0) {
            throw new Refused();
          }
          code = code * 16 + digit;
        }
        yield (char) code;
      }
      default -> throw new Refused();
    };
  }

  private void number() {
    skip('-');
    if (!skip('0')) {
      digits();
    }
    if (skip('.')) {
      digits();
    }
    if (skip('e') || skip('E')) {
      if (!skip('+')) {
        skip('-');
      }
      digits();
    }
  }

  private void digits() {
    int start = at;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    if (at == start) {
      throw new Refused();
    }
  }

  private void literal(String literal) {
    if (!text.startsWith(literal, at)) {
      throw new Refused();
    }
    at += literal.length();
  }

  private void space() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private boolean skip(char c) {
    boolean found = at < text.length() && text.charAt(at) == c;
    at += found ? 1 : 0;
    return found;
  }

  private void expect(char c) {
    if (next() != c) {
      throw new Refused();
    }
  }

  private char next() {
    char c = peek();
    at++;
    return c;
  }

  private char peek() {
    if (at >= text.length()) {
      throw new Refused();
    }
    return text.charAt(at);
  }

  private static void limit(int depth) {
    if (depth > 1000) {
      throw new Refused();
    }
  }

  private static final class Refused extends RuntimeException {
    Refused() {
      super(null, null, false, false);
    }
  }
}
