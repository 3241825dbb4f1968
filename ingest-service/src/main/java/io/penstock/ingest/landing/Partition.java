package io.penstock.ingest.landing;

/** A partition of the landing log as {@link KafkaSender} sees it. For any number of threads. */
final class Partition {

  private final int number;
  private final PartitionHealth health;
  private volatile Epoch epoch;

  Partition(int number, PartitionHealth health, KafkaSender.Client client) {
    this.number = number;
    this.health = health;
    this.epoch = new Epoch(number, client);
  }

  int number() {
    return number;
  }

  PartitionHealth health() {
    return health;
  }

  /** The epoch that lasts now. */
  Epoch epoch() {
    return epoch;
  }

  /** Begins another epoch with the same client, unless this one is over already. */
  synchronized void end(Epoch ended) {
    if (epoch == ended) {
      epoch = new Epoch(number, ended.client());
    }
  }

  /** Begins another epoch with another client. */
  synchronized void begin(KafkaSender.Client client) {
    epoch = new Epoch(number, client);
  }
}
