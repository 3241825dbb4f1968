package io.penstock.ingest.source;

import io.micrometer.core.instrument.Counter;
import io.penstock.ingest.auth.MatchListener;
import io.penstock.ingest.config.AuthSpec;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Which secrets of one authenticator's list let requests in, how often, and when last. Knows them
 * by their places in the list. Safe for use by any number of threads.
 */
public final class SecretMatches implements MatchListener {

  private final AuthSpec spec;
  private final List<Counter> counters;
  private final AtomicLongArray last;
  private final InstantSource clock;

  /**
   * @param counters one for each entry of the list
   */
  SecretMatches(AuthSpec spec, List<Counter> counters, InstantSource clock) {
    this.spec = spec;
    this.counters = List.copyOf(counters);
    this.last = new AtomicLongArray(counters.size());
    this.clock = clock;
  }

  @Override
  public void matched(int entry) {
    counters.get(entry).increment();
    last.setOpaque(entry, clock.millis());
  }

  /** The authenticator's settings. */
  public AuthSpec spec() {
    return spec;
  }

  /**
   * What is known of one entry.
   *
   * @param count how often it matched
   * @param last when it last did, in milliseconds since 1970; 0 if it never did
   */
  public record OfEntry(long count, long last) {}

  /** What is known of each entry, in the order of the list. */
  public List<OfEntry> entries() {
    List<OfEntry> entries = new ArrayList<>(counters.size());
    for (int entry = 0; entry < counters.size(); entry++) {
      entries.add(new OfEntry(Math.round(counters.get(entry).count()), last.getOpaque(entry)));
    }
    return entries;
  }
}
