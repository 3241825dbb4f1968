package io.penstock.ledger;

import java.util.List;
import java.util.Set;

/**
 * What is wrong, by the ids of deliveries; nothing if all is well.
 *
 * @param lost acknowledged, and not in its topic
 * @param duplicated in its topic more than once
 * @param reordered behind a later one of its entity, or in another partition than the first
 * @param altered other JSON than was sent, or the topic of another provider; and records that name
 *     no delivery, by their places
 * @param wronglyAnswered authentic, and answered with anything but the acknowledgement or a refusal
 *     that says when to come again
 * @param late without an answer in its provider's time
 */
public record Findings(
    List<String> lost,
    List<String> duplicated,
    List<String> reordered,
    List<String> altered,
    List<String> wronglyAnswered,
    List<String> late) {

  /** All is well. */
  public static final Findings NONE =
      new Findings(List.of(), List.of(), List.of(), List.of(), List.of(), List.of());

  public Findings {
    lost = List.copyOf(lost);
    duplicated = List.copyOf(duplicated);
    reordered = List.copyOf(reordered);
    altered = List.copyOf(altered);
    wronglyAnswered = List.copyOf(wronglyAnswered);
    late = List.copyOf(late);
  }

  /**
   * The same but for what was late: a sender's time-out is a clock's word, which says as much of
   * the machine as of the service.
   */
  public Findings withoutLate() {
    return new Findings(lost, duplicated, reordered, altered, wronglyAnswered, List.of());
  }

  /** The same but for what was reordered. */
  public Findings withoutReordered() {
    return new Findings(lost, duplicated, List.of(), altered, wronglyAnswered, late);
  }

  /** What is new since an earlier comparison. */
  public Findings without(Findings earlier) {
    return new Findings(
        without(lost, earlier.lost),
        without(duplicated, earlier.duplicated),
        without(reordered, earlier.reordered),
        without(altered, earlier.altered),
        without(wronglyAnswered, earlier.wronglyAnswered),
        without(late, earlier.late));
  }

  private static List<String> without(List<String> all, List<String> earlier) {
    Set<String> known = Set.copyOf(earlier);
    return all.stream().filter(one -> !known.contains(one)).toList();
  }
}
