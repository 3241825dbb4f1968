package io.penstock.ingest.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.google.common.base.Utf8;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One pass over a body that decides whether it is well-formed JSON and captures a few of its
 * members.
 *
 * <p>Well-formed means that every reader understands the body in the same way: exactly RFC 8259, in
 * UTF-8 (a byte order mark is tolerated), one value with nothing after it, no object that repeats a
 * member's name, no name with half a surrogate pair (RFC 7493), and at most {@value
 * Jackson#MAX_DEPTH} levels deep. A string's value may contain half a surrogate pair, because texts
 * are sometimes cut in the middle of an emoji. The value at the root may be of any kind. The caller
 * bounds the size of a body; a pass costs time linear in it. Numbers are not converted.
 *
 * <p>Compiled once from the paths, then safe for use by any number of threads.
 */
public final class JsonScan {

  private final Node root;
  private final PlainScan plain;

  /** For each path, the place of its member in {@link Members}. */
  private final Map<String, Integer> places;

  JsonScan(Node root, Map<String, Integer> places) {
    this.root = root;
    this.plain = new PlainScan(root);
    this.places = places;
  }

  /**
   * A scan that captures the members at some paths. Members are found below objects only: {@code
   * a.b} names nothing in {@code {"a": [{"b": 1}]}}.
   *
   * @param paths names of members, each with its parents', joined by dots; {@link Members} has what
   *     was found at each of them
   */
  public static JsonScan of(String... paths) {
    Node root = new Node();
    Map<String, Integer> places = new HashMap<>();
    for (String path : paths) {
      Node node = root;
      for (String name : path.split("\\.", -1)) {
        if (name.isEmpty()) {
          throw new IllegalArgumentException("Not a path: " + path);
        }
        node = node.children.computeIfAbsent(name, absent -> new Node());
      }
      node.place = places.size();
      if (places.put(path, node.place) != null) {
        throw new IllegalArgumentException("Twice the same path: " + path);
      }
    }
    return new JsonScan(root, Map.copyOf(places));
  }

  /** Reads a body. Never throws, whatever the body contains. */
  public Result scan(byte[] body) {
    if (!Utf8.isWellFormed(body)) {
      return new Malformed("not UTF-8, at byte " + Utf8Fault.at(body));
    }
    Members plainly = new Members(places, Kind.OBJECT);
    return plain.takes(body, plainly) ? plainly : parse(body);
  }

  /** The long way, of a body in UTF-8. */
  Result parse(byte[] body) {
    for (int i = 0; i < Math.min(4, body.length); i++) {
      if (body[i] == 0) {
        // Jackson would take it for a sign of UTF-16 or UTF-32.
        return new Malformed("a NUL, at byte " + i);
      }
    }
    try (JsonParser parser = Jackson.STRICT.createParser(body)) {
      JsonToken first = parser.nextToken();
      if (first == null) {
        return new Malformed("empty");
      }
      Members members = new Members(places, Kind.of(first));
      if (first == JsonToken.START_OBJECT) {
        members.unlisted = capture(parser, root, members);
      } else if (first == JsonToken.START_ARRAY && root.isInArrays) {
        captureItems(parser, root, members);
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
   * Captures the members of an object, and tells whether it has members that are neither on a path
   * nor on the way to one. Members below a captured member do not count: the reader of that member
   * knows them.
   */
  private static boolean capture(JsonParser parser, Node node, Members members) throws IOException {
    boolean hasUnlisted = false;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      Node child = node.children.get(parser.currentName());
      JsonToken token = parser.nextToken();
      if (child == null) {
        parser.skipChildren();
        hasUnlisted = true;
        continue;
      }
      hasUnlisted |= captureValue(parser, token, child, members);
    }
    return hasUnlisted;
  }

  /** Captures the items of an array by their places in it, for pointers. */
  private static void captureItems(JsonParser parser, Node node, Members members)
      throws IOException {
    int index = 0;
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      Node child = node.children.get(Integer.toString(index));
      index++;
      if (child == null) {
        parser.skipChildren();
      } else {
        captureValue(parser, token, child, members);
      }
    }
  }

  /** Captures a value that is on a path; tells whether there are unlisted members below it. */
  private static boolean captureValue(
      JsonParser parser, JsonToken token, Node child, Members members) throws IOException {
    int place = child.place;
    if (place >= 0) {
      members.kinds[place] = Kind.of(token);
      members.starts[place] = Math.toIntExact(parser.currentTokenLocation().getByteOffset());
      if (token == JsonToken.VALUE_STRING || token.isNumeric()) {
        members.texts[place] = parser.getText();
      }
    }
    boolean isOnlyOnTheWay = place < 0;
    boolean hasUnlisted = false;
    if (token == JsonToken.START_OBJECT && !child.children.isEmpty()) {
      boolean unlistedBelow = capture(parser, child, members);
      hasUnlisted = isOnlyOnTheWay && unlistedBelow;
    } else if (token == JsonToken.START_ARRAY && child.isInArrays && !child.children.isEmpty()) {
      captureItems(parser, child, members);
    } else {
      parser.skipChildren();
      hasUnlisted = isOnlyOnTheWay && token != JsonToken.VALUE_NULL;
    }
    if (place >= 0) {
      members.ends[place] = Math.toIntExact(parser.currentLocation().getByteOffset());
    }
    return hasUnlisted;
  }

  /** Tells a repeated name from a broken grammar: a parser that allows the former gets further. */
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

  /** What {@link #scan} found. */
  public sealed interface Result {}

  /**
   * The body is not well-formed.
   *
   * @param detail the error and its byte, counted from 0, in words of ours; never a part of the
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

  /**
   * The body is well-formed: these are the members at the scan's paths.
   *
   * <p>Every method that takes a path throws {@link IllegalArgumentException} if the scan was not
   * made with it.
   */
  public static final class Members implements Result {

    private final Map<String, Integer> places;
    private final Kind root;
    private boolean unlisted;
    private final @Nullable Kind[] kinds;
    private final @Nullable String[] texts;
    private final int[] starts;
    private final int[] ends;

    private Members(Map<String, Integer> places, Kind root) {
      this.places = places;
      this.root = root;
      this.kinds = new Kind[places.size()];
      this.texts = new String[places.size()];
      this.starts = new int[places.size()];
      this.ends = new int[places.size()];
    }

    void set(int place, Kind kind, int start, int end, String text) {
      kinds[place] = kind;
      starts[place] = start;
      ends[place] = end;
      texts[place] = kind == Kind.STRING || kind == Kind.NUMBER ? text : null;
    }

    void setUnlisted(boolean value) {
      unlisted = value;
    }

    private int place(String path) {
      Integer place = places.get(path);
      if (place == null) {
        throw new IllegalArgumentException("Not a path of this scan: " + path);
      }
      return place;
    }

    /** The kind of the whole body's value. */
    public Kind root() {
      return root;
    }

    /**
     * Whether the root is an object with members that are neither on a path nor on the way to one.
     * Members below a captured member do not count.
     */
    public boolean hasUnlisted() {
      return unlisted;
    }

    /** The kind of a member's value; null where there is no such member. */
    public @Nullable Kind kind(String path) {
      return kinds[place(path)];
    }

    /**
     * A string's value, with U+FFFD for half a surrogate pair, or a number's literal text; null for
     * everything else.
     */
    public @Nullable String text(String path) {
      String text = texts[place(path)];
      return text == null ? null : Scalars.unicode(text);
    }

    /** Whether there is a member here that is neither a string nor a number nor null. */
    public boolean isOtherThanText(String path) {
      return isGiven(path) && texts[place(path)] == null;
    }

    /**
     * A string or a number that can identify something: a string's value, or a number's literal
     * text. Null for other kinds, for an empty string, and for a string with half a surrogate pair,
     * which readers do not agree on.
     */
    public @Nullable String stringOrNumber(String path) {
      String text = texts[place(path)];
      return text == null || text.isEmpty() || !Scalars.isUnicode(text) ? null : text;
    }

    /**
     * A member that is a time, in milliseconds since 1970, of a sender that documents no zone: a
     * text without a zone is not a time.
     */
    public @Nullable Long millis(String path) {
      return millis(path, null);
    }

    /**
     * A member that is a time, in milliseconds since 1970: a whole number of them, also as text, or
     * text with date and time. Null for everything else, by the rules of {@link JsonToAvro}.
     *
     * @param zone the zone of a text that names none; null if such a text is not a time
     */
    public @Nullable Long millis(String path, @Nullable ZoneOffset zone) {
      int place = place(path);
      String text = texts[place];
      if (text == null) {
        return null;
      }
      return kinds[place] == Kind.NUMBER
          ? Scalars.millisOfNumber(text)
          : Scalars.millisOfText(text, zone);
    }

    /**
     * As {@link #millis(String)}, of a sender that writes whole or decimal seconds since 1970 just
     * as well: no plausible number of the one is one of the other.
     */
    public @Nullable Long millisOrSeconds(String path) {
      String text = texts[place(path)];
      return text == null ? null : Scalars.millisOrSeconds(text);
    }

    /** A whole number that a long holds, or a text of one; null for everything else. */
    public @Nullable Long integer(String path) {
      int place = place(path);
      String text = texts[place];
      if (text == null) {
        return null;
      }
      return kinds[place] == Kind.NUMBER ? Scalars.integer(text) : Scalars.integerOfText(text);
    }

    /** Whether there is a member here that is not null. */
    public boolean isGiven(String path) {
      Kind kind = kinds[place(path)];
      return kind != null && kind != Kind.NULL;
    }

    /** Where a member's value starts in the body; meaningless where there is no such member. */
    public int start(String path) {
      return starts[place(path)];
    }

    /**
     * Where a member's value ends in the body: the first byte after it; meaningless where there is
     * no such member.
     */
    public int end(String path) {
      return ends[place(path)];
    }
  }

  /** A name on the way to a path's end, or the end itself. */
  static final class Node {
    final Map<String, Node> children = new HashMap<>();
    int place = -1;

    /** Whether the way leads through arrays too, by an item's place. */
    boolean isInArrays;
  }
}
