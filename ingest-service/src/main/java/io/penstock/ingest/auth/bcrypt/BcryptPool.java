package io.penstock.ingest.auth.bcrypt;

import com.google.common.net.InetAddresses;
import io.penstock.ingest.auth.SlowWork;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The few threads that compute bcrypt hashes, for all sources together, and what waits for them.
 *
 * <p>Any client can ask for a hash, and one takes a tenth of a second. So the threads leave
 * processors to the event loops, what waits is bounded in number and in time, and the addresses
 * that ask take turns. What finds no place, or waits too long, is shed. All methods return at once.
 */
public final class BcryptPool implements SlowWork, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(BcryptPool.class);

  /** How many bytes of an IPv6 address are the network of a host. */
  private static final int IPV6_NETWORK = 8;

  private final LongSupplier nanoTime;
  private final long patienceNanos;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final BcryptQueue<Waiting> queue;
  private final List<Thread> threads = new ArrayList<>();
  private final LongAdder shed = new LongAdder();
  private boolean closed;
  private volatile int waiting;

  /**
   * Starts the threads: daemons, named {@code penstock-bcrypt-0} and so on.
   *
   * @param nanoTime the clock that waiting is measured by, such as {@link System#nanoTime}
   */
  public BcryptPool(Limits limits, LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.patienceNanos = limits.patience().toNanos();
    this.queue = new BcryptQueue<>(limits.waiting(), limits.waitingPerAddress());
    for (int i = 0; i < limits.threads(); i++) {
      threads.add(
          Thread.ofPlatform().daemon().name("penstock-bcrypt-" + i).unstarted(this::runAll));
    }
    threads.forEach(Thread::start);
  }

  /**
   * What the pool may take up.
   *
   * @param threads how many hashes are computed at once
   * @param waiting how many requests for one may wait, over all addresses
   * @param waitingPerAddress how many of them from one address; IPv6 addresses of one /64 are one
   * @param patience how long one may wait and still be computed
   */
  public record Limits(int threads, int waiting, int waitingPerAddress, Duration patience) {
    public Limits {
      if (threads < 1 || waiting < 1 || waitingPerAddress < 1 || !patience.isPositive()) {
        throw new IllegalArgumentException("limits must be positive");
      }
    }

    /**
     * The limits that suit a machine: half of its processors, and for each of them as many in
     * waiting as can be computed within the patience of 10 s at cost 10.
     */
    public static Limits forProcessors(int processors) {
      int threads = Math.max(1, processors / 2);
      return new Limits(threads, 512 * threads, 128 * threads, Duration.ofSeconds(10));
    }
  }

  private record Waiting(Task work, long since) {}

  @Override
  public void submit(String address, Task task) {
    Waiting refused = new Waiting(task, nanoTime.getAsLong());
    lock.lock();
    try {
      if (!closed) {
        refused = queue.offer(neighbourhood(address), refused);
        waiting = queue.size();
        work.signal();
      }
    } finally {
      lock.unlock();
    }
    if (refused != null) {
      shed(refused);
    }
  }

  /** How many requests wait now. */
  public int waiting() {
    return waiting;
  }

  /** How many requests have been shed, for want of a place or of time. */
  public long shed() {
    return shed.sum();
  }

  /**
   * Sheds all that waits, and all that comes from here on. What is being computed is computed to
   * its end, and not waited for.
   */
  @Override
  public void close() {
    List<Waiting> left;
    lock.lock();
    try {
      closed = true;
      left = queue.clear();
      waiting = 0;
      work.signalAll();
    } finally {
      lock.unlock();
    }
    left.forEach(this::shed);
  }

  private void shed(Waiting refused) {
    shed.increment();
    refused.work().shed();
  }

  private void runAll() {
    Waiting next = take();
    while (next != null) {
      try {
        if (nanoTime.getAsLong() - next.since() > patienceNanos) {
          shed(next);
        } else {
          next.work().run();
        }
      } catch (RuntimeException | Error e) {
        LOG.atError().setCause(e).log("Computing a bcrypt hash failed");
        shed(next); // or its requests would wait for ever
      }
      next = take();
    }
  }

  /** What is to be done next, once there is something; null when the pool is closed. */
  private @Nullable Waiting take() {
    lock.lock();
    try {
      Waiting next = queue.poll();
      while (next == null && !closed) {
        work.awaitUninterruptibly();
        next = queue.poll();
      }
      waiting = queue.size();
      return next;
    } finally {
      lock.unlock();
    }
  }

  /**
   * What shares one line: an address, but of an IPv6 address only the network, since a single host
   * has as many addresses as it likes within its network.
   */
  private static String neighbourhood(String address) {
    if (address.indexOf(':') < 0) {
      return address;
    }
    int zone = address.indexOf('%');
    String plain = zone < 0 ? address : address.substring(0, zone);
    if (!InetAddresses.isInetAddress(plain)) {
      return address;
    }
    InetAddress parsed = InetAddresses.forString(plain);
    if (!(parsed instanceof Inet6Address)) {
      return parsed.getHostAddress();
    }
    StringBuilder network = new StringBuilder("net6:");
    byte[] bytes = parsed.getAddress();
    for (int i = 0; i < IPV6_NETWORK; i++) {
      network.append(Character.forDigit((bytes[i] >> 4) & 0xf, 16));
      network.append(Character.forDigit(bytes[i] & 0xf, 16));
    }
    return network.toString();
  }
}
