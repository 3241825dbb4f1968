package io.penstock.ingest.service;

import io.penstock.ingest.ingress.IngressReport;
import io.penstock.ingest.management.ManagementPage;
import io.penstock.ingest.management.ManagementPage.UnknownFilterException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What an ingress shows on the management port: see {@code docs/management-port.md}. */
final class IngressPages {

  private static final String SOURCE = "source";
  private static final String REASON = "reason";

  private IngressPages() {}

  static List<ManagementPage> of(IngressReport report) {
    return pages(
        filters ->
            report.refusals(
                one(filters, SOURCE, report.sourceNames()),
                one(filters, REASON, IngressReport.reasonCodes())),
        filters -> report.sources(one(filters, SOURCE, report.sourceNames())));
  }

  /** The same without content, for a description of any ingress. */
  static List<ManagementPage> described() {
    return pages(filters -> new JsonObject(), filters -> new JsonObject());
  }

  private static List<ManagementPage> pages(
      ManagementPage.Content refusals, ManagementPage.Content sources) {
    return List.of(
        new ManagementPage(
            "/refusals",
            Set.of(SOURCE, REASON),
            "The last requests that this process refused, and why",
            refusals(),
            refusals),
        new ManagementPage(
            "/sources",
            Set.of(SOURCE),
            "The sources, their last acknowledged delivery, and which secrets are in use",
            sources(),
            sources));
  }

  private static JsonObject refusals() {
    return page("keeps", "counts", "refusals")
        .put(
            "properties",
            times()
                .put("keeps", type("integer"))
                .put("counts", list("source", "reason", "outcome", "count: integer", "last"))
                .put(
                    "refusals",
                    list(
                        "source",
                        "outcome",
                        "reason",
                        "status: integer",
                        "title",
                        "advice",
                        "count: integer",
                        "first",
                        "last",
                        "receipt-id",
                        "method",
                        "received: integer",
                        "headers: array")));
  }

  private static JsonObject sources() {
    return page("sources")
        .put(
            "properties",
            times()
                .put(
                    "sources",
                    list(
                        "name",
                        "provider",
                        "path",
                        "max-body-bytes: integer",
                        "acknowledged: object",
                        "authentication: array")));
  }

  private static JsonObject page(String... more) {
    return type("object")
        .put(
            "required",
            new JsonArray(Stream.concat(Stream.of("time", "since"), Stream.of(more)).toList()));
  }

  private static JsonObject times() {
    return new JsonObject().put("time", type("string")).put("since", type("string"));
  }

  /**
   * A list of objects that all have these members, and perhaps others.
   *
   * @param members each a name, and its type unless that is string
   */
  private static JsonObject list(String... members) {
    JsonObject properties = new JsonObject();
    JsonArray required = new JsonArray();
    for (String member : members) {
      String[] parts = member.split(": ", -1);
      properties.put(parts[0], type(parts.length == 1 ? "string" : parts[1]));
      required.add(parts[0]);
    }
    return type("array")
        .put("items", type("object").put("properties", properties).put("required", required));
  }

  private static JsonObject type(String name) {
    return new JsonObject().put("type", name);
  }

  private static Predicate<String> one(
      Map<String, String> filters, String filter, List<String> known)
      throws UnknownFilterException {
    String value = filters.get(filter);
    if (value == null) {
      return any -> true;
    }
    if (!known.contains(value)) {
      throw new UnknownFilterException(
          "the values of the filter " + filter + " are " + String.join(", ", known));
    }
    return value::equals;
  }
}
