package io.penstock.ingest.auth;

/**
 * Does work that is too slow for an event loop, in a bounded number, senders' addresses in turn.
 */
public interface SlowWork {

  /** Work for one or more requests. Exactly one of its methods is called, once. */
  interface Task {

    /** Computes; on a thread for slow work. */
    void run();

    /** Hears that nothing will be computed; on any thread. Must not block. */
    void shed();
  }

  /**
   * Has work done when its turn comes; returns at once.
   *
   * @param address of the client that it is for
   */
  void submit(String address, Task task);
}
