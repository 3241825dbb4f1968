package io.penstock.ingest.ingress;

import io.penstock.ingest.config.AuthSpec;
import io.penstock.ingest.config.SecretRef;
import io.penstock.ingest.delivery.Reason;
import io.penstock.ingest.source.SecretMatches;
import io.penstock.ingest.source.SecretMeters;
import io.penstock.ingest.source.Source;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What an operator is told about the sources and the refused requests of this instance, as JSON:
 * see {@code docs/management-port.md}. Safe for use by any number of threads; not meant for event
 * loops.
 */
public final class IngressReport {

  /** Always with milliseconds. */
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private static final int LONGEST_DETAIL = 500;

  private final IngressContext ingress;
  private final SecretMeters secrets;

  /** Reads from these whenever it is asked. */
  public IngressReport(IngressContext ingress, SecretMeters secrets) {
    this.ingress = ingress;
    this.secrets = secrets;
  }

  /** The names by which sources can be selected; the last is that of requests to none. */
  public List<String> sourceNames() {
    return Stream.concat(
            ingress.sources().all().stream().map(Source::name), Stream.of(SourceMeters.UNKNOWN))
        .distinct()
        .toList();
  }

  /** The codes by which reasons can be selected. */
  public static List<String> reasonCodes() {
    return toldReasons().stream().map(Reason::code).toList();
  }

  /** What senders are told. */
  static List<Reason> toldReasons() {
    return Stream.of(Reason.values())
        .filter(reason -> reason != Reason.UNDECODABLE) // only for dead letters
        .toList();
  }

  private static String time(long millis) {
    return TIME.format(Instant.ofEpochMilli(millis));
  }

  private JsonObject head() {
    return new JsonObject()
        .put("time", TIME.format(ingress.clock().instant()))
        .put("since", TIME.format(ingress.refusals().since()));
  }

  // Refusals.

  /** A refusal, and where it is kept. */
  private record Found(Refusals.Group group, Refusals.Entry entry) {}

  /** The last refusals, the newest first, whose source and reason's code pass. */
  public JsonObject refusals(Predicate<String> source, Predicate<String> reason) {
    JsonArray counts = new JsonArray();
    List<Found> found = new ArrayList<>();
    for (Refusals.Kept kept : ingress.refusals().kept()) {
      Refusals.Group group = kept.group();
      if (source.test(group.source()) && reason.test(group.reason().code())) {
        counts.add(
            new JsonObject()
                .put("source", group.source())
                .put("reason", group.reason().code())
                .put("outcome", outcome(group))
                .put("count", kept.count())
                .put("last", time(kept.last())));
        kept.entries().reversed().forEach(entry -> found.add(new Found(group, entry)));
      }
    }
    found.sort(Comparator.comparingLong((Found each) -> each.entry().last()).reversed());
    JsonArray refusals = new JsonArray();
    found.forEach(each -> refusals.add(refusal(each.group(), each.entry())));
    return head()
        .put("keeps", ingress.refusals().most())
        .put("counts", counts)
        .put("refusals", refusals);
  }

  private static String outcome(Refusals.Group group) {
    return group.certain() ? "refused" : "unknown";
  }

  private static JsonObject refusal(Refusals.Group group, Refusals.Entry entry) {
    Reason reason = group.reason();
    RefusedRequest request = entry.request();
    JsonObject json =
        new JsonObject()
            .put("source", group.source())
            .put("outcome", outcome(group))
            .put("reason", reason.code())
            .put("status", reason.status())
            .put("title", reason.title());
    String detail = entry.refusal().detail();
    if (detail != null) {
      json.put("detail", cut(detail));
    }
    putIfAny(json, "authenticator", entry.refusal().authenticator());
    putIfAny(json, "why", entry.why().isEmpty() && detail != null ? cut(detail) : entry.why());
    json.put("advice", RefusalWords.advice(reason))
        .put("count", entry.count())
        .put("first", time(entry.first()))
        .put("last", time(entry.last()))
        .put("receipt-id", request.receiptId());
    putIfAny(json, "address", request.address());
    json.put("method", request.method());
    putIfAny(json, "content-type", request.mediaType());
    if (request.declaredLength() >= 0) {
      json.put("declared-length", request.declaredLength());
    }
    json.put("received", request.received()).put("headers", new JsonArray(request.headers()));
    if (request.headersLeftOut() > 0) {
      json.put("headers-left-out", request.headersLeftOut());
    }
    UnknownAddress address = entry.address();
    if (address != null) {
      putIfAny(json, "path", address.path());
      json.put("path-length", address.length());
    }
    return json;
  }

  private static void putIfAny(JsonObject json, String name, String value) {
    if (!value.isEmpty()) {
      json.put(name, value);
    }
  }

  private static String cut(String text) {
    return text.length() <= LONGEST_DETAIL ? text : text.substring(0, LONGEST_DETAIL) + "…";
  }

  // Sources.

  /** The sources whose names pass: what they are, and what this instance has seen of them. */
  public JsonObject sources(Predicate<String> name) {
    JsonArray sources = new JsonArray();
    for (Source source : ingress.sources().all()) {
      if (name.test(source.name())) {
        sources.add(source(source));
      }
    }
    return head().put("sources", sources);
  }

  private JsonObject source(Source source) {
    SourceMeters meters = ingress.meters(source);
    JsonObject acknowledged = new JsonObject().put("count", meters.acknowledged());
    if (meters.lastAcknowledged() > 0) {
      acknowledged.put("last", time(meters.lastAcknowledged()));
    }
    JsonArray authentication = new JsonArray();
    secrets.uses(source.name()).forEach(use -> authentication.add(authenticator(use)));
    return new JsonObject()
        .put("name", source.name())
        .put("provider", source.provider().name())
        .put("path", "/webhooks/" + source.name())
        .put("max-body-bytes", source.maxBodySize())
        .put("acknowledged", acknowledged)
        .put("authentication", authentication);
  }

  private static JsonObject authenticator(SecretMatches use) {
    AuthSpec spec = use.spec();
    JsonObject json = new JsonObject().put("type", spec.type());
    putIfAny(json, "name", spec.label());
    json.put("places", new JsonArray(spec.places()));
    JsonArray secrets = new JsonArray();
    List<SecretMatches.OfEntry> matches = use.entries();
    long latest = 0;
    for (int i = 0; i < matches.size(); i++) {
      SecretMatches.OfEntry each = matches.get(i);
      JsonObject secret =
          new JsonObject()
              .put("position", i + 1)
              .put("reference", reference(spec.references().get(i)))
              .put("count", each.count());
      if (each.last() > 0) {
        secret.put("last", time(each.last()));
      }
      if (each.last() > latest) {
        latest = each.last();
        json.put("matched-last", i + 1);
      }
      secrets.add(secret);
    }
    return json.put("secrets", secrets);
  }

  private static String reference(SecretRef reference) {
    return switch (reference) {
      case SecretRef.Env variable -> "env:" + variable.name();
      case SecretRef.File file -> "file:" + file.path();
    };
  }
}
