package io.penstock.ingest.delivery;

import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/**
 * Makes ids for requests, each its own, copies too: UUIDs of version 7 (RFC 9562), so that they
 * sort by time. Unique across processes by a random part that each process draws once, and within
 * one by a counter; not secret.
 *
 * <p>Safe for use by any number of threads.
 */
public final class ReceiptIds {

  private static final int COUNTER_BITS = 34;
  private static final int LOW_COUNTER_BITS = 22;

  private static final Pattern FORM =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");

  private final InstantSource clock;
  private final long process;
  private final AtomicLong counter = new AtomicLong();

  /**
   * @param clock gives the time part
   * @param random gives the process's part, once
   */
  public ReceiptIds(InstantSource clock, SecureRandom random) {
    this.clock = clock;
    this.process = random.nextLong() & 0xFF_FFFF_FFFFL;
  }

  /**
   * What an id tells.
   *
   * @param time when the request's head arrived, by the instance's clock, to the millisecond
   * @param process ten hexadecimal digits, the same in all ids of one process: see {@link #process}
   */
  public record Origin(Instant time, String process) {}

  /** What an id of any process tells; empty where the text is no such id. */
  public static Optional<Origin> origin(String id) {
    if (!FORM.matcher(id).matches()) {
      return Optional.empty();
    }
    UUID uuid = UUID.fromString(id);
    return Optional.of(
        new Origin(
            Instant.ofEpochMilli(uuid.getMostSignificantBits() >>> 16),
            process(uuid.getLeastSignificantBits() >>> LOW_COUNTER_BITS)));
  }

  /** What the ids of this process have in common, ten hexadecimal digits. */
  public String process() {
    return process(process);
  }

  private static String process(long bits) {
    return HexFormat.of().toHexDigits(bits & 0xFF_FFFF_FFFFL, 10);
  }

  /** A new id, 36 characters. */
  public String next() {
    long count = counter.getAndIncrement() & ((1L << COUNTER_BITS) - 1);
    long high = (clock.millis() << 16) | 0x7000L | (count >>> LOW_COUNTER_BITS);
    long low =
        0x8000_0000_0000_0000L
            | (process << LOW_COUNTER_BITS)
            | (count & ((1L << LOW_COUNTER_BITS) - 1));
    return new UUID(high, low).toString();
  }
}
