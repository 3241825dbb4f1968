package io.penstock.ingest.console.live;

import io.penstock.ingest.delivery.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds what the instances have refused since they were asked before. Bounded: so many kinds of
 * refusals are known, and so many are told at a time. Not safe for several threads.
 */
final class RefusalTally {

  /** How many groups are told at a time, the newest. */
  static final int MOST = 50;

  /** How many kinds are known. */
  private static final int MOST_KINDS = 20_000;

  /** What is older when it is first seen is not told. */
  private static final Duration RECENT = Duration.ofHours(1);

  /** Deliveries that are refused for these are in the landing log, and seen there. */
  private static final Set<String> LANDED =
      Set.of(
          Reason.MALFORMED_JSON.code(),
          Reason.MISSING_IDENTITY.code(),
          Reason.UNSUPPORTED_CONTENT_TYPE.code());

  private Map<Unlanded.Refused.Kind, Unlanded.Refused> known = new HashMap<>();

  /**
   * Requests of a source that were refused for one reason.
   *
   * @param count how many
   * @param addresses of their clients
   * @param lastMillis when the last was, since 1970
   */
  record Rise(
      String source,
      String reason,
      String why,
      long count,
      List<String> addresses,
      long lastMillis) {}

  /**
   * What is new, the oldest first.
   *
   * @param nowMillis since 1970
   */
  List<Rise> rises(List<Unlanded.Refused> refusals, long nowMillis) {
    Map<Unlanded.Refused.Kind, Unlanded.Refused> before = known;
    Map<Unlanded.Refused.Kind, Unlanded.Refused> now = new HashMap<>();
    Map<List<String>, Adding> groups = new LinkedHashMap<>();
    for (Unlanded.Refused each : refusals) {
      if (LANDED.contains(each.reason()) || now.size() >= MOST_KINDS) {
        continue; // what is not remembered would be told again and again
      }
      now.put(each.kind(), each);
      long rise = rise(before.get(each.kind()), each);
      if (rise > 0 && nowMillis - each.lastMillis() <= RECENT.toMillis()) {
        groups
            .computeIfAbsent(List.of(each.source(), each.reason(), each.why()), key -> new Adding())
            .add(each, rise);
      }
    }
    // An instance that does not answer for a time tells of the same refusals later.
    before.forEach(
        (kind, each) -> {
          if (now.size() < MOST_KINDS) {
            now.putIfAbsent(kind, each);
          }
        });
    known = now;
    List<Rise> rises = new ArrayList<>();
    groups.forEach((key, adding) -> rises.add(adding.rise(key)));
    rises.sort(Comparator.comparingLong(Rise::lastMillis));
    return rises.subList(Math.max(0, rises.size() - MOST), rises.size());
  }

  /** The count begins again where the entry was pushed out, or the instance started again. */
  private static long rise(Unlanded.@Nullable Refused before, Unlanded.Refused now) {
    if (before == null || now.count() < before.count()) {
      return now.count();
    }
    if (now.lastMillis() == before.lastMillis()) {
      return 0;
    }
    return now.count() == before.count() ? now.count() : now.count() - before.count();
  }

  private static final class Adding {
    private long count;
    private long last;
    private final Set<String> addresses = new TreeSet<>();

    void add(Unlanded.Refused each, long rise) {
      count += rise;
      last = Math.max(last, each.lastMillis());
      if (!each.address().isEmpty()) {
        addresses.add(each.address());
      }
    }

    Rise rise(List<String> key) {
      return new Rise(key.get(0), key.get(1), key.get(2), count, List.copyOf(addresses), last);
    }
  }
}
