package io.penstock.ingest.console.live;

/** Whether the console sees what lands. */
public sealed interface Following {

  /** It has not come to the end of the topics yet. */
  record Starting() implements Following {}

  /** It sees what lands as it lands. */
  record Live() implements Following {}

  /**
   * It reads, and what it shows is late.
   *
   * @param records how many it has not read
   */
  record Behind(long records) implements Following {}

  /**
   * It cannot read from Kafka.
   *
   * @param sinceMillis since 1970
   * @param why for the operator
   */
  record Broken(long sinceMillis, String why) implements Following {}
}
