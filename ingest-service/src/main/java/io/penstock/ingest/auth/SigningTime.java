package io.penstock.ingest.auth;

import java.time.Duration;

/** The time at which a sender signed a request, in seconds since 1970, as the request states it. */
public final class SigningTime {

  /** In characters: enough for any year, and no arithmetic on such a number can overflow. */
  public static final int MAX_LENGTH = 15;

  /**
   * What a clock shows in milliseconds is beyond this, and in seconds is not before the year 5138.
   */
  private static final long MILLISECONDS = 100_000_000_000L;

  private SigningTime() {}

  /** Whether a text is a number that {@link Long#parseLong} takes: {@link #MAX_LENGTH} digits. */
  public static boolean isNumber(String text) {
    return !text.isEmpty()
        && text.length() <= MAX_LENGTH
        && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  /** Whether a number can only be meant in milliseconds. */
  public static boolean isInMilliseconds(long number) {
    return number >= MILLISECONDS;
  }

  /**
   * Why a time is too far away, for the operator.
   *
   * @param place where the request states it
   * @param age in seconds; negative where it is in the future
   * @param tolerance in seconds
   */
  public static String tooFar(String place, long age, long tolerance) {
    return "the timestamp in "
        + place
        + " is "
        + words(Math.abs(age))
        + (age >= 0 ? " old" : " in the future by the clock of this machine")
        + ", and the source allows "
        + words(tolerance);
  }

  /** In the largest unit of which there are two at least, rounded down. */
  private static String words(long seconds) {
    Duration time = Duration.ofSeconds(seconds);
    if (time.toDays() >= 2) {
      return time.toDays() + " days";
    }
    if (time.toHours() >= 2) {
      return time.toHours() + " hours";
    }
    return time.toMinutes() >= 2
        ? time.toMinutes() + " minutes"
        : seconds + (seconds == 1 ? " second" : " seconds");
  }
}
