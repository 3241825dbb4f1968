package io.penstock.ingest.ingress;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.penstock.ingest.landing.AppendOutcome;
import io.penstock.ingest.landing.LandingRecord;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;

/**
 * Makes the JSON line of an acknowledged delivery, byte for byte as {@code log-line.json} has it
 * made: by far the most frequent line of an ingress, and so made without garbage. Belongs to one
 * thread.
 */
final class DeliveryLine {

  private static final byte[] TIME = ascii("{\"time\":\"");
  private static final byte[] LOGGER =
      ascii("\",\"level\":\"INFO\",\"logger\":\"" + DeliveryLog.NAME + "\",\"thread\":\"");
  private static final byte[] EVENT_ID =
      ascii("\",\"message\":\"" + DeliveryLog.ACKNOWLEDGED + "\",\"event_id\":\"");
  private static final byte[] OFFSET = ascii("\",\"landing_offset\":\"");
  private static final byte[] PARTITION = ascii("\",\"landing_partition\":\"");
  private static final byte[] MILLISECONDS = ascii("\",\"milliseconds\":\"");
  private static final byte[] RECEIPT_ID =
      ascii("\",\"outcome\":\"acknowledged\",\"receipt_id\":\"");
  private static final byte[] SOURCE = ascii("\",\"source\":\"");
  private static final byte[] END = ascii("\"}\n");

  private static final byte[] KEPT_BY_KAFKA = ascii("\",\"kept_by\":\"kafka");
  private static final byte[] KEPT_BY_SPOOL = ascii("\",\"kept_by\":\"spool");

  private static final int SECOND_CHARS = "1970-01-01T00:00:00".length();
  private static final int MOST_DIGITS = 20;

  private final byte[] digits = new byte[MOST_DIGITS];
  private byte[] bytes = new byte[512];
  private int length;

  /** The second of the last line, and its text: seconds are written more often than they pass. */
  private long second = Long.MIN_VALUE;

  private byte[] secondText = {};

  private static byte[] ascii(String text) {
    return text.getBytes(US_ASCII);
  }

  /**
   * Makes the line of this thread.
   *
   * @param now in milliseconds since 1970
   * @param millis from the request's head to its answer
   */
  void make(LandingRecord.Event event, AppendOutcome.Acknowledged how, long millis, long now) {
    length = 0;
    add(TIME);
    time(now);
    add(LOGGER);
    text(Thread.currentThread().getName());
    add(EVENT_ID);
    text(event.deduplicationId().hex());
    add(
        switch (how.by()) {
          case KAFKA -> KEPT_BY_KAFKA;
          case SPOOL -> KEPT_BY_SPOOL;
        });
    if (how.at() instanceof AppendOutcome.LandedAt.Known at) {
      add(OFFSET);
      number(at.offset());
      add(PARTITION);
      number(at.partition());
    }
    add(MILLISECONDS);
    number(millis);
    add(RECEIPT_ID);
    text(event.receiptId());
    add(SOURCE);
    text(event.source());
    add(END);
  }

  /** Has the line in its first {@link #length} bytes, until the next one is made. */
  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  private void room(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, 2 * bytes.length));
    }
  }

  private void add(byte[] text) {
    room(text.length);
    System.arraycopy(text, 0, bytes, length, text.length);
    length += text.length;
  }

  /** None of these texts is a stranger's; a thread may have any name all the same. */
  private void text(String text) {
    room(6 * text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        bytes[length++] = '\\';
        bytes[length++] = (byte) c;
      } else if (c < ' ' || c > '~') {
        add(ascii(String.format(Locale.ROOT, "\\u%04X", (int) c)));
      } else {
        bytes[length++] = (byte) c;
      }
    }
  }

  private void number(long number) {
    room(MOST_DIGITS);
    long left = number;
    int at = MOST_DIGITS;
    do {
      digits[--at] = (byte) ('0' + Math.abs(left % 10));
      left /= 10;
    } while (left != 0);
    if (number < 0) {
      bytes[length++] = '-';
    }
    System.arraycopy(digits, at, bytes, length, MOST_DIGITS - at);
    length += MOST_DIGITS - at;
  }

  private void time(long now) {
    long nowSecond = Math.floorDiv(now, 1000L);
    if (nowSecond != second) {
      second = nowSecond;
      secondText = ascii(Instant.ofEpochSecond(nowSecond).toString().substring(0, SECOND_CHARS));
    }
    add(secondText);
    int millis = Math.floorMod(now, 1000);
    room(5);
    bytes[length++] = '.';
    bytes[length++] = (byte) ('0' + millis / 100);
    bytes[length++] = (byte) ('0' + millis / 10 % 10);
    bytes[length++] = (byte) ('0' + millis % 10);
    bytes[length++] = 'Z';
  }
}
