package io.penstock.ingest.auth.hmac;

import io.penstock.ingest.auth.OneHeader;
import io.penstock.ingest.auth.RequestHead;
import io.penstock.ingest.auth.SigningTime;
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
    String value = OneHeader.of(head, scheme.header(), MAX_HEADER_LENGTH);
    if (value == null) {
      return new SignatureHead.Unreadable(
          OneHeader.fault(head, scheme.header(), MAX_HEADER_LENGTH));
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
        String time = OneHeader.of(head, header.name(), MAX_HEADER_LENGTH);
        yield time == null
            ? new SignatureHead.Unreadable(OneHeader.fault(head, header.name(), MAX_HEADER_LENGTH))
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
    if (!SigningTime.isNumber(time)) {
      return new SignatureHead.Unreadable(timePlace + " is not a number of seconds since 1970");
    }
    long number = Long.parseLong(time);
    long age = now - (SigningTime.isInMilliseconds(number) ? number / 1000 : number);
    if (Math.abs(age) > tolerance) {
      return new SignatureHead.Unreadable(SigningTime.tooFar(timePlace, age, tolerance));
    }
    return new SignatureHead.Signed(signatures, time);
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
}
