package io.penstock.ingest.json;

import io.penstock.ingest.json.JsonScan.Node;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Scans that find values by JSON Pointers (RFC 6901), below objects and arrays. */
public final class JsonPointers {

  /** How many levels deep a pointer may lead. */
  private static final int MAX_TOKENS = 32;

  private static final int MAX_LENGTH = 256;

  private static final Pattern POINTER = Pattern.compile("(?=..)(?:/(?:[^/~\\p{Cntrl}]|~0|~1)*)+");

  private JsonPointers() {}

  /**
   * Whether a text is a JSON Pointer that leads below the root: of 2 to {@value #MAX_LENGTH}
   * characters without control characters, and at most {@value #MAX_TOKENS} levels deep.
   */
  public static boolean isPointer(String text) {
    return text.length() <= MAX_LENGTH
        && text.chars().filter(c -> c == '/').count() <= MAX_TOKENS
        && POINTER.matcher(text).matches();
  }

  /**
   * A scan that captures the values that some pointers lead to; {@link JsonScan.Members} has them
   * by the pointers' text.
   *
   * @throws IllegalArgumentException if one is not a pointer, or stands there twice
   */
  public static JsonScan scan(Collection<String> pointers) {
    Node root = new Node();
    root.isInArrays = true;
    Map<String, Integer> places = new HashMap<>();
    for (String pointer : pointers) {
      if (!isPointer(pointer)) {
        throw new IllegalArgumentException("Not a pointer: " + pointer);
      }
      Node node = root;
      for (String token : tokens(pointer)) {
        node = node.children.computeIfAbsent(token, absent -> new Node());
        node.isInArrays = true;
      }
      node.place = places.size();
      if (places.put(pointer, node.place) != null) {
        throw new IllegalArgumentException("Twice the same pointer: " + pointer);
      }
    }
    return new JsonScan(root, Map.copyOf(places));
  }

  /**
   * A time in milliseconds since 1970, from a text that is one, as {@link
   * JsonScan.Members#millisOrSeconds} reads it; null for any other text.
   */
  public static @Nullable Long millisOrSeconds(String text) {
    return Scalars.millisOrSeconds(text);
  }

  /** The names, and the places in arrays, on a pointer's way; not escaped. */
  public static String[] tokens(String pointer) {
    String[] tokens = pointer.substring(1).split("/", -1);
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = tokens[i].replace("~1", "/").replace("~0", "~");
    }
    return tokens;
  }
}
