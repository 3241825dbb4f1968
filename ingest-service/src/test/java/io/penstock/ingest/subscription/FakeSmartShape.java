package io.penstock.ingest.subscription;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** SmartShape's API as its page describes it: 503 means not authorized. */
final class FakeSmartShape extends FakeApi {

  static final String TOKEN = "smartshape-access-token-4711";

  private static final Set<String> EVENTS =
      Set.of(
          "attribute_updated",
          "file_uploaded",
          "file_optimized",
          "annotation_created",
          "annotation_updated",
          "annotation_removed",
          "configuration_created",
          "configuration_updated",
          "configuration_removed");

  private final Map<String, ObjectNode> webhooks = new LinkedHashMap<>();
  private volatile boolean tellsAddresses = true;
  private int made;

  /** What is registered, by id. */
  synchronized Map<String, ObjectNode> webhooks() {
    return new LinkedHashMap<>(webhooks);
  }

  /** The types of events that are registered for. */
  synchronized Set<String> events() {
    Set<String> events = new TreeSet<>();
    webhooks.values().forEach(each -> events.add(each.path("event").asText()));
    return events;
  }

  /** Registers something by hand. */
  synchronized String register(String event, String url) {
    String id = "hand" + ++made;
    webhooks.put(id, JSON.createObjectNode().put("event", event).put("url", url));
    return id;
  }

  /** Removes something by hand. */
  synchronized void forget(String id) {
    webhooks.remove(id);
  }

  /** Lists webhooks without their addresses. */
  void hideAddresses() {
    tellsAddresses = false;
  }

  @Override
  synchronized Reply answer(Asked request) throws IOException {
    if (!request.authorization().equals("Bearer " + TOKEN)) {
      return Reply.of(503, "{\"error\":\"Unauthorized\"}");
    }
    if (request.path().equals("/webhook/") && request.method().equals("PUT")) {
      return put(JSON.readTree(request.body()));
    }
    if (request.path().equals("/webhook/") && request.method().equals("GET")) {
      return list();
    }
    if (request.path().matches("/webhook/[^/]+/?") && request.method().equals("DELETE")) {
      boolean found = webhooks.remove(request.path().split("/", -1)[2]) != null;
      return Reply.of(found ? 200 : 404, "{\"success\":" + found + "}");
    }
    return Reply.of(404, "");
  }

  private Reply put(JsonNode body) {
    boolean complete =
        EVENTS.contains(body.path("event").asText())
            && body.path("url").isTextual()
            && body.path("secretToken").isTextual()
            && body.size() == 3;
    if (!complete) {
      return Reply.of(400, "{\"error\":\"missing argument\"}");
    }
    String id = "made" + ++made;
    webhooks.put(id, (ObjectNode) body);
    ObjectNode answer = JSON.createObjectNode();
    answer.putObject("data").put("type", "webhook").putObject("attributes").put("_id", id);
    return Reply.json(answer);
  }

  private Reply list() {
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode data = answer.putArray("data");
    webhooks.forEach(
        (id, webhook) -> {
          ObjectNode attributes =
              data.addObject().put("type", "webhook").put("id", id).putObject("attributes");
          attributes.put("event", webhook.path("event").asText());
          if (tellsAddresses) {
            attributes.put("url", webhook.path("url").asText());
          }
        });
    return Reply.json(answer);
  }
}
