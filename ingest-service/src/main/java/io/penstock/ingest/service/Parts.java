package io.penstock.ingest.service;

import com.google.common.base.Throwables;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/**
 * What has been opened of an instance, in this order; it is closed in the reverse order. For one
 * thread at a time.
 */
final class Parts {

  /** How an instance ends. */
  enum Ending {
    /** A signal stops an instance that works. */
    ORDERLY,
    /** The instance cannot go on, or has not started: no load balancer need notice it. */
    FAILED
  }

  /** One thing that is open. */
  interface Part {

    /** The instance is going to end. Called for every part before any is closed; never blocks. */
    default void announceEnd() {}

    /** Closes it; blocks for a bounded time. */
    void close(Ending ending) throws InterruptedException;
  }

  private final Deque<Part> open = new ArrayDeque<>();

  /** Adds a part that has just been opened. */
  <T extends Part> T add(T part) {
    open.push(part);
    return part;
  }

  /** Adds a resource that has just been opened. */
  <T> T add(T resource, Consumer<T> close) {
    open.push(ending -> close.accept(resource));
    return resource;
  }

  /**
   * Closes all parts, also when the thread is interrupted or a part fails.
   *
   * @throws RuntimeException the first failure, or an {@link Error}; it suppresses the others
   */
  void close(Ending ending) {
    boolean interrupted = Thread.interrupted(); // or nothing here would wait for anything
    List<Throwable> failures = new ArrayList<>();
    open.forEach(Part::announceEnd);
    while (!open.isEmpty()) {
      try {
        open.pop().close(ending);
      } catch (InterruptedException e) {
        interrupted = true;
      } catch (Throwable e) { // Vert.x throws checked exceptions that it does not declare
        failures.add(e);
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (!failures.isEmpty()) {
      Throwable first = failures.getFirst();
      failures.stream().skip(1).forEach(first::addSuppressed);
      Throwables.throwIfUnchecked(first);
      throw new IllegalStateException(first);
    }
  }
}
