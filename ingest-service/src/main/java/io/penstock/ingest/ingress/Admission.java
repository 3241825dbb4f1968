package io.penstock.ingest.ingress;

import io.penstock.ingest.config.Configuration.LimitsConfig;
import io.penstock.ingest.source.Source;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Bounds what deliveries hold in memory, from their head until the landing log has settled their
 * record: in bytes and in number, over all sources and for each. Safe for use by any number of
 * threads.
 *
 * <p>A delivery is admitted if and only if it fits into every bound that counts it, at the moment
 * when it asks. All counts change together, so an attempt that fails takes no room meanwhile.
 *
 * <p>A source that is alone may use everything; of several, each may use half, so that a busy one
 * leaves as much to the others. Requests that are not authenticated yet, because that takes their
 * body, are counted apart: all of them together hold a quarter at most, and those of one source an
 * eighth (a quarter, if it is the only source), so that they cannot use up a source's share. Their
 * number is bounded by that of connections.
 *
 * <p>Every bound is wide enough for one delivery of its source's largest size.
 */
public final class Admission {

  /** What a delivery costs beside its body, in bytes. */
  static final int DELIVERY_OVERHEAD = 2048;

  private static final int REFUSED_IN_A_ROW = 5;

  /** Guards all counts; held for a few additions. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Room all;
  private final Room unauthenticated;
  private final Map<String, Share> shares = new HashMap<>();

  /**
   * @param bytes over all sources
   * @param requests over all sources, of authentic deliveries
   */
  public Admission(long bytes, int requests, Collection<Source> sources) {
    boolean alone = sources.size() == 1;
    long largest = 0;
    for (Source source : sources) {
      LimitsConfig limits = source.limits();
      Long ownBytes = limits.maxInFlightBytes();
      Integer ownRequests = limits.maxInFlightRequests();
      long one = most(source);
      largest = Math.max(largest, one);
      Room authenticated =
          new Room(
              Math.max(one, ownBytes != null ? ownBytes : alone ? bytes : bytes / 2),
              ownRequests != null ? ownRequests : alone ? requests : (requests + 1) / 2);
      Room unauthenticated =
          new Room(Math.max(one, alone ? bytes / 4 : bytes / 8), Integer.MAX_VALUE);
      shares.put(source.name(), new Share(authenticated, unauthenticated));
    }
    all = new Room(Math.max(largest, bytes), requests);
    unauthenticated = new Room(Math.max(largest, bytes / 4), Integer.MAX_VALUE);
  }

  /** The most that one delivery can hold: its body in pieces, and in one. */
  private static long most(Source source) {
    return DELIVERY_OVERHEAD + 2L * source.maxBodySize();
  }

  /** A bound in bytes and requests, and what is used of it. Guarded by the lock. */
  private static final class Room {
    final long maxBytes;
    final int maxRequests;
    long bytes;
    int requests;

    Room(long maxBytes, int maxRequests) {
      this.maxBytes = maxBytes;
      this.maxRequests = maxRequests;
    }

    /** Whether so much more fits. More of nothing fits even where a bound is exceeded. */
    boolean fits(long moreBytes, int moreRequests) {
      return (moreBytes <= 0 || bytes + moreBytes <= maxBytes)
          && (moreRequests <= 0 || requests + moreRequests <= maxRequests);
    }

    void add(long moreBytes, int moreRequests) {
      bytes += moreBytes;
      requests += moreRequests;
    }
  }

  /**
   * The last delivery that was refused since one was admitted.
   *
   * @param inARow how many were refused since then
   */
  private record Refused(long bytes, int inARow) {}

  /**
   * Whether a delivery of any source would be admitted that is as large as the last refused one.
   */
  private boolean wouldFit(Refused last) {
    return all.fits(last.bytes(), 1)
        && shares.values().stream().anyMatch(share -> share.authenticated().fits(last.bytes(), 1));
  }

  private @Nullable Refused refused;

  /** Where one source's requests are counted: the authenticated ones, and the others. */
  private record Share(Room authenticated, Room unauthenticated) {}

  /**
   * Takes what a delivery of an authenticated sender needs.
   *
   * @param bytes beside {@link #DELIVERY_OVERHEAD}
   * @return null where there is no room
   */
  @Nullable Lease authenticated(Source source, long bytes) {
    Lease lease = new Lease(share(source.name()));
    lock.lock();
    try {
      if (lease.becomeAuthenticated() && lease.resize(DELIVERY_OVERHEAD + bytes)) {
        refused = null;
        return lease;
      }
      int inARow = refused == null ? 1 : refused.inARow() + 1;
      refused = new Refused(DELIVERY_OVERHEAD + bytes, inARow);
      return lease.none();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes what a request needs at first whose sender is not authenticated yet.
   *
   * @return null where there is no room
   */
  @Nullable Lease unauthenticated(Source source) {
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
   * What one delivery holds. Belongs to one thread at a time, whose owner releases it; a second
   * release changes nothing. Only {@link #decided} may be called by another thread.
   */
  final class Lease {
    private final Share share;

    /** Written under the lock. */
    private volatile boolean counts;

    private boolean authenticated;
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
      if (to == bytes) {
        return true; // by its owner, who alone changes it
      }
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

    /** Whether there is room now for this to hold so many bytes. */
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
          && (authenticated
              ? share.authenticated.fits(more, 0)
              : unauthenticated.fits(more, 0) && share.unauthenticated.fits(more, 0));
    }

    private void add(long more) {
      bytes += more;
      all.add(more, 0);
      if (authenticated) {
        share.authenticated.add(more, 0);
      } else {
        unauthenticated.add(more, 0);
        share.unauthenticated.add(more, 0);
      }
    }

    /**
     * Counts among its source's authentic deliveries from now on.
     *
     * @return false where these have no room; then it holds what it held
     */
    boolean becomeAuthenticated() {
      lock.lock();
      try {
        if (authenticated) {
          return true;
        }
        if (!share.authenticated.fits(bytes, 1) || !all.fits(0, 1)) {
          return false;
        }
        long held = bytes;
        add(-held);
        authenticated = true;
        counts = true;
        share.authenticated.add(0, 1);
        all.add(0, 1);
        add(held);
        if (held > 0) { // with its body: it is admitted as a whole
          refused = null;
        }
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
     * The delivery has its answer and no longer counts as a request; the landing log may hold its
     * bytes for longer. Otherwise a partition that takes nothing for hours would use up the number
     * of requests, with few bytes.
     */
    void decided() {
      if (!counts) {
        return; // as most often: it was released before
      }
      lock.lock();
      try {
        countNoLonger();
      } finally {
        lock.unlock();
      }
    }

    private void countNoLonger() {
      if (counts) {
        counts = false;
        share.authenticated.add(0, -1);
        all.add(0, -1);
      }
    }

    /** Gives everything back. */
    void release() {
      lock.lock();
      try {
        add(-bytes);
        countNoLonger();
        authenticated = false;
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
   * Whether nothing is admitted: not even an empty delivery would be now, or several deliveries
   * were refused, none was admitted since, and one as large as the last would be refused again,
   * whatever its source.
   */
  public boolean isFull() {
    lock.lock();
    try {
      return !all.fits(DELIVERY_OVERHEAD, 1)
          || (refused != null && refused.inARow() >= REFUSED_IN_A_ROW && !wouldFit(refused));
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

  /** How many bytes the authentic deliveries of one source hold. */
  long held(String source) {
    return bytesOf(share(source).authenticated);
  }

  /** How many bytes the requests to one source hold that are not authenticated yet. */
  long heldUnauthenticated(String source) {
    return bytesOf(share(source).unauthenticated);
  }

  /** How many authentic deliveries of one source there are. */
  int requests(String source) {
    return requestsOf(share(source).authenticated);
  }
}
