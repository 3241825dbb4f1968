package io.penstock.ingest.auth.hmac;

import io.penstock.ingest.auth.RequestHead;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads signatures and their time from heads. The words for what is wrong repeat nothing of a head,
 * and depend on no secret.
 */
final class HeadReader {

  /** How many signatures are looked at. */
  static final int MAX_SIGNATURES = 10;

  /** In characters: room for as many of the longest signatures, and for what else is there. */
  private static final int MAX_HEADER_LENGTH = 4096;

  /** Years enough, and no arithmetic on it can overflow. */
  private static final int MAX_TIMESTAMP_LENGTH = 15;

  /**
   * What a clock shows in milliseconds is beyond this, and in seconds is not before the year 5138.
   */
  private static final long MILLISECONDS = 100_000_000_000L;

  private final Scheme scheme;
  private final String place;
  private final String timePlace;
  private final long tolerance;

  /**
   * @param allowed how far a time may be from now; null where there are no times
   */
  HeadReader(Scheme scheme, @Nullable Duration allowed) {
    this.scheme = scheme;
    this.place = "the header " + scheme.header();
    this.timePlace =
        switch (scheme.timestamp()) {
          case Timestamp.None none -> "";
          case Timestamp.Header header -> "the header " + header.name();
          case Timestamp.Member member -> "the member " + member.name() + " of " + place;
        };
    this.tolerance = allowed == null ? 0 : allowed.toSeconds();
  }

  /**
   * Reads a head.
   *
   * @param now in seconds since 1970
   */
  SignatureHead read(RequestHead head, long now) {
    String value = only(head, scheme.header());
    if (value == null) {
      return new SignatureHead.Unreadable(fault(head, scheme.header()));
    }
    List<String> texts = scheme.isList() ? members(value, scheme.member()) : List.of(value);
    if (texts.isEmpty()) {
      return new SignatureHead.Unreadable(place + " has no member " + scheme.member());
    }
    List<byte[]> signatures = new ArrayList<>(1);
    boolean hasPrefix = false;
    for (String text : texts) {
      if (text.startsWith(scheme.prefix())) {
        hasPrefix = true;
        byte[] signature =
            scheme
                .encoding()
                .read(text.substring(scheme.prefix().length()), scheme.algorithm().bytes());
        if (signature != null) {
          signatures.add(signature);
        }
      }
    }
    if (signatures.isEmpty()) {
      return new SignatureHead.Unreadable(
          hasPrefix
              ? place
                  + " has no signature of the right form: "
                  + scheme.encoding().words(scheme.algorithm().bytes())
              : "what stands in " + place + " does not begin with " + scheme.prefix());
    }
    return switch (scheme.timestamp()) {
      case Timestamp.None none -> new SignatureHead.Signed(signatures, "");
      case Timestamp.Header header -> {
        String time = only(head, header.name());
        yield time == null
            ? new SignatureHead.Unreadable(fault(head, header.name()))
            : timed(signatures, time, now);
      }
      case Timestamp.Member member -> {
        List<String> times = members(value, member.name());
        yield times.size() == 1
            ? timed(signatures, times.getFirst(), now)
            : new SignatureHead.Unreadable(
                timePlace + (times.isEmpty() ? " is missing" : " stands there more than once"));
      }
    };
  }

  private SignatureHead timed(List<byte[]> signatures, String time, long now) {
    if (time.isEmpty()
        || time.length() > MAX_TIMESTAMP_LENGTH
        || !time.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return new SignatureHead.Unreadable(timePlace + " is not a number of seconds since 1970");
    }
    long number = Long.parseLong(time);
    long age = now - (number >= MILLISECONDS ? number / 1000 : number);
    if (Math.abs(age) > tolerance) {
      return new SignatureHead.Unreadable(
          "the timestamp in "
              + timePlace
              + " is "
              + words(Math.abs(age))
              + (age >= 0 ? " old" : " in the future by the clock of this machine")
              + ", and the source allows "
              + words(tolerance));
    }
    return new SignatureHead.Signed(signatures, time);
  }

  private static @Nullable String only(RequestHead head, String name) {
    List<String> values = head.headers(name);
    if (values.size() != 1) {
      return null;
    }
    String value = values.getFirst();
    return value.isEmpty() || value.length() > MAX_HEADER_LENGTH ? null : value;
  }

  private static String fault(RequestHead head, String name) {
    List<String> values = head.headers(name);
    String fault =
        switch (values.size()) {
          case 0 -> "is missing";
          case 1 ->
              values.getFirst().isEmpty()
                  ? "is empty"
                  : "is longer than " + MAX_HEADER_LENGTH + " characters";
          default -> "stands there more than once";
        };
    return "the header " + name + " " + fault;
  }

  /** The values of a name in a list of {@code name=value}, the first few. */
  private static List<String> members(String list, String name) {
    List<String> values = new ArrayList<>(2);
    int start = 0;
    while (start <= list.length() && values.size() < MAX_SIGNATURES) {
      int comma = list.indexOf(',', start);
      int end = comma < 0 ? list.length() : comma;
      int equals = list.indexOf('=', start);
      if (equals >= 0 && equals < end && isName(list, start, equals, name)) {
        values.add(list.substring(equals + 1, end).strip());
      }
      start = end + 1;
    }
    return values;
  }

  private static boolean isName(String list, int start, int end, String name) {
    int first = start;
    while (first < end && list.charAt(first) == ' ') {
      first++;
    }
    int last = end;
    while (last > first && list.charAt(last - 1) == ' ') {
      last--;
    }
    return last - first == name.length() && list.startsWith(name, first);
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
