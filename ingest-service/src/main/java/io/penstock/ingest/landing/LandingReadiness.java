package io.penstock.ingest.landing;

import io.penstock.ingest.cluster.ClusterWatch.Sight;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether a delivery that is sent here now would be acknowledged.
 *
 * <p>Outcomes decide: while appends succeed it would, and while none does it would not, unless
 * there is a spool that takes them. What is seen of the cluster by other means decides only where
 * nothing is sent, and is not believed any more once an append has succeeded in spite of it.
 * Settings decide nothing; they explain. Safe for use by any number of threads.
 */
public final class LandingReadiness {

  /**
   * For how long nothing may be acknowledged, while not even an empty delivery is admitted, before
   * that counts.
   */
  private static final long FULL_NANOS = Duration.ofSeconds(10).toNanos();

  /** Where deliveries go that Kafka does not take in time. */
  public interface Fallback {

    /** Whether it takes them now. */
    boolean takes();
  }

  /**
   * What is known.
   *
   * @param ready whether a delivery would be acknowledged
   * @param detail by what, or why not, and what else is worth knowing; for people
   */
  public record State(boolean ready, String detail) {}

  private final Breaker breaker;
  private final BooleanSupplier found;
  private final @Nullable Fallback spool;
  private final BooleanSupplier full;
  private final LongSupplier nanos;

  private Sight sight = new Sight.Led(true, List.of());
  private int badSights;
  private long badSince;
  private boolean wasFull;
  private long fullSince;

  /**
   * @param found whether the landing log has been found
   * @param spool null where there is none
   * @param full whether not even an empty delivery would be admitted
   * @param nanos the breaker's clock
   */
  public LandingReadiness(
      Breaker breaker,
      BooleanSupplier found,
      @Nullable Fallback spool,
      BooleanSupplier full,
      LongSupplier nanos) {
    this.breaker = breaker;
    this.found = found;
    this.spool = spool;
    this.full = full;
    this.nanos = nanos;
  }

  /** The cluster was looked at. */
  public synchronized void saw(Sight now) {
    boolean another = !now.getClass().equals(sight.getClass());
    sight = now;
    switch (now) {
      case Sight.Led led -> badSights = 0;
      case Sight.Untold untold -> badSights = 0;
      case Sight.Leaderless leaderless -> bad(another);
      case Sight.Unanswered unanswered -> bad(another);
    }
  }

  private void bad(boolean another) {
    if (badSights == 0 || another) {
      badSights = 0;
      badSince = nanos.getAsLong();
    }
    badSights++;
  }

  /** What is known now. */
  public synchronized State verdict() {
    String exhausted = exhausted();
    if (exhausted != null) {
      return new State(false, exhausted);
    }
    String trouble = trouble();
    Fallback fallback = spool;
    if (trouble == null) {
      String remarks = sight.remarks();
      return new State(true, remarks.isEmpty() ? "available" : "available; " + remarks);
    }
    if (fallback == null) {
      return new State(false, "deliveries are answered 503: " + trouble);
    }
    return fallback.takes()
        ? new State(true, "deliveries are spooled: " + trouble)
        : new State(false, "deliveries are answered 503: the spool takes none, and " + trouble);
  }

  /** Why Kafka would not acknowledge a delivery; null if it would, as far as is known. */
  private @Nullable String trouble() {
    if (!found.getAsBoolean()) {
      return "Kafka has not been reached yet";
    }
    if (breaker.isGone()) {
      return "Kafka acknowledges nothing: " + breaker.cause() + explained();
    }
    // One look may fail by chance, and an append that has succeeded since knows better.
    if (badSights < 2 || breaker.acknowledgedSince(badSince)) {
      return null;
    }
    return switch (sight) {
      case Sight.Leaderless leaderless -> leaderless.why();
      case Sight.Unanswered unanswered -> "Kafka does not answer: " + unanswered.why();
      case Sight.Led led -> null;
      case Sight.Untold untold -> null;
    };
  }

  private String explained() {
    String remarks = sight.remarks();
    return remarks.isEmpty() ? "" : "; " + remarks;
  }

  /** Why nothing at all is admitted; null where something is, or has been lately. */
  private @Nullable String exhausted() {
    long now = nanos.getAsLong();
    if (!full.getAsBoolean()) {
      wasFull = false;
      return null;
    }
    if (!wasFull) {
      wasFull = true;
      fullSince = now;
    }
    boolean lasts = now - fullSince >= FULL_NANOS;
    return lasts && !breaker.acknowledgedSince(now - FULL_NANOS)
        ? "deliveries are answered 503 overloaded: everything that may be in flight"
            + " (http.max-in-flight-bytes, http.max-in-flight-requests) is held by others, and"
            + " Kafka has acknowledged none of them for a while"
        : null;
  }
}
