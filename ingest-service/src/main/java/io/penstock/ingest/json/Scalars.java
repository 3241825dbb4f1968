package io.penstock.ingest.json;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/** What JSON's strings and numbers are worth in types of ours; null where they are not. */
final class Scalars {

  /**
   * Longer texts are neither a long nor a time. The bound keeps the cost of a conversion constant:
   * a conversion of a number of a million digits is not linear in them.
   */
  private static final int MAX_LENGTH = 64;

  // The years that every consumer's date type can hold; Python's, for one, fails on others.
  private static final long FIRST_MILLI = Instant.parse("0001-01-01T00:00:00Z").toEpochMilli();
  private static final long LAST_MILLI = Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli();

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

  /** Milliseconds since 1970 from a JSON number's literal text that says so. */
  static @Nullable Long millisOfNumber(String literal) {
    return inRange(integer(literal));
  }

  /**
   * Milliseconds since 1970 from an ISO 8601 date and time with its zone, such as
   * 2025-09-01T07:26:51.484Z.
   */
  static @Nullable Long millisOfText(String text) {
    if (text.length() > MAX_LENGTH) {
      return null;
    }
    try {
      return inRange(
          DateTimeFormatter.ISO_OFFSET_DATE_TIME.parse(text, Instant::from).toEpochMilli());
    } catch (DateTimeException notATime) {
      return null;
    } catch (ArithmeticException beyondALong) {
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

  private static @Nullable Long inRange(@Nullable Long millis) {
    return millis != null && millis >= FIRST_MILLI && millis <= LAST_MILLI ? millis : null;
  }
}
