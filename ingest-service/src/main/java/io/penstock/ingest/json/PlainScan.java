package io.penstock.ingest.json;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.json.JsonScan.Kind;
import io.penstock.ingest.json.JsonScan.Members;
import java.util.Arrays;

/**
 * The short way of {@link JsonScan}, for what nearly every body is: an object, not deep, whose
 * names have no escapes, well-formed. It reads the bytes themselves, a third of what a parser's
 * tokens take. It never refuses a body: of whatever is not plain it says so, and then Jackson has
 * the word. What it does take, Jackson would take with the same members.
 *
 * <p>Immutable, and safe for use by any number of threads.
 */
final class PlainScan {

  private static final int MOST_DEPTH = 32;

  /** Of all objects on the way from the root, together. Each is compared with its siblings. */
  private static final int MOST_NAMES = 64;

  /** What an object or a value says: nothing more is read, since the body is not plain. */
  private static final int NOT_PLAIN = -1;

  /** Everything below is on a path, or on the way to one. */
  private static final int LISTED = 0;

  private static final int UNLISTED = 1;

  /** A name on the way to a path's end, or the end itself, with what is below it. */
  private static final class Tree {
    static final Tree NONE = new Tree(new JsonScan.Node());

    final int place;
    final byte[][] names;
    final Tree[] below;

    Tree(JsonScan.Node node) {
      place = node.place;
      names = new byte[node.children.size()][];
      below = new Tree[names.length];
      int i = 0;
      for (var child : node.children.entrySet()) {
        names[i] = child.getKey().getBytes(UTF_8);
        below[i++] = new Tree(child.getValue());
      }
    }

    Tree of(byte[] json, int start, int end) {
      for (int i = 0; i < names.length; i++) {
        byte[] name = names[i];
        if (name.length == end - start && Arrays.equals(name, 0, name.length, json, start, end)) {
          return below[i];
        }
      }
      return NONE;
    }
  }

  private final Tree root;
  private final boolean isForObjectsAlone;

  /** For the members of a tree; takes no body where the tree leads through arrays. */
  PlainScan(JsonScan.Node root) {
    this.root = new Tree(root);
    this.isForObjectsAlone = !leadsThroughArrays(root);
  }

  private static boolean leadsThroughArrays(JsonScan.Node node) {
    return node.isInArrays
        || node.children.values().stream().anyMatch(PlainScan::leadsThroughArrays);
  }

  /**
   * Reads a body.
   *
   * @param body in UTF-8, as has been checked
   * @param members gets what the body has; of no use if it is not plain
   * @return whether the body is plain
   */
  boolean takes(byte[] body, Members members) {
    return isForObjectsAlone && new Reader(body, members).readsAll(root);
  }

  private static final class Reader {
    private final byte[] json;
    private final Members members;

    /** Of the objects around: where each name starts and ends. */
    private final int[] names = new int[2 * MOST_NAMES];

    private int nameCount;
    private int at;

    Reader(byte[] json, Members members) {
      this.json = json;
      this.members = members;
    }

    /** The next byte; 0, which is in no plain body, where there is none. */
    private byte next() {
      return at < json.length ? json[at] : 0;
    }

    private void space() {
      while (at < json.length) {
        byte next = json[at];
        if (next != ' ' && next != '\n' && next != '\r' && next != '\t') {
          return;
        }
        at++;
      }
    }

    boolean readsAll(Tree root) {
      space();
      if (next() != '{') {
        return false;
      }
      int content = object(root, 1);
      if (content == NOT_PLAIN) {
        return false;
      }
      members.setUnlisted(content == UNLISTED);
      space();
      return at == json.length;
    }

    private int object(Tree tree, int depth) {
      if (depth > MOST_DEPTH) {
        return NOT_PLAIN;
      }
      int firstName = nameCount;
      int content = LISTED;
      at++;
      space();
      if (next() == '}') {
        at++;
        return content;
      }
      while (true) {
        int start = at + 1;
        if (!isNewName(firstName)) {
          return NOT_PLAIN;
        }
        Tree below = tree.of(json, start, at - 1);
        space();
        if (next() != ':') {
          return NOT_PLAIN;
        }
        at++;
        space();
        int value = value(below, depth);
        if (value == NOT_PLAIN) {
          return NOT_PLAIN;
        }
        content |= below.equals(Tree.NONE) ? UNLISTED : value;
        space();
        byte end = next();
        at++;
        if (end == '}') {
          nameCount = firstName;
          return content;
        }
        if (end != ',') {
          return NOT_PLAIN;
        }
        space();
      }
    }

    /** Reads a name that no member before it in this object has. */
    private boolean isNewName(int firstName) {
      int start = at + 1;
      if (nameCount == MOST_NAMES || !isString(false)) {
        return false;
      }
      int end = at - 1;
      for (int i = firstName; i < nameCount; i++) {
        if (Arrays.equals(json, names[2 * i], names[2 * i + 1], json, start, end)) {
          return false;
        }
      }
      names[2 * nameCount] = start;
      names[2 * nameCount + 1] = end;
      nameCount++;
      return true;
    }

    /** Reads a string; false if there is none, or none that is plain. */
    private boolean isString(boolean mayHaveEscapes) {
      if (next() != '"') {
        return false;
      }
      at++;
      while (at < json.length) {
        byte next = json[at++];
        if (next == '"') {
          return true;
        }
        if (next == '\\') {
          if (!mayHaveEscapes || !isEscape()) {
            return false;
          }
        } else if (next >= 0 && next < ' ') {
          return false;
        }
      }
      return false;
    }

    private boolean isEscape() {
      byte kind = next();
      at++;
      if (kind != 'u') {
        return "\"\\/bfnrt".indexOf(kind) >= 0;
      }
      for (int i = 0; i < 4; i++) {
        if (Character.digit(next(), 16) < 0) {
          return false;
        }
        at++;
      }
      return true;
    }

    private int value(Tree tree, int depth) {
      int start = at;
      boolean isKept = tree.place >= 0;
      int content = isKept ? LISTED : UNLISTED;
      Kind kind;
      switch (next()) {
        case '"' -> {
          kind = Kind.STRING;
          if (!isString(!isKept)) {
            return NOT_PLAIN;
          }
        }
        case '{' -> {
          kind = Kind.OBJECT;
          int below = object(tree, depth + 1);
          if (below == NOT_PLAIN) {
            return NOT_PLAIN;
          }
          content = isKept ? LISTED : below;
        }
        case '[' -> {
          kind = Kind.ARRAY;
          if (!isArray(depth + 1)) {
            return NOT_PLAIN;
          }
        }
        case 't', 'f' -> {
          kind = Kind.BOOLEAN;
          if (!isWord(next() == 't' ? "true" : "false")) {
            return NOT_PLAIN;
          }
        }
        case 'n' -> {
          kind = Kind.NULL;
          content = LISTED;
          if (!isWord("null")) {
            return NOT_PLAIN;
          }
        }
        default -> {
          kind = Kind.NUMBER;
          if (!isNumber()) {
            return NOT_PLAIN;
          }
        }
      }
      if (isKept) {
        members.set(tree.place, kind, start, at, text(kind, start));
      }
      return content;
    }

    /** As {@link Members#set} wants it: no text is "". */
    private String text(Kind kind, int start) {
      return switch (kind) {
        case STRING -> new String(json, start + 1, at - start - 2, UTF_8);
        case NUMBER -> new String(json, start, at - start, UTF_8);
        case BOOLEAN, NULL, OBJECT, ARRAY -> "";
      };
    }

    private boolean isArray(int depth) {
      if (depth > MOST_DEPTH) {
        return false;
      }
      at++;
      space();
      if (next() == ']') {
        at++;
        return true;
      }
      while (true) {
        if (value(Tree.NONE, depth) == NOT_PLAIN) {
          return false;
        }
        space();
        byte end = next();
        at++;
        if (end == ']') {
          return true;
        }
        if (end != ',') {
          return false;
        }
        space();
      }
    }

    private boolean isWord(String word) {
      for (int i = 0; i < word.length(); i++) {
        if (next() != word.charAt(i)) {
          return false;
        }
        at++;
      }
      return true;
    }

    private boolean isNumber() {
      if (next() == '-') {
        at++;
      }
      if (next() == '0') {
        at++;
      } else if (!areDigits()) {
        return false;
      }
      if (next() == '.') {
        at++;
        if (!areDigits()) {
          return false;
        }
      }
      if (next() == 'e' || next() == 'E') {
        at++;
        if (next() == '+' || next() == '-') {
          at++;
        }
        return areDigits();
      }
      return true;
    }

    /** Reads digits; false if there is none. */
    private boolean areDigits() {
      int start = at;
      while (next() >= '0' && next() <= '9') {
        at++;
      }
      return at > start;
    }
  }
}
