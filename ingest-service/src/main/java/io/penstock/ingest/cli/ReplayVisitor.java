package io.penstock.ingest.cli;

import io.penstock.ingest.lookup.EventFilter;
import io.penstock.ingest.lookup.PlainText;
import io.penstock.ingest.lookup.ReadProgress;
import io.penstock.ingest.lookup.RecordPosition;
import io.penstock.ingest.lookup.Shown;
import io.penstock.ingest.lookup.TopicReader;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** Sends each selected event to a target, in order and no faster than it may. For one thread. */
final class ReplayVisitor implements TopicReader.Visitor {

  /** How long it waits at most before it looks whether a signal has come. */
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final EventFilter filter;
  private final EventFilter.Quick quick;
  private final Instant start;
  private final Instant end;
  private final Function<ConsumerRecord<byte[], byte[]>, Shown> decoder;
  private final ReplayTarget target;
  private final long pauseNanos;
  private final PrintWriter err;
  private final LongSupplier nanoTime;
  private final ScanReport report;

  /** The times of the events that were sent and are not certain yet, in their order. */
  private final Deque<Instant> going = new ArrayDeque<>();

  /** The time of the last event that is certain; before the first, the start. */
  private Instant settled;

  private long sent;
  private long bytes;
  private long kept;
  private long certainBefore;
  private long nextNanos;
  private boolean complete = true;
  private @Nullable String lost;
  private volatile boolean stopped;

  /**
   * @param start landed since then
   * @param end landed before then
   * @param decoder decodes a record
   * @param rate how many a second at most; null: any
   * @param nanoTime a clock as {@link System#nanoTime}
   */
  ReplayVisitor(
      EventFilter filter,
      Instant start,
      Instant end,
      Function<ConsumerRecord<byte[], byte[]>, Shown> decoder,
      ReplayTarget target,
      @Nullable Integer rate,
      PrintWriter err,
      LongSupplier nanoTime) {
    this.filter = filter;
    this.quick = filter.quick();
    this.start = start;
    this.settled = start;
    this.end = end;
    this.decoder = decoder;
    this.target = target;
    this.pauseNanos = rate == null ? 0 : TimeUnit.SECONDS.toNanos(1) / rate;
    this.err = err;
    this.nanoTime = nanoTime;
    this.report = new ScanReport(err, nanoTime);
    this.nextNanos = nanoTime.getAsLong();
  }

  @Override
  public void accept(ConsumerRecord<byte[], byte[]> record) {
    Instant time = Instant.ofEpochMilli(record.timestamp());
    if (!quick.mayBe(record) || time.isBefore(start) || !time.isBefore(end)) {
      return;
    }
    switch (decoder.apply(record)) {
      case Shown.Published event -> {
        if (filter.has(event) && pace()) {
          send(record, event);
        }
      }
      case Shown.Unreadable unreadable ->
          unreadable(unreadable.position() + ": " + unreadable.problem());
      case Shown.Landed landed -> {}
      case Shown.Letter letter -> {}
    }
  }

  /** Waits until the next may be sent; false where a signal has come. */
  private boolean pace() {
    long wait = nextNanos - nanoTime.getAsLong();
    while (wait > 0 && !stopped) {
      LockSupport.parkNanos(Math.min(wait, LOOK_NANOS));
      wait = nextNanos - nanoTime.getAsLong();
    }
    if (stopped) {
      return false;
    }
    // What was slower than it might be is not caught up with in a burst.
    nextNanos = Math.max(nextNanos, nanoTime.getAsLong()) + pauseNanos;
    return true;
  }

  private void send(ConsumerRecord<byte[], byte[]> record, Shown.Published event) {
    try {
      going.addLast(event.timestamp());
      note(RecordPosition.of(record), target.send(record, event));
      sent++;
      bytes += Math.max(0, record.serializedValueSize());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      lost = "it was interrupted";
    }
  }

  private void note(@Nullable RecordPosition position, ReplayTarget.Sent outcome) {
    switch (outcome) {
      case ReplayTarget.Sent.Going taken -> {}
      case ReplayTarget.Sent.Refused refused -> {
        kept++;
        unreadable((position == null ? "" : "at " + position + ": ") + refused.why());
      }
      case ReplayTarget.Sent.Lost gone -> lost = gone.why();
    }
    // Those that were refused are settled too: the target takes them in order.
    long certain = target.certain() + kept;
    while (certainBefore < certain && !going.isEmpty()) {
      settled = going.removeFirst();
      certainBefore++;
    }
  }

  /**
   * Waits for what is going.
   *
   * @param why it was ended before its end; null where it was not
   */
  void finish(@Nullable String why) throws InterruptedException {
    note(null, target.finish());
    if (lost == null) {
      lost = why;
    }
  }

  /** Ends the replay soon. Called by any thread. */
  void stop() {
    stopped = true;
  }

  /** Whether {@link #stop} was called. */
  boolean isStopped() {
    return stopped;
  }

  /** Whether the replay ended before its end. */
  boolean isLost() {
    return lost != null;
  }

  /** Whether every selected event was replayed, as far as the replay came. */
  boolean isComplete() {
    return complete;
  }

  /** The lines of the report. */
  List<String> report(boolean dry) {
    List<String> lines = new ArrayList<>();
    lines.add(
        (dry ? "would replay " : "replayed ")
            + target.certain()
            + " events"
            + (dry ? " with " + bytes + " bytes" : "")
            + (kept == 0 ? "" : ", left out " + kept)
            + ", landed from "
            + start
            + " until "
            + end);
    if (!target.summary().isEmpty()) {
      lines.add(target.summary());
    }
    String why = lost;
    if (why != null) {
      long open = Math.max(0, sent - kept - target.certain());
      lines.add(
          "stopped before the end: "
              + PlainText.of(why)
              + (open == 0 ? "" : "; of " + open + " more it is not known"));
      lines.add("run it again with --from " + (going.isEmpty() ? settled : going.getFirst()));
    }
    return lines;
  }

  @Override
  public void progress(ReadProgress progress) {
    report.note("events", progress);
  }

  @Override
  public void unreadable(String problem) {
    complete = false;
    err.println("error: " + PlainText.of(problem));
    err.flush();
  }

  @Override
  public boolean isDone() {
    return lost != null || stopped;
  }
}
