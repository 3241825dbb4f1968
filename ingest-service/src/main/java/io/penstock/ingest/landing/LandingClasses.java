package io.penstock.ingest.landing;

import io.penstock.ingest.spool.Spool;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The classes that event loops need for the first delivery, and for the first one that goes to a
 * spool. An event loop must not wait for a jar to be read, so they are loaded before ports open.
 */
public final class LandingClasses {

  private static final Logger log = LoggerFactory.getLogger(LandingClasses.class);

  private static final List<Class<?>> OURS =
      List.of(
          Delivery.class,
          Drain.class,
          Completions.class,
          DrainLane.class,
          DurableLog.class,
          Epoch.class,
          KafkaSender.class,
          LaneMarks.class,
          Partition.class,
          Sending.class,
          Spool.class,
          SpoolFormat.class,
          SpooledDeliveries.class);

  /** What Kafka's client needs to append a record to a batch; another version may have others. */
  private static final List<String> KAFKAS =
      List.of(
          "clients.producer.KafkaProducer$AppendCallbacks",
          "clients.producer.internals.BuiltInPartitioner",
          "clients.producer.internals.ProducerBatch",
          "clients.producer.internals.ProducerBatch$Thunk",
          "clients.producer.internals.RecordAccumulator$RecordAppendResult",
          "clients.producer.internals.RecordAccumulator$TopicInfo",
          "clients.producer.internals.TransactionManager$TransactionOperation",
          "common.header.internals.RecordHeaders$1",
          "common.record.internal.CompressionRatioEstimator",
          "common.record.internal.DefaultRecord",
          "common.record.internal.DefaultRecordBatch",
          "common.record.internal.MemoryRecordsBuilder",
          "common.record.internal.MemoryRecordsBuilder$1");

  private LandingClasses() {}

  /** Loads and initializes them. Blocks; for the thread that starts the service. */
  public static void load() {
    OURS.forEach(LandingClasses::initializeAll);
    for (String name : KAFKAS) {
      try {
        initialize("org.apache.kafka." + name);
      } catch (ClassNotFoundException e) {
        log.atDebug().addKeyValue("class", name).log("Kafka's client has no such class");
      }
    }
  }

  private static void initializeAll(Class<?> used) {
    try {
      initialize(used.getName());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e); // it is there: it was loaded from there
    }
    for (Class<?> declared : used.getDeclaredClasses()) {
      initializeAll(declared);
    }
  }

  private static void initialize(String name) throws ClassNotFoundException {
    Class.forName(name, true, LandingClasses.class.getClassLoader());
  }
}
