package io.penstock.ingest.auth.bcrypt;

import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

/** What has been counted of one source's bcrypt tokens since the start. For meters to read. */
public final class BcryptStatistics {

  final LongAdder hashes = new LongAdder();
  final LongAdder known = new LongAdder();
  final LongAdder knownBad = new LongAdder();
  final LongAdder malformed = new LongAdder();
  final LongAdder tooCostly = new LongAdder();
  final LongAdder overloaded = new LongAdder();
  final LongAccumulator highestCost = new LongAccumulator(Math::max, 0);

  BcryptStatistics() {}

  /** Hashes computed: one for each token that was not known, and each secret it was tried with. */
  public long hashes() {
    return hashes.sum();
  }

  /** Requests accepted without a hash, since their token had been verified before. */
  public long known() {
    return known.sum();
  }

  /** Requests refused without a hash, since their token had been refused before. */
  public long knownBad() {
    return knownBad.sum();
  }

  /** Requests refused since they had no token, or several, or one that is no bcrypt hash. */
  public long malformed() {
    return malformed.sum();
  }

  /** Requests refused since their token's cost is higher than the source allows. */
  public long tooCostly() {
    return tooCostly.sum();
  }

  /** Requests that could not be decided for want of capacity. */
  public long overloaded() {
    return overloaded.sum();
  }

  /** The highest cost of a verified token; 0 before the first. Shows how low max-cost can be. */
  public int highestCost() {
    return highestCost.intValue();
  }
}
