package io.penstock.ingest.ingress;

import io.penstock.ingest.config.Configuration.Limits;
import io.penstock.ingest.source.Source;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Bounds what deliveries hold in memory, from their head until Kafka has settled their record: in
 * bytes and in number, over all sources and for each. Safe for use by any number of threads.
 *
 * <p>A delivery is admitted exactly where everything fits that counts it, at the moment when it
 * asks: nobody else's attempt takes room that it does not get, since all counts change together.
 *
 * <p>A source that is alone may use everything; of several, each may use half, so that whichever is
 * noisy leaves as much to the others. Whoever is not known yet, for want of the body that proves
 * it, is counted apart: all of them together hold a quarter at most, and those of one source an
 * eighth (a quarter, if it is the only source), so that no stranger uses up a source's share.
 * Strangers are bounded in number by their connections.
 *
 * <p>No bound is so narrow that a delivery of its source's largest size could not pass alone.
 */
public final class Admission {

  /** What a delivery costs beside its body, in bytes. */
  static final int DELIVERY_OVERHEAD = 2048;

  /** Guards all counts; held for a few additions. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Room all;
  private final Room unknown;
  private final Map<String, Share> shares = new HashMap<>();

  /**
   * @param bytes over all sources
   * @param requests over all sources, of authentic deliveries
   */
  public Admission(long bytes, int requests, Collection<Source> sources) {
    boolean alone = sources.size() == 1;
    long largest = 0;
    for (Source source : sources) {
      Limits limits = source.limits();
      Long ownBytes = limits.maxInFlightBytes();
      Integer ownRequests = limits.maxInFlightRequests();
      long one = most(source);
      largest = Math.max(largest, one);
      Room known =
          new Room(
              Math.max(one, ownBytes != null ? ownBytes : alone ? bytes : bytes / 2),
              ownRequests != null ? ownRequests : alone ? requests : (requests + 1) / 2);
      Room strangers = new Room(Math.max(one, alone ? bytes / 4 : bytes / 8), Integer.MAX_VALUE);
      shares.put(source.name(), new Share(known, strangers));
    }
    all = new Room(Math.max(largest, bytes), requests);
    unknown = new Room(Math.max(largest, bytes / 4), Integer.MAX_VALUE);
  }

  /** The most that one delivery can hold: its body in pieces, and in one. */
  private static long most(Source source) {
    return DELIVERY_OVERHEAD + 2L * source.maxBodySize();
  }

  /** So many bytes and requests. Guarded by the lock. */
  private static final class Room {
    final long maxBytes;
    final int maxRequests;
    long bytes;
    int requests;

    Room(long maxBytes, int maxRequests) {
      this.maxBytes = maxBytes;
      this.maxRequests = maxRequests;
    }

    /** Whether so much more fits; what takes nothing of a kind needs no room of it. */
    boolean fits(long moreBytes, int moreRequests) {
      return (moreBytes <= 0 || bytes + moreBytes <= maxBytes)
          && (moreRequests <= 0 || requests + moreRequests <= maxRequests);
    }

    void add(long moreBytes, int moreRequests) {
      bytes += moreBytes;
      requests += moreRequests;
    }
  }

  /** Where one source's deliveries are counted: the authentic ones, and those not known yet. */
  private record Share(Room known, Room strangers) {}

  /**
   * Takes what a delivery needs whose sender is known.
   *
   * @param bytes beside {@link #DELIVERY_OVERHEAD}
   * @return null where there is no room
   */
  @Nullable Lease known(Source source, long bytes) {
    Lease lease = new Lease(share(source.name()));
    lock.lock();
    try {
      return lease.becomesKnown() && lease.resize(DELIVERY_OVERHEAD + bytes) ? lease : lease.none();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes what a delivery needs at first whose sender is not known yet.
   *
   * @return null where there is no room
   */
  @Nullable Lease unknown(Source source) {
    Lease lease = new Lease(share(source.name()));
    return lease.resize(DELIVERY_OVERHEAD) ? lease : null;
  }

  private Share share(String source) {
    Share share = shares.get(source);
    if (share == null) {
      throw new IllegalArgumentException("no source " + source);
    }
    return share;
  }

  /**
   * What one delivery holds. Belongs to one thread at a time: whoever is given it releases it,
   * once. Only {@link #decided} may be called by another.
   */
  final class Lease {
    private final Share share;
    private boolean counts;
    private boolean known;
    private long bytes;

    private Lease(Share share) {
      this.share = share;
    }

    /**
     * Holds so many bytes from now on.
     *
     * @return false where there is no room; then it holds what it held
     */
    boolean resize(long to) {
      lock.lock();
      try {
        if (!fits(to - bytes)) {
          return false;
        }
        add(to - bytes);
        return true;
      } finally {
        lock.unlock();
      }
    }

    /** Whether there would be room now, if this were to hold so many bytes. */
    boolean couldHold(long to) {
      lock.lock();
      try {
        return fits(to - bytes);
      } finally {
        lock.unlock();
      }
    }

    private boolean fits(long more) {
      return all.fits(more, 0)
          && (known
              ? share.known.fits(more, 0)
              : unknown.fits(more, 0) && share.strangers.fits(more, 0));
    }

    private void add(long more) {
      bytes += more;
      all.add(more, 0);
      if (known) {
        share.known.add(more, 0);
      } else {
        unknown.add(more, 0);
        share.strangers.add(more, 0);
      }
    }

    /**
     * Counts among its source's authentic deliveries from now on.
     *
     * @return false where these have no room; then it holds what it held
     */
    boolean becomesKnown() {
      lock.lock();
      try {
        if (known) {
          return true;
        }
        if (!share.known.fits(bytes, 1) || !all.fits(0, 1)) {
          return false;
        }
        long held = bytes;
        add(-held);
        known = true;
        counts = true;
        share.known.add(0, 1);
        all.add(0, 1);
        add(held);
        return true;
      } finally {
        lock.unlock();
      }
    }

    /** What it holds. */
    long bytes() {
      lock.lock();
      try {
        return bytes;
      } finally {
        lock.unlock();
      }
    }

    /**
     * It has its answer, and no longer counts as a request; its bytes may be Kafka's for longer. A
     * partition that takes nothing for hours would use up all requests otherwise, and few bytes.
     */
    void decided() {
      lock.lock();
      try {
        if (counts) {
          counts = false;
          share.known.add(0, -1);
          all.add(0, -1);
        }
      } finally {
        lock.unlock();
      }
    }

    /** Gives everything back. */
    void release() {
      lock.lock();
      try {
        add(-bytes);
        decided();
        known = false;
      } finally {
        lock.unlock();
      }
    }

    private @Nullable Lease none() {
      release();
      return null;
    }
  }

  private long bytesOf(Room room) {
    lock.lock();
    try {
      return room.bytes;
    } finally {
      lock.unlock();
    }
  }

  private int requestsOf(Room room) {
    lock.lock();
    try {
      return room.requests;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Whether not even an empty delivery would be admitted now, whatever its source: everything is
   * held by others.
   */
  public boolean isFull() {
    lock.lock();
    try {
      return !all.fits(DELIVERY_OVERHEAD, 1);
    } finally {
      lock.unlock();
    }
  }

  /** How many bytes are held. */
  public long held() {
    return bytesOf(all);
  }

  /** How many may be. */
  public long limit() {
    return all.maxBytes;
  }

  /** How many authentic deliveries there are, over all sources. */
  int requests() {
    return requestsOf(all);
  }

  /** How many bytes the deliveries of one source hold that are authentic. */
  long held(String source) {
    return bytesOf(share(source).known);
  }

  /** How many bytes those hold that would be of this source, and are not known yet. */
  long heldByStrangers(String source) {
    return bytesOf(share(source).strangers);
  }

  /** How many authentic deliveries of one source there are. */
  int requests(String source) {
    return requestsOf(share(source).known);
  }
}
