package io.penstock.ingest.json;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/**
 * Reads a date and time as a careful reader does: what ISO 8601 and RFC 3339 allow, and the habits
 * that leave no doubt.
 *
 * <p>The date is {@code 2025-09-01}, {@code 2025-W36-1} or {@code 2025-244}, with hyphens or
 * without. After {@code T}, {@code t} or one space comes the time, {@code 07:26:51} or {@code
 * 072651}, the seconds perhaps left out; a fraction of a second has any number of digits after a
 * point or a comma, of which those after the third are cut off. {@code 24:00} is the end of the
 * day. A leap second, {@code 23:59:60} in UTC, is the second before it, as in {@link
 * java.time.Instant#parse}. The zone, perhaps after one space, is {@code Z}, {@code z}, {@code
 * UTC}, {@code GMT} or an offset such as {@code +01:00}, {@code +0100} or {@code +01}; {@code
 * -00:00} is that of UTC. So is what mail and HTTP write, {@code Mon, 01 Sep 2025 07:26:51 GMT}
 * (RFC 1123).
 *
 * <p>Anything else is doubtful: a date alone, two digits for a year, a year of more than four, and
 * white space around it. A text without a zone is a time only for a sender whose zone is known.
 */
final class Times {

  private static final int SECONDS_A_DAY = 24 * 60 * 60;
  private static final int MOST_OFFSET_MINUTES = 18 * 60;

  private final String text;
  private int at;

  private Times(String text) {
    this.text = text;
  }

  /**
   * Milliseconds since 1970.
   *
   * @param zone that of a text that names none; null if such a text is no time
   * @return null if the text is no time
   */
  static @Nullable Long millis(String text, @Nullable ZoneOffset zone) {
    try {
      return text.indexOf(',') == 3
          ? Long.valueOf(
              DateTimeFormatter.RFC_1123_DATE_TIME.parse(text, Instant::from).toEpochMilli())
          : new Times(text).millis(zone);
    } catch (DateTimeException notATime) {
      return null;
    }
  }

  private @Nullable Long millis(@Nullable ZoneOffset zone) {
    LocalDate date = date();
    if (date == null || !(skip('T') || skip('t') || skip(' '))) {
      return null;
    }
    int hour = digits(2);
    boolean isExtended = skip(':');
    int minute = digits(2);
    int second = 0;
    int fraction = 0;
    if (isExtended ? skip(':') : isDigit()) {
      second = digits(2);
      if (skip('.') || skip(',')) {
        fraction = fraction();
      }
    }
    boolean isLeap = second == 60;
    long ofDay;
    if (hour == 24) {
      if (minute != 0 || second != 0 || fraction != 0) {
        return null;
      }
      ofDay = SECONDS_A_DAY;
    } else if (hour < 0 || minute < 0 || second < 0 || fraction < 0) {
      return null;
    } else {
      ofDay = LocalTime.of(hour, minute, isLeap ? 59 : second).toSecondOfDay();
    }
    Integer offset = offset(zone);
    if (offset == null || at < text.length()) {
      return null;
    }
    long seconds = date.toEpochDay() * SECONDS_A_DAY + ofDay - offset * 60L;
    if (isLeap && Math.floorMod(seconds, SECONDS_A_DAY) != SECONDS_A_DAY - 1) {
      return null;
    }
    return seconds * 1000 + fraction;
  }

  private @Nullable LocalDate date() {
    int year = digits(4);
    if (year < 0) {
      return null;
    }
    boolean isExtended = skip('-');
    if (skip('W')) {
      int week = digits(2);
      if (week < 0 || skip('-') != isExtended) {
        return null;
      }
      return DateTimeFormatter.ISO_WEEK_DATE.parse(
          "%04d-W%02d-%d".formatted(year, week, digits(1)), LocalDate::from);
    }
    int run = run();
    if (run == 3) {
      return LocalDate.ofYearDay(year, digits(3));
    }
    int month = digits(2);
    if (month < 0 || skip('-') != isExtended) {
      return null;
    }
    int day = digits(2);
    return day < 0 ? null : LocalDate.of(year, month, day);
  }

  /** Minutes ahead of UTC. */
  private @Nullable Integer offset(@Nullable ZoneOffset zone) {
    if (at == text.length()) {
      return zone == null ? null : Integer.valueOf(zone.getTotalSeconds() / 60);
    }
    skip(' ');
    if (skip('Z') || skip('z') || skip("UTC") || skip("GMT")) {
      return 0;
    }
    boolean isBehind = skip('-');
    if (!isBehind && !skip('+')) {
      return null;
    }
    int hours = digits(2);
    int minutes = 0;
    if (at < text.length()) {
      skip(':');
      minutes = digits(2);
    }
    int offset = hours * 60 + minutes;
    return hours < 0 || minutes < 0 || minutes > 59 || offset > MOST_OFFSET_MINUTES
        ? null
        : Integer.valueOf(isBehind ? -offset : offset);
  }

  /** Milliseconds; -1 where there is no digit. */
  private int fraction() {
    if (!isDigit()) {
      return -1;
    }
    int millis = 0;
    for (int scale = 100; isDigit(); scale /= 10, at++) {
      millis += (text.charAt(at) - '0') * scale;
    }
    return millis;
  }

  private boolean isDigit() {
    return isDigit(at);
  }

  private boolean isDigit(int index) {
    return index < text.length() && text.charAt(index) >= '0' && text.charAt(index) <= '9';
  }

  /** How many digits come next. */
  private int run() {
    int end = at;
    while (isDigit(end)) {
      end++;
    }
    return end - at;
  }

  /** A number of exactly so many digits, of more that may follow; -1 where there are fewer. */
  private int digits(int count) {
    int value = 0;
    for (int i = 0; i < count; i++) {
      if (!isDigit(at + i)) {
        return -1;
      }
      value = value * 10 + text.charAt(at + i) - '0';
    }
    at += count;
    return value;
  }

  private boolean skip(char c) {
    boolean is = at < text.length() && text.charAt(at) == c;
    at += is ? 1 : 0;
    return is;
  }

  private boolean skip(String word) {
    boolean is = text.startsWith(word, at);
    at += is ? word.length() : 0;
    return is;
  }
}
