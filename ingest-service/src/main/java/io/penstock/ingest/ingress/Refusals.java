package io.penstock.ingest.ingress;

import io.penstock.ingest.delivery.Reason;
import io.penstock.ingest.source.Sources;
import io.vertx.core.http.HttpServerRequest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The last refusals of this instance, in memory, for its operator. Safe for use by any number of
 * threads; no method blocks for longer than a few additions and copies take.
 *
 * <p>Any client can cause refusals at will, so all is bounded: the refusals of each source and
 * reason have a ring of their own, of a number of entries and of an even share of {@link
 * #MOST_BYTES}. A flood at one displaces nothing of another. Equal refusals share an entry.
 */
public final class Refusals {

  /** What all entries together may take, about, in bytes; a ring has one entry in any case. */
  static final long MOST_BYTES = 4L * 1024 * 1024;

  /** In milliseconds: equal refusals that follow each other so soon are only counted. */
  static final int SOON = 100;

  private final int most;
  private final Sources sources;
  private final InstantSource clock;
  private final Instant since;
  private final long bytesEach;
  private final Map<Group, RefusalRing> rings = new ConcurrentHashMap<>();

  /**
   * @param most how many entries are kept for each source and reason; 0: nothing is kept
   * @param clock tells when refusals happen
   */
  public Refusals(int most, Sources sources, InstantSource clock) {
    this.most = most;
    this.sources = sources;
    this.clock = clock;
    this.since = clock.instant();
    // Each reason once, and the two of which the outcome can be unknown once more.
    int groups = (sources.all().size() + 1) * (Reason.values().length + 2);
    this.bytesEach = MOST_BYTES / groups;
  }

  /**
   * Where refusals are kept together.
   *
   * @param source its name, or {@link SourceMeters#UNKNOWN}
   */
  record Group(String source, Reason reason, boolean certain) {}

  /**
   * Equal refusals.
   *
   * @param first when the first of them was, in milliseconds since 1970
   * @param last when the last of them was
   * @param count how many there were
   * @param address where the request's names no source; otherwise null
   * @param request the last of them, or one of {@link #SOON} before the last
   * @param noted when that was
   */
  record Entry(
      RefusalDecision refusal,
      @Nullable UnknownAddress address,
      RefusedRequest request,
      long noted,
      long count,
      long first,
      long last) {

    /** What is wrong, in words. */
    String why() {
      return address == null ? refusal.why() : address.why();
    }
  }

  /**
   * The refusals of one group.
   *
   * @param count how many there were, those included that are no longer kept
   * @param last when the last was, in milliseconds since 1970
   * @param entries the newest last
   */
  record Kept(Group group, long count, long last, List<Entry> entries) {
    Kept {
      entries = List.copyOf(entries);
    }
  }

  /** How many entries are kept for each source and reason. */
  int most() {
    return most;
  }

  /** Since when they are kept. */
  Instant since() {
    return since;
  }

  /**
   * Keeps a refusal. To be called once its answer is written, so that no client can measure
   * anything by it.
   *
   * @param source the name of a configured source, or {@link SourceMeters#UNKNOWN}
   * @param received how many bytes of the body had come
   */
  void add(
      String source,
      RefusalDecision refusal,
      HttpServerRequest request,
      String receiptId,
      long received) {
    if (most == 0) {
      return;
    }
    UnknownAddress address =
        refusal.reason() == Reason.UNKNOWN_SOURCE
            ? UnknownAddress.of(request.path(), sources)
            : null;
    RefusalRing.Key key =
        RefusalRing.Key.of(refusal, address, RefusedRequest.address(request.remoteAddress()));
    if (!ring(source, refusal).countsAgain(key, clock.millis())) {
      add(source, refusal, address, RefusedRequest.of(request, receiptId, received));
    }
  }

  void add(
      String source,
      RefusalDecision refusal,
      @Nullable UnknownAddress address,
      RefusedRequest request) {
    long now = clock.millis();
    ring(source, refusal).add(new Entry(refusal, address, request, now, 1, now, now));
  }

  private RefusalRing ring(String source, RefusalDecision refusal) {
    return rings.computeIfAbsent(
        new Group(source, refusal.reason(), refusal.certain()),
        group -> new RefusalRing(most, bytesEach));
  }

  /** All that is kept, by source and reason. Blocks for no longer than it takes to copy. */
  List<Kept> kept() {
    List<Kept> kept = new ArrayList<>();
    rings.forEach((group, ring) -> kept.add(ring.kept(group)));
    kept.sort(
        Comparator.comparing((Kept each) -> each.group().source())
            .thenComparing(each -> each.group().reason()));
    return kept;
  }
}
