package io.penstock.ingest.ingress;

import io.penstock.ingest.config.Configuration.Limits;
import io.penstock.ingest.source.Source;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Bounds what deliveries hold in memory, from their head until Kafka has settled their record: in
 * bytes and in number, over all sources and for each. Safe for use by any number of threads.
 *
 * <p>A source that is alone may use everything; of several, each may use half, so that whichever is
 * noisy leaves as much to the others. Whoever is not known yet, for want of the body that proves
 * it, is counted apart: all of them together hold a quarter at most, and those of one source an
 * eighth, so that no stranger uses up a source's share. Strangers are bounded in number by their
 * connections.
 *
 * <p>No bound is so narrow that a delivery of its source's largest size could not pass alone.
 */
public final class Admission {

  /** What a delivery costs beside its body, in bytes. */
  static final int DELIVERY_OVERHEAD = 2048;

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
    return DELIVERY_OVERHEAD + 2L * source.maxBodySize() + BodyCollector.LARGEST_BLOCK;
  }

  /** So many bytes and requests. */
  private static final class Room {
    final long maxBytes;
    final int maxRequests;
    final AtomicLong bytes = new AtomicLong();
    final AtomicInteger requests = new AtomicInteger();

    Room(long maxBytes, int maxRequests) {
      this.maxBytes = maxBytes;
      this.maxRequests = maxRequests;
    }

    boolean tryAcquire(long moreBytes, int moreRequests) {
      long nowBytes = bytes.addAndGet(moreBytes);
      int nowRequests = requests.addAndGet(moreRequests);
      boolean room =
          (moreBytes == 0 || nowBytes <= maxBytes)
              && (moreRequests == 0 || nowRequests <= maxRequests);
      if (!room) {
        release(moreBytes, moreRequests);
      }
      return room;
    }

    void release(long lessBytes, int lessRequests) {
      bytes.addAndGet(-lessBytes);
      requests.addAndGet(-lessRequests);
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
    return lease.becomesKnown() && lease.resize(DELIVERY_OVERHEAD + bytes) ? lease : lease.none();
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
    private final AtomicBoolean counts = new AtomicBoolean();
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
      long more = to - bytes;
      if (more > 0 && !acquire(more)) {
        return false;
      }
      if (more < 0) {
        giveBack(-more);
      }
      bytes = to;
      return true;
    }

    /** Whether there would be room now, if this were to hold so many bytes. */
    boolean couldHold(long to) {
      long before = bytes;
      return resize(to) && resize(before);
    }

    private boolean acquire(long more) {
      if (!all.tryAcquire(more, 0)) {
        return false;
      }
      if (known) {
        if (share.known.tryAcquire(more, 0)) {
          return true;
        }
      } else if (unknown.tryAcquire(more, 0)) {
        if (share.strangers.tryAcquire(more, 0)) {
          return true;
        }
        unknown.release(more, 0);
      }
      all.release(more, 0);
      return false;
    }

    private void giveBack(long less) {
      all.release(less, 0);
      if (known) {
        share.known.release(less, 0);
      } else {
        unknown.release(less, 0);
        share.strangers.release(less, 0);
      }
    }

    /**
     * Counts among its source's authentic deliveries from now on.
     *
     * @return false where these have no room; then it holds what it held
     */
    boolean becomesKnown() {
      if (known) {
        return true;
      }
      if (!share.known.tryAcquire(bytes, 1)) {
        return false;
      }
      if (!all.tryAcquire(0, 1)) {
        share.known.release(bytes, 1);
        return false;
      }
      unknown.release(bytes, 0);
      share.strangers.release(bytes, 0);
      known = true;
      counts.set(true);
      return true;
    }

    /** What it holds. */
    long bytes() {
      return bytes;
    }

    /**
     * It has its answer, and no longer counts as a request; its bytes may be Kafka's for longer. A
     * partition that takes nothing for hours would use up all requests otherwise, and few bytes.
     */
    void decided() {
      if (counts.compareAndSet(true, false)) {
        share.known.release(0, 1);
        all.release(0, 1);
      }
    }

    /** Gives everything back. */
    void release() {
      giveBack(bytes);
      bytes = 0;
      decided();
      known = false;
    }

    private @Nullable Lease none() {
      release();
      return null;
    }
  }

  /** How many bytes are held. */
  public long held() {
    return all.bytes.get();
  }

  /** How many may be. */
  public long limit() {
    return all.maxBytes;
  }

  /** How many authentic deliveries there are, over all sources. */
  int requests() {
    return all.requests.get();
  }

  /** How many bytes the deliveries of one source hold that are authentic. */
  long held(String source) {
    return share(source).known.bytes.get();
  }

  /** How many bytes those hold that would be of this source, and are not known yet. */
  long heldByStrangers(String source) {
    return share(source).strangers.bytes.get();
  }

  /** How many authentic deliveries of one source there are. */
  int requests(String source) {
    return share(source).known.requests.get();
  }
}
