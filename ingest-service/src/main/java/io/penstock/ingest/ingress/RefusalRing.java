package io.penstock.ingest.ingress;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The last refusals of one source and reason, bounded in number and bytes. The oldest gives way; of
 * an address that has half of the entries, its own oldest. Safe for use by any number of threads.
 */
final class RefusalRing {

  private final int most;
  private final long mostBytes;

  /** Held for a few comparisons. */
  private final ReentrantLock lock = new ReentrantLock();

  /** The newest last. */
  private final Map<Key, Refusals.Entry> entries = new LinkedHashMap<>();

  private long bytes;
  private long count;
  private long last;

  /**
   * @param most how many entries, at least 1
   * @param mostBytes that they take, about; one is kept in any case
   */
  RefusalRing(int most, long mostBytes) {
    this.most = most;
    this.mostBytes = mostBytes;
  }

  /** What equal refusals have in common. */
  record Key(String why, @Nullable String detail, String path, String address) {

    static Key of(RefusalDecision refusal, @Nullable UnknownAddress unknown, String address) {
      return new Key(
          unknown == null ? refusal.why() : unknown.why(),
          refusal.detail(),
          unknown == null ? "" : unknown.path(),
          address);
    }
  }

  private static long bytes(Refusals.Entry entry) {
    String detail = entry.refusal().detail();
    return entry.request().bytes()
        + entry.why().length()
        + (detail == null ? 0 : 2L * detail.length());
  }

  /**
   * Counts a refusal whose equal was taken down a moment ago, so that a flood costs little.
   *
   * @param now in milliseconds since 1970
   * @return false where there is none: then nothing is counted
   */
  boolean countsAgain(Key key, long now) {
    lock.lock();
    try {
      Refusals.Entry equal = entries.get(key);
      if (equal == null || Math.abs(now - equal.noted()) >= Refusals.SOON) {
        return false;
      }
      count++;
      last = now;
      entries.put(
          key,
          new Refusals.Entry(
              equal.refusal(),
              equal.address(),
              equal.request(),
              equal.noted(),
              equal.count() + 1,
              equal.first(),
              now));
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Adds one refusal, to the entry of its equals where there is one. */
  void add(Refusals.Entry added) {
    Key key = Key.of(added.refusal(), added.address(), added.request().address());
    lock.lock();
    try {
      count++;
      last = added.last();
      Refusals.Entry equal = entries.remove(key);
      if (equal != null) {
        bytes -= bytes(equal);
      }
      put(
          key,
          equal == null
              ? added
              : new Refusals.Entry(
                  added.refusal(),
                  added.address(),
                  added.request(),
                  added.noted(),
                  equal.count() + 1,
                  equal.first(),
                  added.last()));
      while (entries.size() > 1 && (entries.size() > most || bytes > mostBytes)) {
        remove(oldest(key));
      }
    } finally {
      lock.unlock();
    }
  }

  private void put(Key key, Refusals.Entry entry) {
    entries.put(key, entry);
    bytes += bytes(entry);
  }

  private void remove(Key key) {
    bytes -= bytes(Objects.requireNonNull(entries.remove(key)));
  }

  /** What gives way to a new entry. */
  private Key oldest(Key added) {
    Key oldest = null;
    Key oldestOfItsAddress = null;
    int ofItsAddress = 0;
    for (Key key : entries.keySet()) {
      if (oldest == null) {
        oldest = key;
      }
      if (key.address().equals(added.address())) {
        ofItsAddress++;
        if (oldestOfItsAddress == null) {
          oldestOfItsAddress = key;
        }
      }
    }
    return 2 * ofItsAddress > entries.size() && oldestOfItsAddress != null
        ? oldestOfItsAddress
        : Objects.requireNonNull(oldest);
  }

  Refusals.Kept kept(Refusals.Group group) {
    lock.lock();
    try {
      return new Refusals.Kept(group, count, last, new ArrayList<>(entries.values()));
    } finally {
      lock.unlock();
    }
  }
}
