package io.penstock.ingest.pipeline;

import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/** Judges from what is published which models can be used. For one stream task. */
interface ReadinessJudge {

  /** Where nothing is judged. */
  ReadinessJudge NONE =
      new ReadinessJudge() {
        @Override
        public void open(ProcessorContext<byte[], byte[]> context) {}

        @Override
        public void published(
            Record<byte[], Publication> event, Publication.Event publication, long at) {}

        @Override
        public void close() {}
      };

  /** The task begins: its stores are there. */
  void open(ProcessorContext<byte[], byte[]> context);

  /**
   * An event is published, once.
   *
   * @param event with the headers of what is published
   * @param at in milliseconds since 1970, by the brokers' clocks
   */
  void published(Record<byte[], Publication> event, Publication.Event publication, long at);

  /** The task ends here. */
  void close();
}
