package io.penstock.ingest.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Takes a secret out of a body that holds it in a member of a known name, and leaves every other
 * byte alone.
 *
 * <p><b>The member.</b> Its value is replaced wherever the member stands, at whatever depth and
 * however its name is written: in any case, and with {@code _}, {@code -} or a space between its
 * words.
 *
 * <p><b>The secret elsewhere.</b> Each text of {@value #MIN_SECRET} bytes or more that stands in
 * such a member is looked for in all other strings, names and numbers of the body, before the
 * member and after it, however it is spelt there (see {@link TextFinder}). Of a string only the
 * secret becomes {@value #MASK}; a name becomes a mask of its own, since no object may have two
 * equal names; a number becomes 0. Shorter texts are replaced only in their member: they occur in
 * too many places by chance, and are no usable secrets.
 *
 * <p><b>A body that is not well-formed</b> is read up to its first error. Behind the error it is
 * unknown which bytes belong to a secret: every byte that is neither white space nor one of {@code
 * {}[]:,"} becomes {@value RedactedCopy#UNREADABLE}, a control character that JSON never contains,
 * so that the result is not well-formed either. If the secret may stand behind the error only, it
 * is unknown, and every text of the readable part that could contain it is masked too, except for
 * the documented vocabulary. The same happens to a body with more secrets than can be searched for
 * ({@value TextFinder#MAX_BYTES} bytes of them).
 *
 * <p><b>Size.</b> A redacted body has at most {@value #MAX_GROWTH} bytes more than the body had. A
 * replacement that would exceed this becomes an empty string, or 0 if the value was not a string.
 *
 * <p>A body that {@link JsonScan} accepts is accepted after redaction too. A second redaction
 * changes nothing, if the replacement of a replacement is that replacement. The cost is linear in
 * the body's size. Safe for use by any number of threads.
 */
public final class JsonRedaction {

  /** How many bytes larger a body may become. */
  public static final int MAX_GROWTH = 256;

  /** The fewest bytes of a secret that is looked for outside of its member. */
  public static final int MIN_SECRET = 6;

  /** Stands in a string where the secret stood. */
  private static final String MASK = "***";

  /** Tried in turn, where a secret has the usual mask's character in it. */
  private static final String MASK_CHARACTERS = "*_~.-!|^";

  private static final String EMPTY = "\"\"";
  private static final String ZERO = "0";

  private final SecretMember member;
  private final UnaryOperator<String> replacement;
  private final Set<String> vocabulary;

  /**
   * A redaction of one member.
   *
   * @param member the documented name of the member
   * @param replacement gets a string's value, or the exact text of any other value but null, which
   *     stays; gives the new value, which becomes a string: ASCII without quotes and backslashes,
   *     of at most 64 characters
   * @param vocabulary documented names and values, which are no secrets
   */
  public JsonRedaction(String member, UnaryOperator<String> replacement, Set<String> vocabulary) {
    this.member = new SecretMember(member);
    this.replacement = replacement;
    this.vocabulary = Set.copyOf(vocabulary);
  }

  /**
   * Redacts a body. Never throws, whatever the body contains.
   *
   * @param body not changed
   * @return the same array where there was nothing to replace
   */
  public byte[] redact(byte[] body) {
    for (int i = 0; i < Math.min(4, body.length); i++) {
      if (body[i] == 0) {
        // Jackson would take it for a sign of UTF-16 or UTF-32.
        return new RedactedCopy(body, MAX_GROWTH).masked(0);
      }
    }
    Secrets secrets = secrets(body);
    if (secrets.isWhole && !secrets.hasMember) {
      return body;
    }
    return new Pass(body, secrets).run();
  }

  private boolean isReplacement(String text) {
    return replacement.apply(text).equals(text);
  }

  /** The first byte after what has been read. */
  private static int offset(JsonParser parser) {
    return Math.toIntExact(parser.currentLocation().getByteOffset());
  }

  /** The first byte of the current token. */
  private static int start(JsonParser parser) {
    return Math.toIntExact(parser.currentTokenLocation().getByteOffset());
  }

  /** The first byte after a string that starts, with its quote, at a place. */
  private static int endOfString(byte[] body, int start) {
    int i = start + 1;
    while (body[i] != '"') {
      i += body[i] == '\\' ? 2 : 1;
    }
    return i + 1;
  }

  /** The first byte after a number that starts at a place. */
  private static int endOfNumber(byte[] body, int start) {
    int i = start;
    while (i < body.length && "+-.0123456789Ee".indexOf(body[i]) >= 0) {
      i++;
    }
    return i;
  }

  /** What a first reading found. */
  private static final class Secrets {

    final Set<String> texts = new LinkedHashSet<>();
    boolean hasMember;
    boolean isWhole;
    int readable;
  }

  /** Reads all members of the name, and how far the body is JSON. */
  private Secrets secrets(byte[] body) {
    Secrets secrets = new Secrets();
    try (JsonParser parser = Jackson.CHECKED.createParser(body)) {
      while (parser.nextToken() != null) {
        if (parser.currentToken() != JsonToken.FIELD_NAME) {
          parser.finishToken();
        } else if (member.isNamed(parser.currentName())) {
          secrets.readable = offset(parser); // perhaps after the value's quote, never after more
          addTexts(parser, secrets);
          secrets.hasMember = true;
        }
        secrets.readable = offset(parser);
      }
      secrets.isWhole = true;
    } catch (JsonProcessingException e) {
      secrets.isWhole = false;
    } catch (IOException e) {
      throw new UncheckedIOException("bytes in memory cannot fail to be read", e);
    }
    return secrets;
  }

  /** The texts of a value, in whatever it is made of. */
  private void addTexts(JsonParser parser, Secrets secrets) throws IOException {
    int depth = 0;
    do {
      JsonToken token = parser.nextToken();
      if (token == null) {
        return;
      }
      if (token.isStructStart()) {
        depth++;
      } else if (token.isStructEnd()) {
        depth--;
      } else if (token == JsonToken.VALUE_STRING
          || token == JsonToken.FIELD_NAME
          || token.isNumeric()) {
        String text = Scalars.unicode(parser.getText());
        if (text.length() >= MIN_SECRET && !isReplacement(text)) {
          secrets.texts.add(text);
        }
      }
    } while (depth > 0);
  }

  /** The reading that replaces. */
  private final class Pass {

    private final byte[] body;
    private final RedactedCopy copy;
    private final @Nullable TextFinder finder;

    /** Whether every text is masked that could hold a secret. */
    private final boolean hidesAll;

    private final String mask;
    private final Set<String> names = new HashSet<>();
    private boolean hasNames;
    private int maskedNames;

    /** How much larger the copy may still become. */
    private int growth = MAX_GROWTH - 2 * 64;

    private boolean isRootReplaced;

    Pass(byte[] body, Secrets secrets) {
      this.body = body;
      this.copy = new RedactedCopy(body, MAX_GROWTH);
      boolean isTooMuch = bytes(secrets.texts) > TextFinder.MAX_BYTES;
      this.hidesAll =
          isTooMuch
              || (!secrets.isWhole
                  && (!secrets.hasMember || member.mayStandIn(body, secrets.readable)));
      this.finder = hidesAll || secrets.texts.isEmpty() ? null : new TextFinder(secrets.texts);
      this.mask = String.valueOf(maskCharacter(secrets.texts)).repeat(MASK.length());
    }

    private static long bytes(Set<String> texts) {
      return texts.stream().mapToLong(text -> text.getBytes(StandardCharsets.UTF_8).length).sum();
    }

    /** A character of no secret, so that a mask and the text beside it never form a secret. */
    private static char maskCharacter(Set<String> texts) {
      for (int i = 0; i < MASK_CHARACTERS.length(); i++) {
        char c = MASK_CHARACTERS.charAt(i);
        if (texts.stream().noneMatch(text -> text.indexOf(c) >= 0)) {
          return c;
        }
      }
      return MASK_CHARACTERS.charAt(0);
    }

    byte[] run() {
      int readable = 0;
      int depth = 0;
      try (JsonParser parser = Jackson.CHECKED.createParser(body)) {
        for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
          switch (token) {
            case START_OBJECT, START_ARRAY -> depth++;
            case END_OBJECT, END_ARRAY -> depth--;
            case FIELD_NAME -> {
              if (member.isNamed(parser.currentName())) {
                readable = offset(parser); // perhaps after the value's quote, never after more
                replaceValue(parser, depth == 1 && parser.currentName().equals(member.name()));
              } else {
                name(parser);
              }
            }
            case VALUE_STRING -> {
              parser.finishToken();
              text(start(parser));
            }
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
              parser.finishToken();
              number(start(parser));
            }
            default -> parser.finishToken();
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

    private void replaceValue(JsonParser parser, boolean isRoot) throws IOException {
      JsonToken token = parser.nextToken();
      if (token == null || token == JsonToken.VALUE_NULL) {
        return;
      }
      int start = start(parser);
      String text = token == JsonToken.VALUE_STRING ? Scalars.unicode(parser.getText()) : null;
      parser.finishToken();
      parser.skipChildren();
      int end = offset(parser);
      String original = copy.original(start, end);
      boolean isEmpty = original.equals(text == null ? ZERO : EMPTY);
      boolean isFirstAtRoot = isRoot && !isRootReplaced;
      if (isEmpty && !isFirstAtRoot) {
        return;
      }
      String value = '"' + replacement.apply(text == null ? original : text) + '"';
      int more = value.length() - (end - start);
      if (isFirstAtRoot) {
        isRootReplaced = true; // it has its own share of what the body may grow by
      } else if (more > growth) {
        value = text == null ? ZERO : EMPTY;
      } else {
        growth -= Math.max(0, more);
      }
      copy.replace(start, end, value);
    }

    private void text(int start) {
      int from = start + 1;
      int to = endOfString(body, start) - 1;
      if (hidesAll) {
        if (mayHide(from, to)) {
          copy.replace(from, to, mask);
        }
      } else if (finder != null && to - from >= MIN_SECRET) {
        int[] found = finder.find(body, from, to).intervals();
        for (int i = 0; i < found.length; i += 2) {
          copy.replace(found[i], found[i + 1], mask);
        }
      }
    }

    private void name(JsonParser parser) {
      int start = start(parser);
      int to = endOfString(body, start) - 1;
      if (isToBeMasked(start + 1, to)) {
        copy.replace(start + 1, to, uniqueName());
      }
    }

    private void number(int from) {
      int to = endOfNumber(body, from); // at the root the parser is behind a space already
      if (isToBeMasked(from, to)) {
        copy.replace(from, to, ZERO);
      }
    }

    private boolean isToBeMasked(int from, int to) {
      return hidesAll
          ? mayHide(from, to)
          : finder != null && to - from >= MIN_SECRET && !finder.find(body, from, to).isEmpty();
    }

    private boolean mayHide(int from, int to) {
      if (to - from < MIN_SECRET) {
        return false;
      }
      String text = copy.original(from, to);
      return !vocabulary.contains(text) && !isReplacement(text);
    }

    /** A name that the body has nowhere, shorter than any secret. */
    private String uniqueName() {
      if (!hasNames) {
        hasNames = true;
        readNames();
      }
      String name;
      do {
        name = mask.charAt(0) + Integer.toString(maskedNames++, Character.MAX_RADIX);
      } while (names.contains(name));
      return name;
    }

    private void readNames() {
      try (JsonParser parser = Jackson.CHECKED.createParser(body)) {
        while (parser.nextToken() != null) {
          if (parser.currentToken() == JsonToken.FIELD_NAME
              && parser.currentName().length() <= MIN_SECRET) {
            names.add(parser.currentName());
          }
        }
      } catch (JsonProcessingException e) {
        hasNames = true; // those before the error are all that count
      } catch (IOException e) {
        throw new UncheckedIOException("bytes in memory cannot fail to be read", e);
      }
    }
  }
}
