package io.penstock.ingest.console;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.ingest.console.Instances.Asked;
import io.penstock.ingest.console.live.Unlanded;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Asks the instances what they refused and what waits in their spools. Refusals are asked for only
 * where a counter says that there are new ones. Blocks for a few seconds at most; safe for use by
 * any number of threads.
 */
final class UnlandedReader {

  private static final String DELIVERIES = "penstock_deliveries_total";
  private static final String DEPTH = "penstock_spool_depth";

  private final Instances instances;
  private final ReentrantLock lock = new ReentrantLock();
  private List<Unlanded.Refused> refusals = List.of();
  private int unkept;
  private double counted = -1;

  /** An entry is written a moment after it is counted: so it is asked for once more. */
  private boolean again;

  /**
   * @param instances not closed with this
   */
  UnlandedReader(Instances instances) {
    this.instances = instances;
  }

  Unlanded read() {
    lock.lock();
    try {
      List<Asked> asked = instances.asked();
      List<String> silent = new ArrayList<>();
      List<Unlanded.Spooled> spools = new ArrayList<>();
      double refused = 0;
      for (Asked each : asked) {
        if (each.metrics() instanceof Fact.Known<Scrape> known) {
          Scrape scrape = known.value();
          refused +=
              scrape.sum(DELIVERIES, "outcome", "refused")
                  + scrape.sum(DELIVERIES, "outcome", "unknown");
          long depth = Math.round(scrape.sum(DEPTH));
          if (depth > 0) {
            spools.add(new Unlanded.Spooled(each.name(), depth));
          }
        } else {
          silent.add(each.name());
        }
      }
      boolean risen = refused != counted;
      if (risen || again) {
        readRefusals();
      }
      again = risen;
      counted = refused;
      return new Unlanded(asked.size(), silent, unkept, refusals, spools);
    } finally {
      lock.unlock();
    }
  }

  private void readRefusals() {
    List<Unlanded.Refused> found = new ArrayList<>();
    int off = 0;
    for (Fact<JsonNode> answer : instances.json("/refusals")) {
      if (answer instanceof Fact.Known<JsonNode> known) {
        JsonNode page = known.value();
        off += page.path("keeps").asInt(1) == 0 ? 1 : 0;
        for (JsonNode each : page.path("refusals")) {
          add(found, page.path("since").asText(), each);
        }
      }
    }
    refusals = List.copyOf(found);
    unkept = off;
  }

  /** An instance that was started again is another one: its counts begin anew. */
  private static void add(List<Unlanded.Refused> found, String instance, JsonNode refusal) {
    try {
      found.add(
          new Unlanded.Refused(
              instance,
              refusal.path("source").asText(),
              refusal.path("reason").asText(),
              refusal.path("why").asText(refusal.path("title").asText()),
              refusal.path("address").asText(),
              refusal.path("count").asLong(1),
              Instant.parse(refusal.path("last").asText()).toEpochMilli()));
    } catch (DateTimeParseException e) {
      // Another program's text: left out.
    }
  }
}
