package io.penstock.ingest.console.live;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * How many deliveries came in each minute of the last hour, and how many of them failed, by source.
 * Bounded: {@value #MOST_SOURCES} sources, and the others together. Not safe for several threads.
 */
public final class LiveRates {

  static final int MINUTES = 60;

  /** How many sources are counted one by one. */
  private static final int MOST_SOURCES = 200;

  private static final String OTHERS = "(others)";
  private static final long MINUTE = 60_000;

  private final Map<String, Counts> sources = new HashMap<>();

  /** A ring of minutes. */
  private static final class Counts {
    private final long[] minute = new long[MINUTES];
    private final int[] landed = new int[MINUTES];
    private final int[] refused = new int[MINUTES];
    private final int[] letters = new int[MINUTES];

    private int slot(long atMillis) {
      long number = atMillis / MINUTE;
      int slot = (int) (number % MINUTES);
      if (number > minute[slot]) {
        minute[slot] = number;
        landed[slot] = 0;
        refused[slot] = 0;
        letters[slot] = 0;
      }
      return number == minute[slot] ? slot : -1;
    }
  }

  private Counts counts(String source) {
    Counts known = sources.get(source);
    if (known == null) {
      known =
          sources.computeIfAbsent(
              sources.size() < MOST_SOURCES ? source : OTHERS, name -> new Counts());
    }
    return known;
  }

  /** Counts a delivery in the minute in which it landed. */
  void landed(String source, long atMillis) {
    Counts counts = counts(source);
    int slot = counts.slot(atMillis);
    if (slot >= 0) {
      counts.landed[slot]++;
    }
  }

  /** Counts a refusal in the minute in which its delivery landed. */
  void refused(String source, long atMillis) {
    Counts counts = counts(source);
    int slot = counts.slot(atMillis);
    if (slot >= 0) {
      counts.refused[slot]++;
    }
  }

  /** Counts a dead letter in the minute in which its delivery landed. */
  void letter(String source, long atMillis) {
    Counts counts = counts(source);
    int slot = counts.slot(atMillis);
    if (slot >= 0) {
      counts.letters[slot]++;
    }
  }

  /**
   * The last hour of each source that had a delivery in it, by name.
   *
   * @param nowMillis in milliseconds since 1970
   */
  Map<String, Hour> hours(long nowMillis) {
    Map<String, Hour> hours = new TreeMap<>();
    long last = nowMillis / MINUTE;
    sources.forEach(
        (source, counts) -> {
          int[] landed = new int[MINUTES];
          int[] refused = new int[MINUTES];
          int[] letters = new int[MINUTES];
          boolean any = false;
          for (int i = 0; i < MINUTES; i++) {
            long number = last - MINUTES + 1 + i;
            int slot = (int) (number % MINUTES);
            if (counts.minute[slot] == number) {
              landed[i] = counts.landed[slot];
              refused[i] = counts.refused[slot];
              letters[i] = counts.letters[slot];
              any |= landed[i] > 0;
            }
          }
          if (any) {
            hours.put(source, new Hour(landed, refused, letters));
          }
        });
    return hours;
  }

  /**
   * An hour by the minute, the oldest first.
   *
   * @param landed deliveries in the landing log
   * @param refused those of them that the ingress refused
   * @param letters those of the others that became dead letters
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Hour(int[] landed, int[] refused, int[] letters) {

    static Hour empty() {
      return new Hour(new int[MINUTES], new int[MINUTES], new int[MINUTES]);
    }

    /**
     * Refusals and dead letters by the minute.
     *
     * @param counted refusals by the metrics of the ingress: those of deliveries that landed are
     *     among them, as far as the console has read the metrics
     */
    int[] failed(int[] counted) {
      int[] failed = new int[MINUTES];
      for (int i = 0; i < MINUTES; i++) {
        failed[i] = letters[i] + Math.max(refused[i], counted[i]);
      }
      return failed;
    }
  }
}
