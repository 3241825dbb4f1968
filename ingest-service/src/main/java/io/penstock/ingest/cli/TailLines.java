package io.penstock.ingest.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.ingest.landing.LandingRecord;
import io.penstock.ingest.lookup.LandingLookup;
import io.penstock.ingest.lookup.PlainText;
import io.penstock.ingest.lookup.Shown;
import io.penstock.ingest.lookup.ShownJson;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Makes the line of a record, by doing with the record what the command is for. */
sealed interface TailLines {

  /** The line of a record. */
  String of(Shown shown);

  /** Whether each line is to be seen at once, since the next may take its time. */
  boolean areSlow();

  /** What there is to say at the end. */
  List<String> summary();

  /** Ends what goes on. Called by any thread. */
  void stop();

  /**
   * Prints records.
   *
   * @param raw the body alone
   * @param fields paths of the members that are printed; empty: all
   */
  record Printed(boolean raw, List<String> fields) implements TailLines {
    public Printed {
      fields = List.copyOf(fields);
    }

    @Override
    public String of(Shown shown) {
      if (raw) {
        return PlainText.line(ShownJson.raw(shown));
      }
      ObjectNode node = ShownJson.of(shown);
      return ShownJson.line(fields.isEmpty() ? node : ShownJson.pick(node, fields));
    }

    @Override
    public boolean areSlow() {
      return false;
    }

    @Override
    public List<String> summary() {
      return List.of();
    }

    @Override
    public void stop() {}
  }

  /** Forwards deliveries, and prints the answers. */
  record Forwarded(Forwarder forwarder, LandingLookup lookup) implements TailLines {

    @Override
    public String of(Shown shown) {
      ObjectNode line = JsonNodeFactory.instance.objectNode();
      line.put("position", shown.position().toString());
      Shown.Landed landed = lookup.of(shown);
      if (landed == null) {
        line.put("problem", "the landing log no longer keeps it, so it was not forwarded");
        return ShownJson.line(line);
      }
      LandingRecord record = landed.landing();
      line.put("source", record.source());
      if (shown instanceof Shown.Published event) {
        line.put("type", event.type());
      }
      line.put("entityKey", record.key());
      line.put("receiptId", record.receiptId());
      line.put("bytes", record.body().length);
      long start = System.nanoTime();
      switch (forwarder.send(record)) {
        case Forwarder.Answer.Status status -> line.put("status", status.code());
        case Forwarder.Answer.None none -> line.put("problem", none.why());
      }
      line.put("milliseconds", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
      return ShownJson.line(line);
    }

    @Override
    public boolean areSlow() {
      return true;
    }

    @Override
    public List<String> summary() {
      return List.of(forwarder.summary());
    }

    @Override
    public void stop() {
      forwarder.stop();
      lookup.wakeup();
    }
  }
}
