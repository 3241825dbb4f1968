package io.penstock.ingest.console.delivery;

import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.console.ConsolePart;
import io.penstock.ingest.console.ConsoleRoutes;
import io.penstock.ingest.console.NotReadableException;
import io.penstock.ingest.console.PageAnswer;
import io.penstock.ingest.console.Visit;
import io.penstock.ingest.console.live.LiveBoard;
import io.penstock.ingest.console.live.LiveRow;
import io.penstock.ingest.landing.LandingRecord;
import io.penstock.ingest.lookup.Fate;
import io.penstock.ingest.lookup.Pauses;
import io.penstock.ingest.lookup.PlainText;
import io.penstock.ingest.lookup.RecordPosition;
import io.penstock.ingest.lookup.Shown;
import io.penstock.ingest.lookup.Trace;
import io.penstock.ingest.provider.ProviderCatalog;
import io.penstock.ingest.registry.RegistryUnavailableException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.apache.kafka.common.KafkaException;

/** The pages of single deliveries, and the way to them by any id. */
public final class DeliveryPart implements ConsolePart {

  private static final Duration SEARCH = Duration.ofSeconds(6);
  private static final int MOST_FOUND = 50;
  private static final List<String> TABS = List.of("body", "event", "headers", "copies");

  private final Configuration configuration;
  private final LiveBoard board;
  private final InstantSource clock;
  private final DeliveryLookup lookup;
  private final String inbound;
  private final ProviderCatalog providers;

  /** Connects to nothing yet. */
  public DeliveryPart(
      Configuration configuration, Pauses pauses, LiveBoard board, InstantSource clock) {
    this.board = board;
    this.configuration = configuration;
    this.clock = clock;
    lookup = new DeliveryLookup(configuration, pauses);
    providers = ProviderCatalog.of(configuration);
    inbound = new Topics(configuration.topics().prefix()).inbound();
  }

  @Override
  public void addTo(ConsoleRoutes routes) {
    routes
        .page("/deliveries/:topic/:partition/:offset", reading(this::page))
        .page("/deliveries/:topic/:partition/:offset/body.txt", reading(this::text))
        .page("/deliveries/:topic/:partition/:offset/body", reading(this::download))
        .page("/deliveries/:id", reading(this::find));
  }

  private static ConsoleRoutes.Work reading(ConsoleRoutes.Work work) {
    return visit -> {
      try {
        return work.answer(visit);
      } catch (KafkaException e) {
        throw new NotReadableException("Kafka does not answer: " + e.getClass().getSimpleName());
      } catch (RegistryUnavailableException e) {
        throw new NotReadableException(
            "The schema registry does not answer, so events and dead letters cannot be read.");
      }
    };
  }

  // Finding.

  private PageAnswer find(Visit visit) throws InterruptedException {
    String id = visit.pathParameter("id");
    if (id.isEmpty() || id.length() > 500) {
      return PageAnswer.problem(400, "No id is so long", "An id has 1 to 500 characters.");
    }
    DeliveryLookup.Searched hour =
        lookup.search(id, clock.instant().minus(Duration.ofHours(1)), SEARCH, MOST_FOUND);
    DeliveryLookup.Searched searched =
        hour.found().traces().isEmpty() && hour.whole()
            ? lookup.search(id, null, SEARCH.multipliedBy(2), MOST_FOUND)
            : hour;
    List<Trace> traces = searched.found().traces();
    if (traces.size() == 1) {
      Trace.Passage first = traces.getFirst().passages().getFirst();
      if (first.position() != null && first.position().topic().equals(inbound)) {
        return new PageAnswer.Redirect("/deliveries/" + FateWords.place(first.position()));
      }
    }
    Map<String, Object> model = new HashMap<>();
    model.put("id", PlainText.of(id));
    model.put("whole", searched.whole());
    model.put("looked", searched.found().looked());
    model.put("problems", searched.problems());
    model.put("more", searched.found().more());
    model.put("traces", traces.reversed().stream().map(TraceView::of).toList());
    return new PageAnswer.Page(traces.isEmpty() ? 404 : 200, "found", model);
  }

  // A delivery.

  private PageAnswer page(Visit visit) throws InterruptedException {
    Optional<RecordPosition> position = position(visit);
    if (position.isEmpty()) {
      return notAPosition();
    }
    if (!position.get().topic().equals(inbound)) {
      return find(position.get());
    }
    Optional<Shown> shown = lookup.at(position.get());
    if (shown.isEmpty()) {
      return gone(position.get());
    }
    if (!(shown.get() instanceof Shown.Landed landed)) {
      return PageAnswer.problem(
          404,
          "Not a delivery",
          position.get()
              + " was not written by an ingress, so it has become a dead letter: see Dead letters.");
    }
    return page(visit, landed);
  }

  private PageAnswer find(RecordPosition other) throws InterruptedException {
    List<Trace> traces = lookup.search(other.toString(), null, SEARCH, 1).found().traces();
    if (!traces.isEmpty()) {
      RecordPosition landed = traces.getFirst().passages().getFirst().position();
      if (landed != null && landed.topic().equals(inbound)) {
        return new PageAnswer.Redirect("/deliveries/" + FateWords.place(landed));
      }
    }
    return gone(other);
  }

  private PageAnswer page(Visit visit, Shown.Landed landed) throws InterruptedException {
    LandingRecord.LandingEnvelope envelope = landed.landing().envelope();
    String tab = visit.parameter("tab").filter(TABS::contains).orElse("body");
    DeliveryLookup.Searched searched = lookup.search(landed.position().toString(), null, SEARCH, 1);
    List<Trace.Passage> passages =
        searched.found().traces().isEmpty()
            ? List.of()
            : searched.found().traces().getFirst().passages();
    Fate fate =
        passages.isEmpty()
            ? new Fate.Unknown("it took too long to look for it")
            : passages.getLast().fate();
    byte[] body = redacted(envelope);
    Map<String, Object> model = new HashMap<>();
    model.put("at", FateWords.place(landed.position()));
    model.put("position", landed.position().toString());
    model.put("source", PlainText.of(envelope.source()));
    model.put("provider", PlainText.of(envelope.provider()));
    model.put(
        "entity",
        landed.landing() instanceof LandingRecord.Event ? PlainText.of(envelope.key()) : "");
    model.put("receipt", PlainText.of(envelope.receiptId()));
    model.put(
        "event",
        landed.landing() instanceof LandingRecord.Event event ? event.deduplicationId().hex() : "");
    model.put("received", java.time.Instant.ofEpochMilli(envelope.receivedAt()));
    model.put("type", type(passages));
    model.put("verdict", FateWords.of(fate));
    model.put(
        "steps",
        new TimeLine(
                configuration,
                landed,
                passages,
                board.at(landed.position()).map(LiveRow::tookMillis).orElse(OptionalLong.empty()))
            .steps());
    model.put("tab", tab);
    model.put("raw", visit.parameter("view").equals(Optional.of("raw")));
    model.put("curl", curl(envelope, body));
    putTab(model, tab, landed, passages, body);
    return PageAnswer.page("delivery", model);
  }

  private void putTab(
      Map<String, Object> model,
      String tab,
      Shown.Landed landed,
      List<Trace.Passage> passages,
      byte[] body)
      throws InterruptedException {
    model.put("text", BodyText.raw(new byte[0]));
    model.put("event_known", false);
    model.put("headers", Map.of());
    model.put("copies", List.of());
    model.put("whole", true);
    switch (tab) {
      case "event" -> putEvent(model, passages);
      case "headers" -> model.put("headers", headers(landed.landing().envelope()));
      case "copies" -> putCopies(model, landed);
      default ->
          model.put(
              "text",
              Boolean.TRUE.equals(model.get("raw")) ? BodyText.raw(body) : BodyText.pretty(body));
    }
  }

  private void putEvent(Map<String, Object> model, List<Trace.Passage> passages)
      throws InterruptedException {
    for (Trace.Passage passage : passages.reversed()) {
      RecordPosition at = null;
      if (passage.fate() instanceof Fate.Published published) {
        at = published.position();
      } else if (passage.fate() instanceof Fate.Copy copy && copy.by() == Fate.Likeness.ID) {
        at = copy.first();
      }
      if (at != null && lookup.at(at).orElse(null) instanceof Shown.Published event) {
        model.put("event_known", true);
        model.put("event_position", event.position().toString());
        model.put("schema", event.schemaId());
        model.put("lines", EventLines.of(event.json(), event.event(), event.type()));
        model.put("event_headers", plain(event.headers()));
        return;
      }
    }
  }

  private void putCopies(Map<String, Object> model, Shown.Landed landed)
      throws InterruptedException {
    if (landed.landing() instanceof LandingRecord.Event event) {
      DeliveryLookup.Searched searched =
          lookup.search(
              event.deduplicationId().hex(),
              landed.appendedAt().minus(configuration.deduplication().window()),
              SEARCH,
              MOST_FOUND);
      model.put(
          "copies",
          searched.found().traces().stream()
              .filter(trace -> !trace.received().receiptId().equals(landed.landing().receiptId()))
              .map(TraceView::of)
              .toList());
      model.put("whole", searched.whole());
    }
  }

  private static String type(List<Trace.Passage> passages) {
    return passages.stream()
        .map(Trace.Passage::fate)
        .filter(Fate.Published.class::isInstance)
        .map(fate -> PlainText.of(((Fate.Published) fate).type()))
        .findFirst()
        .orElse("");
  }

  private String curl(LandingRecord.LandingEnvelope envelope, byte[] body) {
    Map<String, String> headers = new TreeMap<>(envelope.headers());
    if (envelope.contentType() != null) {
      headers.put("content-type", envelope.contentType());
    }
    return CurlText.of(configuration, envelope.source(), headers, body);
  }

  private static Map<String, String> headers(LandingRecord.LandingEnvelope envelope) {
    Map<String, String> headers = new TreeMap<>(plain(envelope.headers()));
    if (envelope.contentType() != null) {
      headers.put("content-type", PlainText.of(envelope.contentType()));
    }
    if (envelope.traceparent() != null) {
      headers.put("traceparent", envelope.traceparent());
    }
    return headers;
  }

  private static Map<String, String> plain(Map<String, String> headers) {
    Map<String, String> plain = new TreeMap<>();
    headers.forEach((name, value) -> plain.put(PlainText.of(name), PlainText.of(value)));
    return plain;
  }

  /** Redacted here too: another client than an ingress may have written the record. */
  private byte[] redacted(LandingRecord.LandingEnvelope envelope) {
    return providers
        .byName(envelope.provider())
        .map(provider -> provider.redact(envelope.body()))
        .orElse(envelope.body());
  }

  // The body alone.

  private PageAnswer text(Visit visit) throws InterruptedException {
    return bytes(visit, "text/plain; charset=utf-8", "");
  }

  private PageAnswer download(Visit visit) throws InterruptedException {
    return bytes(
        visit,
        "application/octet-stream",
        "delivery-"
            + visit.pathParameter("partition")
            + "-"
            + visit.pathParameter("offset")
            + ".json");
  }

  private PageAnswer bytes(Visit visit, String type, String fileName) throws InterruptedException {
    Optional<RecordPosition> position = position(visit);
    if (position.isEmpty()) {
      return notAPosition();
    }
    Optional<Shown> shown =
        position.get().topic().equals(inbound) ? lookup.at(position.get()) : Optional.empty();
    if (shown.isPresent() && shown.get() instanceof Shown.Landed landed) {
      return new PageAnswer.Bytes(200, type, fileName, redacted(landed.landing().envelope()));
    }
    return gone(position.get());
  }

  private static Optional<RecordPosition> position(Visit visit) {
    String text =
        visit.pathParameter("topic")
            + "/"
            + visit.pathParameter("partition")
            + "@"
            + visit.pathParameter("offset");
    return RecordPosition.isPosition(text)
        ? Optional.of(RecordPosition.parse(text))
        : Optional.empty();
  }

  private static PageAnswer notAPosition() {
    return PageAnswer.problem(
        404, "Not a position", "A delivery's address is /deliveries/TOPIC/PARTITION/OFFSET.");
  }

  private static PageAnswer gone(RecordPosition position) {
    return PageAnswer.problem(
        404,
        "Not there",
        "There is no delivery at "
            + position
            + ": Kafka no longer keeps it, or never had it. Find it by another of its ids.");
  }

  /** For pages that list deliveries. */
  static List<String> places(Trace trace) {
    List<String> places = new ArrayList<>();
    trace
        .passages()
        .forEach(
            passage -> {
              if (passage.position() != null) {
                places.add(FateWords.place(passage.position()));
              }
            });
    return places;
  }
}
