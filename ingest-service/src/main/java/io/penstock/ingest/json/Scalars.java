package io.penstock.ingest.json;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Converts JSON's strings and numbers to the types of typed fields: null for every text whose
 * meaning is doubtful.
 */
final class Scalars {

  /**
   * Longer texts are neither a long nor a time. The bound keeps the cost of a conversion constant:
   * a conversion of a number of a million digits is not linear in them.
   */
  private static final int MAX_LENGTH = 64;

  // The years that every consumer's date type can hold; Python's, for one, fails on others.
  private static final long FIRST_MILLI = Instant.parse("0001-01-01T00:00:00Z").toEpochMilli();
  private static final long LAST_MILLI = Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli();

  // A number outside is one of another unit, or of a clock that was never set.
  private static final long FIRST_PLAUSIBLE = Instant.parse("2000-01-01T00:00:00Z").toEpochMilli();
  private static final long LAST_PLAUSIBLE =
      Instant.parse("2099-12-31T23:59:59.999Z").toEpochMilli();

  /** A number as JSON writes it (RFC 8259, section 6). */
  private static final Pattern NUMBER =
      Pattern.compile("-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?");

  private static final char REPLACEMENT = '\uFFFD';

  private Scalars() {}

  /**
   * The value of a JSON number's literal text if it is a whole number that a long holds: 1, 1.0 and
   * 1e0 alike.
   */
  static @Nullable Long integer(String literal) {
    if (literal.length() > MAX_LENGTH) {
      return null;
    }
    try {
      return isDigits(literal) ? Long.parseLong(literal) : new BigDecimal(literal).longValueExact();
    } catch (NumberFormatException tooLarge) {
      return null;
    } catch (ArithmeticException notWholeOrTooLarge) {
      return null;
    }
  }

  /** The value of a JSON number's literal text if a double comes near it. */
  static @Nullable Double real(String literal) {
    double value = Double.parseDouble(literal);
    return Double.isFinite(value) ? value : null;
  }

  /** As {@link #integer}, of a JSON string that holds a JSON number and nothing else. */
  static @Nullable Long integerOfText(String text) {
    return isNumber(text) ? integer(text) : null;
  }

  /** As {@link #real}, of a JSON string that holds a JSON number and nothing else. */
  static @Nullable Double realOfText(String text) {
    return isNumber(text) ? real(text) : null;
  }

  /** The value of a JSON string that holds true or false and nothing else. */
  static @Nullable Boolean booleanOfText(String text) {
    return switch (text) {
      case "true" -> Boolean.TRUE;
      case "false" -> Boolean.FALSE;
      default -> null;
    };
  }

  /**
   * Milliseconds since 1970 from a JSON number's literal text that says so: 0, or a time of the
   * years 2000 to 2099. A number of seconds or of microseconds is none of these.
   */
  static @Nullable Long millisOfNumber(String literal) {
    Long millis = integer(literal);
    return millis != null && (millis == 0 || isPlausible(millis)) ? millis : null;
  }

  /**
   * Milliseconds since 1970 from a text: a date and time, as {@link Times} reads it, of the years 1
   * to 9999; or a whole number of milliseconds in plain digits, of the years 2000 to 2099.
   *
   * @param zone that of a text that names none; null if such a text is no time
   */
  static @Nullable Long millisOfText(String text, @Nullable ZoneOffset zone) {
    if (text.isEmpty() || text.length() > MAX_LENGTH) {
      return null;
    }
    if (isDigits(text)) {
      Long millis = integerOfText(text);
      return millis != null && isPlausible(millis) ? millis : null;
    }
    Long millis = Times.millis(text, zone);
    return millis != null && millis >= FIRST_MILLI && millis <= LAST_MILLI ? millis : null;
  }

  /**
   * Milliseconds since 1970 from a text or a number's literal: whole milliseconds, or whole or
   * decimal seconds, of the years 2000 to 2099; or a date and time with its zone, as {@link Times}
   * reads it.
   */
  static @Nullable Long millisOrSeconds(String text) {
    if (text.isEmpty() || text.length() > MAX_LENGTH) {
      return null;
    }
    if (!isNumber(text)) {
      return millisOfText(text, null);
    }
    Long millis = integer(text);
    if (millis != null && isPlausible(millis)) {
      return millis;
    }
    try {
      // Exponents are refused: a number of a few characters could have a billion digits.
      if (text.indexOf('e') >= 0 || text.indexOf('E') >= 0) {
        return null;
      }
      long seconds = new BigDecimal(text).movePointRight(3).longValue();
      return isPlausible(seconds) ? Long.valueOf(seconds) : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** Whether UTF-8 can carry a text: JSON can escape halves of surrogate pairs. */
  static boolean isUnicode(String text) {
    return firstUnpaired(text) < 0;
  }

  /** The text with each half of a surrogate pair replaced by U+FFFD, as a decoder would have it. */
  static String unicode(String text) {
    int unpaired = firstUnpaired(text);
    if (unpaired < 0) {
      return text;
    }
    StringBuilder repaired = new StringBuilder(text);
    for (int i = unpaired; i < repaired.length(); i++) {
      if (isPairAt(repaired, i)) {
        i++;
      } else if (Character.isSurrogate(repaired.charAt(i))) {
        repaired.setCharAt(i, REPLACEMENT);
      }
    }
    return repaired.toString();
  }

  private static int firstUnpaired(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (!isPairAt(text, i)) {
          return i;
        }
        i++;
      }
    }
    return -1;
  }

  private static boolean isPairAt(CharSequence text, int index) {
    return index + 1 < text.length()
        && Character.isSurrogatePair(text.charAt(index), text.charAt(index + 1));
  }

  private static boolean isDigits(String literal) {
    for (int i = literal.charAt(0) == '-' ? 1 : 0; i < literal.length(); i++) {
      if (literal.charAt(i) < '0' || literal.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  private static boolean isNumber(String text) {
    return text.length() <= MAX_LENGTH && NUMBER.matcher(text).matches();
  }

  private static boolean isPlausible(long millis) {
    return millis >= FIRST_PLAUSIBLE && millis <= LAST_PLAUSIBLE;
  }
}
