package io.penstock.ingest.cli;

import io.penstock.ingest.lookup.LandingLookup;
import io.penstock.ingest.lookup.Shown;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * An address of HTTP. Each delivery is sent as its provider sent it, after the one before it has
 * been taken; one that is not taken is tried again, and then the replay ends.
 */
final class AddressTarget implements ReplayTarget {

  private static final int ATTEMPTS = 4;

  /** How often in a second it looks whether a signal has come while it waits. */
  private static final int LOOKS = 20;

  private final Forwarder forwarder;
  private final LandingLookup lookup;
  private long certain;
  private volatile boolean stopped;

  AddressTarget(Forwarder forwarder, LandingLookup lookup) {
    this.forwarder = forwarder;
    this.lookup = lookup;
  }

  @Override
  public Sent send(ConsumerRecord<byte[], byte[]> record, Shown.Published event) {
    Shown.Landed landed = lookup.of(event);
    if (landed == null) {
      return new Sent.Refused("the landing log no longer keeps its bytes");
    }
    String why = "";
    for (int attempt = 0; attempt < ATTEMPTS && !stopped; attempt++) {
      for (int i = 0; attempt > 0 && i < LOOKS << (attempt - 1) && !stopped; i++) {
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1) / LOOKS);
      }
      switch (forwarder.send(landed.landing())) {
        case Forwarder.Answer.Status status -> {
          if (status.isSuccess()) {
            certain++;
            return new Sent.Going();
          }
          why = "it answered " + status.code();
        }
        case Forwarder.Answer.None none -> why = none.why();
      }
    }
    return new Sent.Lost(why);
  }

  @Override
  public Sent finish() {
    return new Sent.Going();
  }

  @Override
  public long certain() {
    return certain;
  }

  @Override
  public void stop() {
    stopped = true;
    forwarder.stop();
    lookup.wakeup();
  }

  @Override
  public String summary() {
    return forwarder.summary();
  }

  @Override
  public void close() {
    forwarder.close();
    lookup.close();
  }
}
