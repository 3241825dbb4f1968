package io.penstock.ingest.landing;

import java.util.stream.IntStream;

/**
 * Which lane of the spool belongs to which partition of the landing log. A lane's number names the
 * number of partitions too under which it was written, so that what was spooled under another
 * number, or before Kafka had said how many there are, is known by its lane.
 *
 * @param partitions how many there are, from 1 up; of more than {@link #MOST}, several share a lane
 */
record SpoolLanes(int partitions) {

  /** The lanes of so many fit into the 65 536 that a spool has. */
  static final int MOST = 361;

  SpoolLanes {
    partitions = Math.clamp(partitions, 1, MOST);
  }

  /**
   * The lane of an entity.
   *
   * @param hash of its key, from 0 up
   */
  int lane(int hash) {
    return first(partitions) + hash % partitions;
  }

  /** Whether a lane was written under this number of partitions. */
  boolean has(int lane) {
    return lane >= first(partitions) && lane < first(partitions + 1);
  }

  /** What an entity's hash has beyond what its lane says. */
  int withinLane(int hash) {
    return hash / partitions;
  }

  /** All of them. */
  IntStream all() {
    return IntStream.range(first(partitions), first(partitions + 1));
  }

  private static int first(int partitions) {
    return partitions * (partitions - 1) / 2;
  }
}
