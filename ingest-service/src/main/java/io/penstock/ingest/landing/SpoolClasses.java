package io.penstock.ingest.landing;

import io.penstock.ingest.spool.Spool;
import java.util.List;

/**
 * The classes by which deliveries go to a spool and leave it. They are needed first when Kafka is
 * late, by event loops, which must not wait then for a jar to be read.
 */
public final class SpoolClasses {

  private static final List<Class<?>> USED =
      List.of(
          Delivery.class,
          Drain.class,
          DrainLane.class,
          DurableLog.class,
          Spool.class,
          SpoolFormat.class,
          SpooledDeliveries.class);

  private SpoolClasses() {}

  /** Loads and initializes them, with those that they declare. */
  public static void load() {
    for (Class<?> used : USED) {
      initialize(used);
      for (Class<?> declared : used.getDeclaredClasses()) {
        initialize(declared);
      }
    }
  }

  private static void initialize(Class<?> loaded) {
    try {
      Class.forName(loaded.getName(), true, loaded.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e); // it is there: it was loaded from there
    }
  }
}
