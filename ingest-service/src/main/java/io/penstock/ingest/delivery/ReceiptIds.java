package io.penstock.ingest.delivery;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

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
