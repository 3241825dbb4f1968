package io.penstock.ingest.landing;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * A time in which all records of one partition that were tried succeeded or are on their way. A
 * caller sends records that must keep their order under one epoch.
 *
 * <p>Until Kafka has acknowledged the first record of an epoch, no other is on its way; the others
 * wait here, in order. A broker that has no record of a producer takes any sequence number from it
 * (KIP-360). If it refused the first batch, because it was not the leader yet, and took the second,
 * it would refuse the first for ever with {@code OUT_OF_ORDER_SEQUENCE_NUMBER}, and the client
 * would never give it up.
 *
 * <p>Safe for use by any number of threads.
 */
final class Epoch {

  /** A record that may have to wait; exactly one of the methods is called, once. */
  interface Waiting {

    /** Hand it to the client. */
    void go();

    /** The epoch has ended: it must not be sent. */
    void untried();
  }

  private enum Stage {
    /** Nothing was sent. */
    NEW,
    /** The first is on its way. */
    BEGUN,
    /** The broker knows the producer. */
    PROVEN,
    ENDED
  }

  private final int partition;
  private final KafkaSender.Client client;
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private volatile Stage stage = Stage.NEW;

  Epoch(int partition, KafkaSender.Client client) {
    this.partition = partition;
    this.client = client;
  }

  int partition() {
    return partition;
  }

  KafkaSender.Client client() {
    return client;
  }

  boolean isProven() {
    return stage == Stage.PROVEN;
  }

  /** Sends it now, or behind those that wait. */
  void enter(Waiting record) {
    if (stage != Stage.PROVEN && !mayGo(record)) {
      return;
    }
    record.go();
  }

  private boolean mayGo(Waiting record) {
    synchronized (waiting) {
      switch (stage) {
        case NEW -> stage = Stage.BEGUN;
        case BEGUN -> {
          waiting.add(record);
          return false;
        }
        case PROVEN, ENDED -> {}
      }
      if (stage != Stage.ENDED) {
        return true;
      }
    }
    record.untried();
    return false;
  }

  /** Kafka acknowledged a record: those that wait go, before any that come from now on. */
  void acknowledged() {
    if (stage != Stage.BEGUN) {
      return;
    }
    synchronized (waiting) {
      while (stage == Stage.BEGUN && !waiting.isEmpty()) {
        waiting.remove().go(); // may end the epoch
      }
      if (stage == Stage.BEGUN) {
        stage = Stage.PROVEN;
      }
    }
  }

  /** The first record ended in a way that says nothing of its partition: the next one is first. */
  void settledOtherwise() {
    Waiting next = null;
    if (stage == Stage.BEGUN) {
      synchronized (waiting) {
        if (stage == Stage.BEGUN) {
          next = waiting.poll();
          stage = next == null ? Stage.NEW : Stage.BEGUN;
        }
      }
    }
    if (next != null) {
      next.go();
    }
  }

  /** A record has failed: none of those that wait is sent. */
  void end() {
    List<Waiting> untried;
    synchronized (waiting) {
      stage = Stage.ENDED;
      untried = new ArrayList<>(waiting);
      waiting.clear();
    }
    untried.forEach(Waiting::untried);
  }
}
