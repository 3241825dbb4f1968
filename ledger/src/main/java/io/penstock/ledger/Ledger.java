package io.penstock.ledger;

import java.util.ArrayList;
import java.util.List;

/** All deliveries to one installation, over all runs. Safe for use by several threads. */
public final class Ledger {

  private final List<Delivery> deliveries = new ArrayList<>();
  private long number;
  private int runs;

  /** A new delivery and its body. */
  record Entry(Delivery delivery, String body) {}

  Entry open(Sender sender, String entity, String text) {
    long next = nextNumber();
    String body = sender.body(Delivery.id(sender.provider(), next), entity, next, text);
    Delivery delivery =
        new Delivery(
            next,
            sender.provider(),
            sender.orderedWithin(entity, body),
            Texts.digest(sender.comparable(body)));
    synchronized (this) {
      deliveries.add(delivery);
    }
    return new Entry(delivery, body);
  }

  private synchronized long nextNumber() {
    return ++number;
  }

  synchronized int nextRun() {
    return ++runs;
  }

  /** Those of now. */
  public synchronized List<Delivery> deliveries() {
    return List.copyOf(deliveries);
  }
}
