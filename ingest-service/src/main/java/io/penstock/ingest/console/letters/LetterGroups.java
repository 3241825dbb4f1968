package io.penstock.ingest.console.letters;

import io.penstock.ingest.deadletter.DeadLetter;
import io.penstock.ingest.lookup.PlainText;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Letters grouped by reason and detail. Bounded: so many groups, and so many letters of each, the
 * newest; what is beyond is counted. For one thread.
 */
public final class LetterGroups {

  static final int MOST_GROUPS = 200;
  static final int MOST_OF_ONE = 100;

  private final Map<String, Collecting> groups = new HashMap<>();
  private long others;

  private static final class Collecting {
    private final String reason;
    private final String detail;
    private final TreeSet<String> sources = new TreeSet<>();
    private final Deque<Line> newest = new ArrayDeque<>();
    private Instant first = Instant.MAX;
    private Instant last = Instant.MIN;
    private long count;

    Collecting(String reason, String detail) {
      this.reason = reason;
      this.detail = detail;
    }
  }

  /** A letter in a list. */
  public record Line(
      String position, Instant landed, String source, String entity, String receipt, int bytes) {}

  /**
   * A group.
   *
   * @param detail as it stands in the letters; for addresses and forms
   * @param words of the detail, for the page
   * @param query of the address that chooses the group
   * @param lines the newest letters, the newest first
   */
  public record Group(
      String reason,
      String detail,
      String words,
      long count,
      Instant first,
      Instant last,
      String sources,
      String query,
      List<Line> lines) {}

  void add(DeadLetter letter) {
    String detail = letter.detail() == null ? "" : letter.detail();
    Collecting group = groups.get(letter.reason() + "\n" + detail);
    if (group == null) {
      if (groups.size() >= MOST_GROUPS) {
        others++;
        return;
      }
      group = new Collecting(letter.reason(), detail);
      groups.put(letter.reason() + "\n" + detail, group);
    }
    group.count++;
    group.first = letter.landedAt().isBefore(group.first) ? letter.landedAt() : group.first;
    group.last = letter.landedAt().isAfter(group.last) ? letter.landedAt() : group.last;
    if (group.sources.size() < 20) {
      group.sources.add(letter.source());
    }
    group.newest.addLast(
        new Line(
            letter.position().toString(),
            letter.landedAt(),
            PlainText.of(letter.source()),
            letter.entityKey() == null ? "" : PlainText.of(cut(letter.entityKey())),
            PlainText.of(letter.receiptId()),
            letter.body().length));
    if (group.newest.size() > 2 * MOST_OF_ONE) {
      List<Line> kept = newest(group);
      group.newest.clear();
      group.newest.addAll(kept);
    }
  }

  private static String cut(String text) {
    return text.length() > 200 ? text.substring(0, 200) + "…" : text;
  }

  private static List<Line> newest(Collecting group) {
    return group.newest.stream()
        .sorted(Comparator.comparing(Line::landed).reversed())
        .limit(MOST_OF_ONE)
        .toList();
  }

  /** How many letters are in no group, since there are too many groups. */
  long others() {
    return others;
  }

  /** The groups, that with the newest letter first. */
  List<Group> all(LetterChoice choice) {
    return groups.values().stream()
        .map(
            group ->
                new Group(
                    group.reason,
                    group.detail,
                    PlainText.of(group.detail),
                    group.count,
                    group.first,
                    group.last,
                    PlainText.of(String.join(", ", group.sources)),
                    choice.query(group.reason, group.detail),
                    newest(group)))
        .sorted(Comparator.comparing(Group::last).reversed().thenComparing(Group::reason))
        .toList();
  }
}
