package io.penstock.ingest.spool;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;

/** Values on this machine's disk, in lanes: a skeleton that does nothing yet. */
public final class Spool implements AutoCloseable {

  /** What became of an append. */
  public enum Appended {
    /** On disk. */
    DURABLE,
    /** Not taken: there is no room. */
    FULL,
    /** Not taken: the disk has failed and is not back yet, or the spool is closing. */
    UNAVAILABLE,
    /** Perhaps on disk: writing failed. */
    FAILED
  }

  /**
   * A value in the spool.
   *
   * @param number its place in its lane
   * @param receivedAt as it was appended, in milliseconds since the epoch
   */
  public record Entry(int lane, long number, long receivedAt, byte[] value) {}

  /**
   * A stretch of a lane.
   *
   * @param next where the next one begins
   */
  public record Stretch(List<Entry> entries, long next) {
    public Stretch {
      entries = List.copyOf(entries);
    }
  }

  /** Where a value belongs that the spool of the version before wrote. Must not throw. */
  public interface Placement {
    /** The lane of a value. */
    int lane(byte[] value);

    /** When a value was received, in milliseconds since the epoch. */
    long receivedAt(byte[] value);
  }

  private Spool() {}

  public static Spool open(
      Path path,
      long maxSize,
      String prefix,
      Placement placement,
      InstantSource clock,
      LongSupplier nanos,
      MeterRegistry registry)
      throws IOException {
    throw new IOException("not there yet: " + path);
  }

  public void append(int lane, byte[] value, long receivedAt, Consumer<Appended> done) {
    done.accept(Appended.UNAVAILABLE);
  }

  public void read(int lane, long from, int entries, long bytes, Consumer<Stretch> done) {
    done.accept(new Stretch(List.of(), from));
  }

  public void drop(int lane, long before) {}

  public void setAside(Entry entry, Consumer<Boolean> done) {
    done.accept(false);
  }

  public void onAppend(IntConsumer heard) {}

  public Set<Integer> lanes() {
    return Set.of();
  }

  public long head(int lane) {
    return 1;
  }

  public long next(int lane) {
    return 1;
  }

  public long depth() {
    return 0;
  }

  public long size() {
    return 0;
  }

  public boolean accepts() {
    return false;
  }

  public int asideCount() {
    return 0;
  }

  public CompletableFuture<Void> failure() {
    return new CompletableFuture<>();
  }

  @Override
  public void close() {}
}
