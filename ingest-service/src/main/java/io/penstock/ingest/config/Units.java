package io.penstock.ingest.config;

import com.google.common.math.LongMath;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes and durations as people write them: a whole number and its unit. */
public final class Units {

  static final int KIB = 1024;
  static final int MIB = 1024 * KIB;
  static final long GIB = 1024L * MIB;

  private static final Map<String, Long> BYTES = new LinkedHashMap<>();
  private static final Map<String, Long> MILLIS = new LinkedHashMap<>();

  static {
    BYTES.put("B", 1L);
    BYTES.put("kB", 1000L);
    BYTES.put("MB", 1000L * 1000);
    BYTES.put("GB", 1000L * 1000 * 1000);
    BYTES.put("KiB", 1024L);
    BYTES.put("MiB", 1024L * 1024);
    BYTES.put("GiB", 1024L * 1024 * 1024);
    MILLIS.put("ms", 1L);
    MILLIS.put("s", 1000L);
    MILLIS.put("m", 60 * 1000L);
    MILLIS.put("h", 60 * 60 * 1000L);
    MILLIS.put("d", 24 * 60 * 60 * 1000L);
  }

  private static final Pattern AMOUNT = Pattern.compile("(0|[1-9][0-9]{0,14}) ?([A-Za-z]+)");

  static final String BYTE_UNITS = String.join(", ", BYTES.keySet());
  static final String DURATION_UNITS = String.join(", ", MILLIS.keySet());

  private Units() {}

  /** The bytes of a size; empty if the text is not one. */
  static Optional<Long> bytes(String text) {
    return amount(text, BYTES);
  }

  /** The milliseconds of a duration; empty if the text is not one. */
  public static Optional<Long> millis(String text) {
    return amount(text, MILLIS);
  }

  private static Optional<Long> amount(String text, Map<String, Long> units) {
    Matcher matcher = AMOUNT.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    Long unit = units.get(matcher.group(2));
    return unit == null
        ? Optional.empty()
        : Optional.of(LongMath.saturatedMultiply(Long.parseLong(matcher.group(1)), unit));
  }

  /** A size as the file would have it: 64MiB. */
  static String format(long bytes) {
    String[] units = {"GiB", "MiB", "KiB"};
    return format(bytes, BYTES, units, "B");
  }

  /** A duration as the file would have it: 72h. */
  public static String format(Duration duration) {
    String[] units = {"d", "h", "m", "s"};
    return format(duration.toMillis(), MILLIS, units, "ms");
  }

  private static String format(
      long amount, Map<String, Long> units, String[] candidates, String smallest) {
    for (String candidate : candidates) {
      long unit = units.getOrDefault(candidate, 1L);
      if (amount >= unit && amount % unit == 0) {
        return amount / unit + candidate;
      }
    }
    return amount + smallest;
  }
}
