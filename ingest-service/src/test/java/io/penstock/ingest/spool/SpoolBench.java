package io.penstock.ingest.spool;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.ingest.delivery.DeduplicationId;
import io.penstock.ingest.landing.LandingRecord;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A spool in a test, and deliveries that tell which one they are. */
public final class SpoolBench implements AutoCloseable {

  static final String PREFIX = "webhooks";

  public final RocksSpool spool;
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  public SpoolBench(Path directory, long maxSize) throws java.io.IOException {
    spool =
        RocksSpool.open(
            directory, maxSize, PREFIX, InstantSource.system(), System::nanoTime, meters);
  }

  public static LandingRecord record(String key, String id, int bodySize) {
    return new LandingRecord.Event(
        new LandingRecord.Envelope(
            "source",
            "provider",
            "receipt-" + id,
            1_700_000_000_000L,
            key,
            "application/json",
            null,
            Map.of("svix-id", "msg-" + id),
            (id + "\n" + "x".repeat(bodySize)).getBytes(UTF_8)),
        DeduplicationId.of("source", "entity", List.of(id), "receipt"),
        null);
  }

  public static String id(LandingRecord record) {
    return new String(record.body(), UTF_8).lines().findFirst().orElse("");
  }

  /** What came of a number of appends, all of which wait at once. */
  List<RocksSpool.Appended> append(List<LandingRecord> records) throws InterruptedException {
    ConcurrentLinkedQueue<RocksSpool.Appended> outcomes = new ConcurrentLinkedQueue<>();
    CountDownLatch all = new CountDownLatch(records.size());
    for (LandingRecord record : records) {
      spool.append(
          record,
          outcome -> {
            outcomes.add(outcome);
            all.countDown();
          });
    }
    if (!all.await(120, TimeUnit.SECONDS)) {
      throw new AssertionError("not all appends were answered");
    }
    return List.copyOf(outcomes);
  }

  RocksSpool.Appended append(LandingRecord record) throws InterruptedException {
    return append(List.of(record)).get(0);
  }

  /** Everything that can be read, from the head on. */
  List<RocksSpool.Spooled> all() throws InterruptedException {
    java.util.ArrayList<RocksSpool.Spooled> all = new java.util.ArrayList<>();
    long from = spool.head();
    while (true) {
      RocksSpool.Stretch stretch = read(from, 1000, 4L << 20);
      all.addAll(stretch.deliveries());
      if (stretch.next() == from) {
        return all;
      }
      from = stretch.next();
    }
  }

  List<String> ids() throws InterruptedException {
    return all().stream().map(spooled -> id(spooled.record())).toList();
  }

  RocksSpool.Stretch read(long from, int records, long bytes) throws InterruptedException {
    java.util.concurrent.SynchronousQueue<RocksSpool.Stretch> answer =
        new java.util.concurrent.SynchronousQueue<>();
    spool.read(
        from,
        records,
        bytes,
        stretch -> {
          try {
            answer.put(stretch);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    RocksSpool.Stretch stretch = answer.poll(20, TimeUnit.SECONDS);
    if (stretch == null) {
      throw new AssertionError("nothing was read");
    }
    return stretch;
  }

  public double count(String meter, String... tags) {
    return meters.get(meter).tags(tags).counter().count();
  }

  double gauge(String meter) {
    return meters.get(meter).gauge().value();
  }

  @Override
  public void close() {
    spool.close();
  }
}
