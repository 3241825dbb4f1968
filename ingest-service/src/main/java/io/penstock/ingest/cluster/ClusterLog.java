package io.penstock.ingest.cluster;

import io.penstock.ingest.observability.LastingWarning;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes to the log what is wrong with the landing log's partitions, or will be, although records
 * arrive.
 */
public final class ClusterLog {

  private static final Logger log = LoggerFactory.getLogger(ClusterLog.class);

  private final LastingWarning remarks;

  /**
   * @param nanos a clock that only counts on
   */
  public ClusterLog(LongSupplier nanos) {
    this.remarks = new LastingWarning(log, nanos);
  }

  /** The cluster was looked at. */
  public void saw(ClusterWatch.Sight sight) {
    String found = sight.remarks();
    if (found.isEmpty()) {
      remarks.ends("The landing log's partitions are well again");
    } else {
      remarks.holds("The landing log is not well", "remarks", found);
    }
  }
}
