package io.penstock.ingest.lookup;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** A trace as JSON. */
public final class TraceJson {

  private TraceJson() {}

  /** All of a trace, as one object. */
  public static ObjectNode of(Trace trace) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    Trace.Received received = trace.received();
    node.put("receiptId", received.receiptId());
    node.put("source", received.source());
    node.put("provider", received.provider());
    node.put("entityKey", received.entityKey());
    node.put("eventId", received.eventId());
    node.put("receivedAt", received.at().toString());
    node.put("process", received.process());
    node.put("outcome", outcome(trace.fate()));
    var passages = node.putArray("passages");
    for (Trace.Passage passage : trace.passages()) {
      ObjectNode each = passages.addObject();
      each.put("landed", passage.position() == null ? null : passage.position().toString());
      each.put("landedAt", passage.appendedAt().toString());
      each.put("spooled", passage.spooled());
      each.put("outcome", outcome(passage.fate()));
      fate(each, passage.fate());
    }
    return node;
  }

  /** One word for a fate: published, copy, dead-letter, paused, waiting or unknown. */
  public static String outcome(Fate fate) {
    return switch (fate) {
      case Fate.Published published -> "published";
      case Fate.Copy copy -> "copy";
      case Fate.DeadLettered letter -> "dead-letter";
      case Fate.Waiting waiting -> waiting.why() instanceof Fate.Why.Paused ? "paused" : "waiting";
      case Fate.Unknown unknown -> "unknown";
    };
  }

  private static void fate(ObjectNode node, Fate fate) {
    switch (fate) {
      case Fate.Published published -> {
        node.put("published", published.position().toString());
        node.put("type", published.type());
        node.put("schemaId", published.schemaId());
        if (published.waitedUntil() != null) {
          node.put("waitedUntil", published.waitedUntil().toString());
        }
      }
      case Fate.Copy copy -> {
        node.put("firstReceiptId", copy.firstReceiptId());
        node.put("first", copy.first().toString());
        node.put("recognizedBy", copy.by() == Fate.Likeness.ID ? "event id" : "equal body");
      }
      case Fate.DeadLettered letter -> {
        node.put("deadLetter", letter.letter().toString());
        node.put("reason", letter.reason());
        node.put("detail", letter.detail());
      }
      case Fate.Waiting waiting -> {
        switch (waiting.why()) {
          case Fate.Why.Behind behind -> {
            node.put("recordsToCommit", behind.records());
            if (behind.resumed() != null) {
              node.put("resumedAt", behind.resumed().toString());
            }
          }
          case Fate.Why.Paused paused ->
              node.put("pausedSince", paused.since() == null ? null : paused.since().toString());
        }
      }
      case Fate.Unknown unknown -> node.put("problem", unknown.why());
    }
  }
}
