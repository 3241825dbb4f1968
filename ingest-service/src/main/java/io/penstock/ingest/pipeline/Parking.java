package io.penstock.ingest.pipeline;

import io.penstock.ingest.delivery.DeduplicationId;
import java.util.List;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/** Where the events of paused sources wait for their publication. For one stream task. */
interface Parking {

  /** What happens to an event that is the first of its copies. */
  enum Taken {
    /** It does not wait: it is to be published now. */
    NOT,
    /** It waits, and will be published. */
    PARKED,
    /** It cannot wait, and became a dead letter. */
    DEAD_LETTER
  }

  /** Publishes events that have waited. */
  interface Outlet {

    /**
     * Writes an event to its topic, and counts it as published.
     *
     * @param event with the headers of what is published
     */
    void publish(Record<byte[], Publication> event, Publication.Event publication);
  }

  /** Where nothing ever waits. */
  Parking NONE =
      new Parking() {
        @Override
        public void open(ProcessorContext<byte[], byte[]> context, Outlet outlet) {}

        @Override
        public Taken take(
            Publication.Event event,
            List<DeduplicationId> ids,
            long storeTime,
            LandingPosition position) {
          return Taken.NOT;
        }

        @Override
        public void close() {}
      };

  /** The task begins: its stores are there. */
  void open(ProcessorContext<byte[], byte[]> context, Outlet outlet);

  /**
   * Has an event wait if its source is paused, or if an earlier event of its source waits.
   *
   * @param event the first of its copies
   * @param ids what it is remembered by
   * @param storeTime the time at which it is remembered, in milliseconds since 1970
   * @param position in the landing log
   */
  Taken take(
      Publication.Event event, List<DeduplicationId> ids, long storeTime, LandingPosition position);

  /** The task ends here. */
  void close();
}
