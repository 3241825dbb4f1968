package io.penstock.ledger;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Compares what was sent and answered with what was read. */
public final class Checker {

  private static final Comparator<Read> AS_READ =
      Comparator.comparing(Read::provider)
          .thenComparingInt(Read::partition)
          .thenComparingLong(Read::offset);

  private final Map<String, Delivery> deliveries = new HashMap<>();

  private final List<String> duplicated = new ArrayList<>();
  private final List<String> altered = new ArrayList<>();
  private final Set<String> reordered = new LinkedHashSet<>();
  private final Map<String, Read> first = new HashMap<>();
  private final Map<String, Place> lastOfEntity = new HashMap<>();

  private record Place(int partition, long number) {}

  private Checker(List<Delivery> deliveries) {
    deliveries.forEach(delivery -> this.deliveries.put(delivery.id(), delivery));
  }

  /**
   * Finds what is wrong. An acknowledged delivery must have been read exactly once, any other at
   * most once; acknowledged deliveries of one entity in their order.
   *
   * @param deliveries in any order
   * @param records everything that is in the topics, in any order
   */
  public static Findings compare(List<Delivery> deliveries, List<Read> records) {
    Checker checker = new Checker(deliveries);
    records.stream().sorted(AS_READ).forEach(checker::read);
    return new Findings(
        deliveries.stream()
            .filter(Delivery::isAcknowledged)
            .map(Delivery::id)
            .filter(id -> !checker.first.containsKey(id))
            .toList(),
        checker.duplicated,
        List.copyOf(checker.reordered),
        checker.altered,
        answered(deliveries, Answer.Kind.WRONG),
        answered(deliveries, Answer.Kind.LATE));
  }

  private static List<String> answered(List<Delivery> deliveries, Answer.Kind kind) {
    List<String> found = new ArrayList<>();
    for (Delivery delivery : deliveries) {
      for (Answer answer : delivery.answers()) {
        if (answer.kind() == kind) {
          found.add(delivery.id() + ": " + answer.status() + " " + answer.reason());
        }
      }
    }
    return found;
  }

  private void read(Read record) {
    Delivery delivery = deliveries.get(record.id());
    if (delivery == null) {
      altered.add(record.place() + ": of no delivery");
      return;
    }
    if (!delivery.provider().equals(record.provider())
        || !delivery.digest().equals(record.digest())) {
      altered.add(delivery.id());
    }
    if (first.putIfAbsent(delivery.id(), record) != null) {
      duplicated.add(delivery.id());
    } else if (delivery.isAcknowledged()) {
      // Of a delivery that was given up, nobody knows when its last request arrives.
      checkOrder(delivery, record);
    }
  }

  private void checkOrder(Delivery delivery, Read record) {
    String entity = delivery.provider() + " " + delivery.entity();
    Place last = lastOfEntity.get(entity);
    if (last == null) {
      lastOfEntity.put(entity, new Place(record.partition(), delivery.number()));
    } else if (last.partition() != record.partition() || last.number() > delivery.number()) {
      reordered.add(delivery.id());
    } else {
      lastOfEntity.put(entity, new Place(record.partition(), delivery.number()));
    }
  }
}
