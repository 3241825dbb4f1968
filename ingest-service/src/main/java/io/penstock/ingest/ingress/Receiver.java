package io.penstock.ingest.ingress;

import io.vertx.core.buffer.Buffer;

/**
 * A step of a delivery: what it does with the body that arrives, and what it holds meanwhile. Each
 * step is a class that offers only the moves that are legal from it; the {@link Exchange} has
 * exactly one at any time. Lives on the exchange's event loop.
 */
interface Receiver {

  /** The step before a request is routed and after its answer: takes no body and holds nothing. */
  Receiver NONE = new Receiver() {};

  /**
   * Takes a part of the body.
   *
   * @throws IllegalStateException if this step takes no body: the connection should have been held
   */
  default void chunk(Buffer chunk) {
    throw new IllegalStateException("a part of a body came while none is read");
  }

  /** All of the body has arrived. */
  default void ended() {}

  /**
   * The answer is decided, or the client has gone: releases what this holds. May be called more
   * than once.
   */
  default void dismissed() {}

  /** A step that waits for something other than the body, with its room in memory. */
  record Held(Admission.Lease lease) implements Receiver {

    @Override
    public void dismissed() {
      lease.release();
    }
  }
}
