package io.penstock.ingest.cli;

import io.penstock.ingest.lookup.Decoder;
import io.penstock.ingest.lookup.EventFilter;
import io.penstock.ingest.lookup.PlainText;
import io.penstock.ingest.lookup.ReadProgress;
import io.penstock.ingest.lookup.Shown;
import io.penstock.ingest.lookup.TopicReader;
import java.io.PrintWriter;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Prints a line for each record that is selected. For one thread. */
final class TailVisitor implements TopicReader.Visitor {

  private final EventFilter filter;
  private final EventFilter.Quick quick;
  private final Decoder decoder;
  private final TailLines lines;
  private final LineOutput out;
  private final PrintWriter err;
  private final ScanReport report;
  private final long limit;
  private long printed;
  private boolean complete = true;

  /**
   * @param limit how many lines are printed at most
   */
  TailVisitor(
      EventFilter filter,
      Decoder decoder,
      TailLines lines,
      LineOutput out,
      PrintWriter err,
      long limit) {
    this.filter = filter;
    this.quick = filter.quick();
    this.decoder = decoder;
    this.lines = lines;
    this.out = out;
    this.err = err;
    this.report = new ScanReport(err, System::nanoTime);
    this.limit = limit;
  }

  /** Whether everything that was selected could be read. */
  boolean isComplete() {
    return complete;
  }

  @Override
  public void accept(ConsumerRecord<byte[], byte[]> record) {
    if (!quick.mayBe(record)) {
      return;
    }
    Shown shown = decoder.shown(record);
    if (shown instanceof Shown.Unreadable unreadable) {
      unreadable(unreadable.position() + ": " + unreadable.problem());
    } else if (filter.has(shown)) {
      out.line(lines.of(shown));
      printed++;
      if (lines.areSlow()) {
        out.flush();
      }
    }
  }

  @Override
  public void paused() {
    out.flush();
  }

  @Override
  public void progress(ReadProgress progress) {
    report.note("the topics", progress);
  }

  @Override
  public void unreadable(String problem) {
    complete = false;
    err.println("error: " + PlainText.of(problem));
    err.flush();
  }

  @Override
  public boolean isDone() {
    return printed >= limit || out.isGone();
  }
}
