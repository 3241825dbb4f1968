package io.penstock.ingest.cli;

import io.penstock.ingest.lookup.Shown;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Where events are replayed to. For one thread, but for {@link #stop}. */
interface ReplayTarget extends AutoCloseable {

  /** What became of one event, as far as is known when the call returns. */
  sealed interface Sent {

    /** The target has it, or will have it before {@link ReplayTarget#finish} returns. */
    record Going() implements Sent {}

    /**
     * The target does not take this one, and may take others.
     *
     * @param why for the operator
     */
    record Refused(String why) implements Sent {}

    /**
     * The target takes nothing now. Whether it has this event all the same is not known.
     *
     * @param why for the operator
     */
    record Lost(String why) implements Sent {}
  }

  /** Sends an event behind those before it. */
  Sent send(ConsumerRecord<byte[], byte[]> record, Shown.Published event)
      throws InterruptedException;

  /** Waits for what is going; the first failure of any of them that was not reported yet. */
  Sent finish() throws InterruptedException;

  /** How many events the target has certainly, in their order from the first. */
  long certain();

  /** Ends what goes on. Called by any thread. */
  void stop();

  /** What there is to say at the end; empty where there is nothing. */
  String summary();

  @Override
  void close();
}
