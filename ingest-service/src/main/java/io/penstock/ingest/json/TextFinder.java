package io.penstock.ingest.json;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * Finds texts inside other texts, however they are spelt there: in whatever case of ASCII's
 * letters, with a space or {@code +} for either, and behind any number of percent-encodings (RFC
 * 3986) and of JSON's escapes, in any order and mixture. Base64, and whatever else has to be
 * decoded as a whole, is not looked into.
 *
 * <p>All texts are looked for at once (Aho and Corasick's automaton). A search costs steps linear
 * in the length of what is searched: every layer of escapes that is taken off costs one pass,
 * {@value #LAYERS} layers are taken off one by one, and a last pass takes off all that are left.
 *
 * <p>Safe for use by any number of threads.
 */
final class TextFinder {

  /** The most bytes of UTF-8 that the texts may have together: a bound of the automaton's size. */
  static final int MAX_BYTES = 4096;

  private static final int LAYERS = 3;

  private static final int BYTES = 256;
  private static final String HEX = "0123456789abcdef";
  private static final String SIMPLE_ESCAPES = "\"\\/bfnrt";
  private static final String SIMPLE_ESCAPED = "\"\\/\b\f\n\r\t";

  /** For each state and byte, the next state. */
  private final char[] next;

  /** For each state, the length in bytes of the longest text that ends there; 0 for none. */
  private final char[] longest;

  /**
   * A finder of some texts.
   *
   * @param texts none of them empty
   * @throws IllegalArgumentException if they are longer than {@link #MAX_BYTES} together
   */
  TextFinder(Collection<String> texts) {
    List<byte[]> patterns = new ArrayList<>();
    int states = 1;
    for (String text : texts) {
      byte[] pattern = text.getBytes(StandardCharsets.UTF_8);
      patterns.add(pattern);
      states += pattern.length;
    }
    if (states > MAX_BYTES + 1) {
      throw new IllegalArgumentException("more than " + MAX_BYTES + " bytes to look for");
    }
    this.next = new char[states * BYTES];
    this.longest = new char[states];
    int used = 1;
    for (byte[] pattern : patterns) {
      int state = 0;
      for (byte b : pattern) {
        int at = state * BYTES + folded(b);
        if (next[at] == 0) {
          next[at] = (char) used++;
        }
        state = next[at];
      }
      longest[state] = (char) Math.max(longest[state], pattern.length);
    }
    complete(used);
  }

  /** Makes of the trie an automaton that never looks back. */
  private void complete(int states) {
    int[] fallback = new int[states];
    int[] queue = new int[states];
    int queued = 0;
    for (int b = 0; b < BYTES; b++) {
      if (next[b] != 0) {
        queue[queued++] = next[b];
      }
    }
    for (int i = 0; i < queued; i++) {
      int state = queue[i];
      longest[state] = (char) Math.max(longest[state], longest[fallback[state]]);
      for (int b = 0; b < BYTES; b++) {
        int at = state * BYTES + b;
        char elsewhere = next[fallback[state] * BYTES + b];
        if (next[at] == 0) {
          next[at] = elsewhere;
        } else {
          fallback[next[at]] = elsewhere;
          queue[queued++] = next[at];
        }
      }
    }
  }

  /**
   * Where the texts stand in a piece of JSON.
   *
   * @param from the first byte of a string, after its quote, or of anything else
   * @param to the first byte after it
   * @return pairs of a first byte and of the first one after it: in order, and never touching; they
   *     begin and end where characters do
   */
  Found find(byte[] json, int from, int to) {
    Search search = new Search(json, from, to);
    search.decode(Layer.JSON);
    search.match();
    int layers = 0;
    while (layers < LAYERS && search.decode(Layer.ONE)) {
      search.match();
      layers++;
    }
    if (layers == LAYERS && search.decode(Layer.ALL)) {
      search.match();
    }
    return new Found(search.intervals(), search.steps);
  }

  /**
   * What a search found.
   *
   * @param intervals pairs of a first byte and of the first one after it
   * @param steps how many bytes were looked at, over all passes
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Found(int[] intervals, long steps) {
    boolean isEmpty() {
      return intervals.length == 0;
    }
  }

  /** What a pass takes off. */
  private enum Layer {
    /** The escapes of the JSON itself. */
    JSON,
    /** One layer, of whatever escapes. */
    ONE,
    /** All layers that are left. */
    ALL
  }

  private static int folded(byte b) {
    if (b >= 'A' && b <= 'Z') {
      return b + ('a' - 'A');
    }
    return b == '+' ? ' ' : b & 0xFF;
  }

  private static int hex(byte b) {
    return HEX.indexOf(b >= 'A' && b <= 'F' ? b + ('a' - 'A') : b);
  }

  /** One text on its way through its layers of escapes. */
  private final class Search {

    private final byte[] json;
    private final int from;

    /** What is left of the text; {@code json} itself until something has been decoded. */
    private byte[] text;

    private boolean isDecoded;
    private int start;
    private int end;

    /** For each byte of the text, where what it was decoded from starts and ends in the JSON. */
    private int[] starts = {};

    private int[] ends = {};

    /** The found bytes, as pairs of start and end, unordered. */
    private int[] found = new int[8];

    private int size;
    private long steps;

    Search(byte[] json, int from, int to) {
      this.json = json;
      this.from = from;
      this.text = json;
      this.start = from;
      this.end = to;
    }

    void match() {
      int state = 0;
      for (int i = start; i < end; i++) {
        state = next[state * BYTES + folded(text[i])];
        int length = longest[state];
        if (length > 0) {
          int first = i - length + 1;
          add(isDecoded ? starts[first] : first, isDecoded ? ends[i] : i + 1);
        }
      }
      steps += end - start;
    }

    private void add(int first, int after) {
      if (size > 0 && first <= found[size - 1] && found[size - 2] <= first) {
        found[size - 1] = Math.max(found[size - 1], after);
        return;
      }
      if (size == found.length) {
        found = Arrays.copyOf(found, 2 * size);
      }
      found[size++] = first;
      found[size++] = after;
    }

    /** The pairs in order, those that touch made one. */
    int[] intervals() {
      if (size <= 2) {
        return Arrays.copyOf(found, size);
      }
      long[] pairs = new long[size / 2];
      for (int i = 0; i < pairs.length; i++) {
        pairs[i] = ((long) found[2 * i] << 32) | found[2 * i + 1];
      }
      Arrays.sort(pairs);
      int[] merged = new int[size];
      int last = 0;
      for (long pair : pairs) {
        int first = (int) (pair >>> 32);
        int after = (int) pair;
        if (last > 0 && first <= merged[last - 1]) {
          merged[last - 1] = Math.max(merged[last - 1], after);
        } else {
          merged[last++] = first;
          merged[last++] = after;
        }
      }
      return Arrays.copyOf(merged, last);
    }

    /**
     * Takes escapes off.
     *
     * @return whether there was one
     */
    boolean decode(Layer layer) {
      if (!hasEscapes(layer)) {
        return false;
      }
      prepare();
      boolean changed = false;
      int written = 0;
      int i = 0;
      while (i < end) {
        int used = escape(i, end, written, layer);
        if (used > 0) {
          changed = true;
          written += produced;
          i += used;
        } else {
          text[written] = text[i];
          starts[written] = starts[i];
          ends[written] = ends[i];
          written++;
          i++;
        }
        if (layer == Layer.ALL) {
          written = reduced(written);
        }
      }
      steps += end;
      end = written;
      return changed;
    }

    private boolean hasEscapes(Layer layer) {
      steps += end - start;
      for (int i = start; i < end; i++) {
        if (text[i] == '\\' || (text[i] == '%' && layer != Layer.JSON)) {
          return true;
        }
      }
      return false;
    }

    private void prepare() {
      if (isDecoded) {
        return;
      }
      isDecoded = true;
      int length = end - start;
      text = Arrays.copyOfRange(json, start, end);
      starts = new int[length];
      ends = new int[length];
      for (int i = 0; i < length; i++) {
        starts[i] = from + i;
        ends[i] = from + i + 1;
      }
      start = 0;
      end = length;
    }

    /** How many bytes the last escape stood for. */
    private int produced;

    /**
     * Decodes the escape that starts at a place, if one does, to where has been written.
     *
     * @param limit the first byte after those that it may have
     * @return how many bytes the escape had; 0 if there is none
     */
    private int escape(int at, int limit, int to, Layer layer) {
      if (text[at] == '%' && layer != Layer.JSON && at + 2 < limit) {
        int high = hex(text[at + 1]);
        int low = hex(text[at + 2]);
        return high < 0 || low < 0 ? 0 : put(to, at, 3, (byte) (high * 16 + low));
      }
      if (text[at] != '\\' || at + 1 >= limit) {
        return 0;
      }
      int simple = SIMPLE_ESCAPES.indexOf(text[at + 1]);
      if (simple >= 0) {
        return put(to, at, 2, (byte) SIMPLE_ESCAPED.charAt(simple));
      }
      int unit = unit(at, limit);
      if (unit < 0) {
        return 0;
      }
      int low = Character.isHighSurrogate((char) unit) ? unit(at + 6, limit) : -1;
      return low >= 0 && Character.isLowSurrogate((char) low)
          ? put(to, at, 12, utf8(Character.toCodePoint((char) unit, (char) low)))
          : put(to, at, 6, utf8(unit));
    }

    /** The UTF-16 code unit that is escaped at a place; -1 if none is. */
    private int unit(int at, int limit) {
      if (at + 5 >= limit || text[at] != '\\' || text[at + 1] != 'u') {
        return -1;
      }
      int unit = 0;
      for (int i = at + 2; i < at + 6; i++) {
        int digit = hex(text[i]);
        if (digit < 0) {
          return -1;
        }
        unit = unit * 16 + digit;
      }
      return unit;
    }

    private byte[] utf8(int codePoint) {
      return (Character.isBmpCodePoint(codePoint) && Character.isSurrogate((char) codePoint)
              ? "\uFFFD"
              : Character.toString(codePoint))
          .getBytes(StandardCharsets.UTF_8);
    }

    /** Writes what an escape stands for; every byte of it is the whole escape in the JSON. */
    private int put(int to, int at, int length, byte... bytes) {
      int first = starts[at];
      int after = ends[at + length - 1];
      for (int i = 0; i < bytes.length; i++) {
        text[to + i] = bytes[i];
        starts[to + i] = first;
        ends[to + i] = after;
      }
      produced = bytes.length;
      return length;
    }

    /** Decodes what has become an escape at the end of what has been written, until none is. */
    private int reduced(int written) {
      int length = written;
      int before;
      do {
        before = length;
        length = reduced(length, 2);
        length = reduced(length, 3);
        length = reduced(length, 6);
        steps++;
      } while (length < before);
      return length;
    }

    private int reduced(int written, int length) {
      int at = written - length;
      return at >= 0
              && text[at] == (length == 3 ? '%' : '\\')
              && escape(at, written, at, Layer.ALL) == length
          ? at + produced
          : written;
    }
  }
}
