package io.penstock.ingest.ingress;

import static io.penstock.ingest.ingress.ApiParts.reference;
import static io.penstock.ingest.ingress.ApiParts.schema;
import static io.penstock.ingest.ingress.ApiParts.type;

import io.penstock.ingest.delivery.Reason;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Describes the answers that senders get, as OpenAPI does: see {@link Answers}. */
final class ApiAnswers {

  private ApiAnswers() {}

  /** The answers that all sources have, by name. */
  static JsonObject responses() {
    JsonObject responses = new JsonObject();
    responses.put(
        "Acknowledged",
        new JsonObject()
            .put(
                "description",
                "The delivery is durable, or a copy of one that is. Of a source with"
                    + " challenge.type url-verification, also the text of a verification, as plain"
                    + " text.")
            .put(
                "content",
                new JsonObject()
                    .put("application/json", schema(reference("schemas", "Acknowledgement")))
                    .put("text/plain", schema(type("string")))));
    responses.put(
        "Repeated",
        new JsonObject()
            .put("description", "The text of the challenge.")
            .put("content", new JsonObject().put("text/plain", schema(type("string")))));
    byStatus()
        .forEach((status, reasons) -> responses.put("Status" + status, refusal(status, reasons)));
    for (int status : HeadRules.STATUSES) {
      if (!responses.containsKey("Status" + status)) {
        responses.put(
            "Status" + status,
            new JsonObject()
                .put(
                    "description",
                    status == 501
                        ? "The transfer coding is not known. The answer has no body, and the"
                            + " connection ends."
                        : "The request's head is too long. The answer has no body, and the"
                            + " connection ends."));
      }
    }
    return responses;
  }

  /** The schemas that the answers refer to, by name. */
  static JsonObject schemas() {
    return new JsonObject()
        .put(
            "Acknowledgement",
            type("object")
                .put("required", new JsonArray().add("success"))
                .put(
                    "properties",
                    new JsonObject().put("success", new JsonObject().put("const", true)))
                .put("additionalProperties", false))
        .put(
            "Problem",
            type("object")
                .put("description", "A problem (RFC 9457). Members may be added.")
                .put("required", new JsonArray().add("type").add("title").add("status"))
                .put(
                    "properties",
                    new JsonObject()
                        .put(
                            "type",
                            type("string")
                                .put(
                                    "description",
                                    "What is wrong; relative to the address that was asked."))
                        .put("title", type("string"))
                        .put("status", type("integer"))
                        .put("detail", type("string"))));
  }

  /** The reasons that senders are told, by the status that they come with. */
  static Map<Integer, List<Reason>> byStatus() {
    return IngressReport.toldReasons().stream()
        .collect(Collectors.groupingBy(Reason::status, TreeMap::new, Collectors.toList()));
  }

  private static JsonObject refusal(int status, List<Reason> reasons) {
    String description =
        reasons.stream()
            .map(reason -> "`" + reason.code() + "`: " + reason.title() + ".")
            .collect(Collectors.joining(" "));
    if (HeadRules.STATUSES.contains(status)) {
      description += " Without a body: the request is no valid HTTP, and the connection ends.";
    }
    JsonArray codes = new JsonArray();
    reasons.forEach(reason -> codes.add(reason.code()));
    JsonObject own =
        new JsonObject()
            .put(
                "properties",
                new JsonObject()
                    .put("type", new JsonObject().put("enum", codes))
                    .put("status", new JsonObject().put("const", status)));
    JsonObject response =
        new JsonObject()
            .put("description", description)
            .put(
                "content",
                new JsonObject()
                    .put(
                        "application/problem+json",
                        schema(
                            new JsonObject()
                                .put(
                                    "allOf",
                                    new JsonArray()
                                        .add(reference("schemas", "Problem"))
                                        .add(own)))));
    JsonObject headers = new JsonObject();
    if (reasons.contains(Reason.AUTHENTICATION_FAILED)) {
      headers.put(
          "WWW-Authenticate",
          header("How a sender can authenticate; a line for each way.", type("string")));
    }
    if (reasons.contains(Reason.METHOD_NOT_ALLOWED)) {
      headers.put(
          "Allow",
          header(
              "GET too where the source has a challenge that is asked by GET.",
              new JsonObject()
                  .put("enum", new JsonArray().add("POST").add(RefusalDecision.GET_AND_POST))));
    }
    if (status == Reason.OVERLOADED.status() || status == Reason.RATE_LIMITED.status()) {
      headers.put(
          "Retry-After",
          header("When to send it again, in seconds.", type("integer").put("minimum", 1)));
    }
    return headers.isEmpty() ? response : response.put("headers", headers);
  }

  private static JsonObject header(String description, JsonObject schema) {
    return new JsonObject()
        .put("description", description)
        .put("required", true)
        .put("schema", schema);
  }
}
