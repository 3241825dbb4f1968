package io.penstock.ingest.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.google.common.base.Utf8;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One pass over a body that decides whether it is well-formed JSON and captures a few of its
 * members.
 *
 * <p>Well-formed is what every reader understands alike: RFC 8259 to the letter, in UTF-8 (a byte
 * order mark is tolerated), one value with nothing after it, no object that repeats a member's
 * name, no name with half a surrogate pair (RFC 7493), and at most {@value Jackson#MAX_DEPTH}
 * levels deep. A string's value may have such halves: what people wrote is sometimes cut in the
 * middle of an emoji. The value at the root may be of any kind, and no length is limited: the size
 * of a body is the caller's to bound. A pass costs time linear in that size; numbers are not
 * converted.
 *
 * <p>Compiled once from the paths, then safe for use by any number of threads.
 */
public final class JsonScan {

  private final Node root;
  private final int size;

  private JsonScan(Node root, int size) {
    this.root = root;
    this.size = size;
  }

  /**
   * A scan that captures the members at some paths. Members are found below objects only: {@code
   * a.b} names nothing in {@code {"a": [{"b": 1}]}}.
   *
   * @param paths names of members, each with its parents', joined by dots. In what a scan finds, a
   *     member's index is the index of its path here
   */
  public static JsonScan of(String... paths) {
    Node root = new Node();
    for (int i = 0; i < paths.length; i++) {
      Node node = root;
      for (String name : paths[i].split("\\.", -1)) {
        if (name.isEmpty()) {
          throw new IllegalArgumentException("Not a path: " + paths[i]);
        }
        node = node.children.computeIfAbsent(name, absent -> new Node());
      }
      if (node.index >= 0) {
        throw new IllegalArgumentException("Twice the same path: " + paths[i]);
      }
      node.index = i;
    }
    return new JsonScan(root, paths.length);
  }

  /** Reads a body. Never throws, whatever the body contains. */
  public Result scan(byte[] body) {
    if (!Utf8.isWellFormed(body)) {
      return new Malformed("not UTF-8, at byte " + firstNotUtf8(body));
    }
    for (int i = 0; i < Math.min(4, body.length); i++) {
      if (body[i] == 0) {
        // No JSON has one, and Jackson would take it for a sign of UTF-16 or UTF-32.
        return new Malformed("a NUL, at byte " + i);
      }
    }
    try (JsonParser parser = Jackson.STRICT.createParser(body)) {
      JsonToken first = parser.nextToken();
      if (first == null) {
        return new Malformed("empty");
      }
      Members members = new Members(size, Kind.of(first));
      if (first == JsonToken.START_OBJECT) {
        members.hasOthers = capture(parser, root, members);
      } else {
        parser.skipChildren();
      }
      if (parser.nextToken() != null) {
        return new Malformed(
            "more than one JSON value, at byte " + parser.currentTokenLocation().getByteOffset());
      }
      return members;
    } catch (StreamConstraintsException e) {
      return new Malformed(
          "nested deeper than " + Jackson.MAX_DEPTH + " levels, near byte " + offset(e));
    } catch (JsonProcessingException e) {
      return malformed(body, offset(e));
    } catch (IOException e) {
      throw new UncheckedIOException("bytes in memory cannot fail to be read", e);
    }
  }

  /**
   * Whether there were members that are on no path's way, and that nobody else reads: what stands
   * below a captured member is its reader's to know.
   */
  private static boolean capture(JsonParser parser, Node node, Members members) throws IOException {
    boolean hasOthers = false;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      Node child = node.children.get(parser.currentName());
      JsonToken token = parser.nextToken();
      if (child == null) {
        parser.skipChildren();
        hasOthers = true;
        continue;
      }
      int index = child.index;
      if (index >= 0) {
        members.kinds[index] = Kind.of(token);
        members.starts[index] = Math.toIntExact(parser.currentTokenLocation().getByteOffset());
        if (token == JsonToken.VALUE_STRING || token.isNumeric()) {
          members.texts[index] = parser.getText();
        }
      }
      boolean isOnlyOnTheWay = index < 0;
      if (token == JsonToken.START_OBJECT && !child.children.isEmpty()) {
        boolean hasOthersBelow = capture(parser, child, members);
        hasOthers |= isOnlyOnTheWay && hasOthersBelow;
      } else {
        parser.skipChildren();
        hasOthers |= isOnlyOnTheWay && token != JsonToken.VALUE_NULL;
      }
      if (index >= 0) {
        members.ends[index] = Math.toIntExact(parser.currentLocation().getByteOffset());
      }
    }
    return hasOthers;
  }

  /** Tells a repeated name from a broken grammar: whoever does not mind the former gets further. */
  private static Malformed malformed(byte[] body, long offset) {
    try (JsonParser parser = Jackson.CHECKED.createParser(body)) {
      while (parser.nextToken() != null) {
        if (parser.currentLocation().getByteOffset() > offset) {
          break;
        }
      }
      return new Malformed("an object repeats a member's name, near byte " + offset);
    } catch (JsonProcessingException e) {
      return new Malformed(
          offset(e) > offset
              ? "an object repeats a member's name, near byte " + offset
              : "not JSON, near byte " + offset);
    } catch (IOException e) {
      throw new UncheckedIOException("bytes in memory cannot fail to be read", e);
    }
  }

  private static long offset(JsonProcessingException e) {
    return e.getLocation() == null ? -1 : e.getLocation().getByteOffset();
  }

  private static int firstNotUtf8(byte[] body) {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(body);
    CharBuffer out = CharBuffer.allocate(1024);
    while (decoder.decode(in, out, true).isOverflow()) {
      out.clear();
    }
    return in.position();
  }

  /** What {@link #scan} found. */
  public sealed interface Result {}

  /**
   * The body is not well-formed.
   *
   * @param detail what is wrong and at which byte, counted from 0, in words of ours: nothing of the
   *     body
   */
  public record Malformed(String detail) implements Result {}

  /** The kinds of JSON values. */
  public enum Kind {
    STRING,
    NUMBER,
    BOOLEAN,
    NULL,
    OBJECT,
    ARRAY;

    private static Kind of(JsonToken first) {
      return switch (first) {
        case VALUE_STRING -> STRING;
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> NUMBER;
        case VALUE_TRUE, VALUE_FALSE -> BOOLEAN;
        case VALUE_NULL -> NULL;
        case START_OBJECT -> OBJECT;
        case START_ARRAY -> ARRAY;
        case FIELD_NAME, END_OBJECT, END_ARRAY, NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT ->
            throw new IllegalArgumentException(first + " starts no value");
      };
    }
  }

  /** The body is well-formed: these are the members at the scan's paths. */
  public static final class Members implements Result {

    /** Stands in deviations for members that are in no schema and in no documentation. */
    public static final String OTHERS = "*";

    private final Kind root;
    private boolean hasOthers;
    private final @Nullable Kind[] kinds;
    private final @Nullable String[] texts;
    private final int[] starts;
    private final int[] ends;

    private Members(int size, Kind root) {
      this.root = root;
      this.kinds = new Kind[size];
      this.texts = new String[size];
      this.starts = new int[size];
      this.ends = new int[size];
    }

    /** The kind of the whole body's value. */
    public Kind root() {
      return root;
    }

    /**
     * Notes {@link #OTHERS} if the root is an object with members that are on no path's way, beside
     * the first name of a path or beside a later one; but for those below a captured member.
     */
    public void noteOthers(Set<String> deviations) {
      if (hasOthers) {
        deviations.add(OTHERS);
      }
    }

    /** The kind of a member's value; null where there is no such member. */
    public @Nullable Kind kind(int index) {
      return kinds[index];
    }

    /**
     * A string's value, with U+FFFD for half a surrogate pair, or a number's literal text; null for
     * everything else.
     */
    public @Nullable String text(int index) {
      String text = texts[index];
      return text == null ? null : Scalars.unicode(text);
    }

    /** Whether there is a member here that is neither a string nor a number nor null. */
    public boolean isOtherThanText(int index) {
      return texts[index] == null && kinds[index] != null && kinds[index] != Kind.NULL;
    }

    /**
     * A member that may name something: a string's value or a number's literal text. Null where it
     * cannot: for other kinds, for an empty string, and for one that holds half a surrogate pair,
     * since no two readers agree what that is.
     */
    public @Nullable String identifier(int index) {
      String text = texts[index];
      return text == null || text.isEmpty() || !Scalars.isUnicode(text) ? null : text;
    }

    /**
     * A member that tells a time, in milliseconds since 1970, as {@link #millis(int, ZoneOffset)}
     * does of a sender whose zone nobody knows: a text without a zone is none.
     */
    public @Nullable Long millis(int index) {
      return millis(index, null);
    }

    /**
     * A member that tells a time, in milliseconds since 1970: a whole number of them, also as text,
     * or text with date and time. Null for everything else, as {@link JsonToAvro} has it.
     *
     * @param zone that of a text that names none, by the sender's documentation; null if such a
     *     text is no time
     */
    public @Nullable Long millis(int index, @Nullable ZoneOffset zone) {
      String text = texts[index];
      if (text == null) {
        return null;
      }
      return kinds[index] == Kind.NUMBER
          ? Scalars.millisOfNumber(text)
          : Scalars.millisOfText(text, zone);
    }

    /**
     * A member that is a whole number that a long holds, or a text of one; null for everything
     * else.
     */
    public @Nullable Long integer(int index) {
      String text = texts[index];
      if (text == null) {
        return null;
      }
      return kinds[index] == Kind.NUMBER ? Scalars.integer(text) : Scalars.integerOfText(text);
    }

    /** Whether there is a member here that is not null. */
    public boolean isGiven(int index) {
      return kinds[index] != null && kinds[index] != Kind.NULL;
    }

    /** Where a member's value starts in the body; meaningless where there is no such member. */
    public int start(int index) {
      return starts[index];
    }

    /**
     * Where a member's value ends in the body: the first byte after it; meaningless where there is
     * no such member.
     */
    public int end(int index) {
      return ends[index];
    }
  }

  /** A name on the way to a path's end, or the end itself. */
  private static final class Node {
    final Map<String, Node> children = new HashMap<>();
    int index = -1;
  }
}
