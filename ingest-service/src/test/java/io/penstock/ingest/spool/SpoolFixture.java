package io.penstock.ingest.spool;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.ingest.spool.Spool.Appended;
import io.penstock.ingest.spool.Spool.Entry;
import io.penstock.ingest.spool.Spool.Stretch;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/** A spool in a test, and values that begin with a line that names them. */
final class SpoolFixture implements AutoCloseable {

  static final String PREFIX = "webhooks";
  static final long RECEIVED_AT = 1_700_000_000_000L;

  /** Values of an old spool are put into the lane that follows the last colon of their name. */
  static final Spool.Placement PLACEMENT =
      new Spool.Placement() {
        @Override
        public int lane(byte[] value) {
          String id = id(value);
          return Integer.parseInt(id.substring(id.lastIndexOf(':') + 1));
        }

        @Override
        public long receivedAt(byte[] value) {
          return RECEIVED_AT;
        }
      };

  /** A value that is to be appended. */
  record Named(int lane, String id, int size) {}

  final Spool spool;
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  SpoolFixture(Path directory, long maxSize) throws IOException {
    this(directory, maxSize, new Disk());
  }

  SpoolFixture(Path directory, long maxSize, Disk disk) throws IOException {
    this(directory, maxSize, disk, System::nanoTime);
  }

  SpoolFixture(Path directory, long maxSize, Disk disk, LongSupplier nanos) throws IOException {
    spool =
        Spool.open(
            directory, maxSize, PREFIX, PLACEMENT, InstantSource.system(), nanos, meters, disk);
  }

  static byte[] value(String id, int size) {
    return (id + "\n" + "x".repeat(size)).getBytes(UTF_8);
  }

  static String id(byte[] value) {
    return new String(value, UTF_8).lines().findFirst().orElse("");
  }

  static List<String> ids(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> "d" + i).toList();
  }

  /** Values of one lane. */
  static List<Named> named(int lane, int from, int to, int size) {
    return IntStream.range(from, to).mapToObj(i -> new Named(lane, "d" + i, size)).toList();
  }

  /** What became of appends that all wait at once. */
  List<Appended> append(List<Named> values) throws InterruptedException {
    ConcurrentLinkedQueue<Appended> outcomes = new ConcurrentLinkedQueue<>();
    CountDownLatch all = new CountDownLatch(values.size());
    for (Named value : values) {
      spool.append(
          value.lane(),
          value(value.id(), value.size()),
          RECEIVED_AT,
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

  Appended append(int lane, String id, int size) throws InterruptedException {
    return append(List.of(new Named(lane, id, size))).get(0);
  }

  /** Everything of a lane that can be read, from its head on. */
  List<Entry> all(int lane) throws InterruptedException {
    List<Entry> all = new ArrayList<>();
    long from = spool.head(lane);
    while (true) {
      Stretch stretch = read(lane, from, 1000, 4L << 20);
      all.addAll(stretch.entries());
      if (stretch.next() == from) {
        if (from < spool.next(lane)) {
          throw new AssertionError("lane " + lane + " does not go on behind " + from);
        }
        return all;
      }
      from = stretch.next();
    }
  }

  List<String> ids(int lane) throws InterruptedException {
    return all(lane).stream().map(entry -> id(entry.value())).toList();
  }

  Stretch read(int lane, long from, int entries, long bytes) throws InterruptedException {
    BlockingQueue<Stretch> answer = new LinkedBlockingQueue<>();
    spool.read(lane, from, entries, bytes, answer::add);
    Stretch stretch = answer.poll(120, TimeUnit.SECONDS);
    if (stretch == null) {
      throw new AssertionError("nothing was read");
    }
    return stretch;
  }

  boolean setAside(Entry entry) throws InterruptedException {
    BlockingQueue<Boolean> kept = new LinkedBlockingQueue<>();
    spool.setAside(entry, kept::add);
    Boolean answer = kept.poll(120, TimeUnit.SECONDS);
    if (answer == null) {
      throw new AssertionError("setting aside was not answered");
    }
    return answer;
  }

  double count(String meter, String... tags) {
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
