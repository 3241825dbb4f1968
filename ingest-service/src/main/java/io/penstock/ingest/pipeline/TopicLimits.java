package io.penstock.ingest.pipeline;

/** What the topics take. Called by stream threads, per record: never waits. */
@FunctionalInterface
interface TopicLimits {

  /** The largest record that a topic takes, in bytes, as far as it is known. */
  int maxRecordBytes(String topic);

  /** Takes note that a record was too large: its topic may take more by now. */
  default void reached() {}
}
