package io.penstock.ingest.subscription.matterport;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.ingest.subscription.ApiCaller.Answer;
import io.penstock.ingest.subscription.ApiCaller.Kind;
import io.penstock.ingest.subscription.ApiException;
import io.penstock.ingest.subscription.CallbackAddress;
import io.penstock.ingest.subscription.GraphQl;
import io.penstock.ingest.subscription.Registration;
import io.penstock.ingest.subscription.SenderProof.Named;
import io.penstock.ingest.subscription.SubscriptionApi;
import io.penstock.ingest.subscription.WantedSubscription;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Matterport's callbacks. Its page shows the operations by examples, without the names of the types
 * of their input, so values stand in the documents as literals. Not documented, and so not relied
 * on: whether a patch can change events (a callback with other events is replaced), what {@code
 * credType: token} puts into a request, how {@code webhookCustomKey} is set (sent as a field of
 * that name, only where it is configured), and the type of an offset (it is sent back as it came).
 */
final class MatterportApi implements SubscriptionApi.Listed {

  private static final String FIELDS =
      "{ id eventTypes version callback { scheme host port path } }";

  /** Each has as many callbacks as Matterport likes. */
  private static final int MOST_PAGES = 200;

  private final GraphQl api;

  MatterportApi(GraphQl api) {
    this.api = api;
  }

  @Override
  public boolean isOnePerEvent() {
    return false;
  }

  @Override
  public Optional<Patch> patch() {
    return Optional.of(this::patch);
  }

  @Override
  public Testing.ByCall testing() {
    return this::ping;
  }

  @Override
  public List<Registration> list() throws ApiException, InterruptedException {
    List<Registration> registrations = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    Set<JsonNode> offsets = new HashSet<>();
    JsonNode page = page("");
    while (true) {
      for (JsonNode each : page.path("results")) {
        if (ids.add(each.path("id").asText())) {
          registrations.add(registration(each));
        }
      }
      JsonNode next = page.path("nextOffset");
      if (next.isMissingNode() || next.isNull() || next.asText().isEmpty()) {
        return complete(registrations, page);
      }
      if (!offsets.add(next) || offsets.size() > MOST_PAGES) {
        throw new ApiException("matterport's list of callbacks does not end");
      }
      String literal = next.isNumber() ? next.asText() : GraphQl.literal(next.asText());
      page = page("(offset: " + literal + ")");
    }
  }

  private JsonNode page(String argument) throws ApiException, InterruptedException {
    String field = "modelEventWebhookCallbacks";
    JsonNode page =
        api.run(
            "query { " + field + argument + " { nextOffset totalResults results " + FIELDS + " } }",
            none(),
            field,
            Kind.READS);
    if (!page.path("results").isArray()) {
      throw api.caller().unexpected(new Answer(200, page), Kind.READS);
    }
    return page;
  }

  /** Half a list would make registrations of what is registered. */
  private static List<Registration> complete(List<Registration> registrations, JsonNode page)
      throws ApiException {
    JsonNode total = page.path("totalResults");
    if (total.isInt() && total.asInt() != registrations.size()) {
      throw new ApiException(
          "matterport says that there are "
              + total.asInt()
              + " callbacks, and lists "
              + registrations.size()
              + ": run this again");
    }
    return registrations;
  }

  private Registration registration(JsonNode node) throws ApiException {
    String id = node.path("id").asText("");
    if (id.isEmpty()) {
      throw new ApiException("matterport lists a callback without an id");
    }
    SortedSet<String> events = new TreeSet<>();
    node.path("eventTypes").forEach(event -> events.add(event.asText()));
    JsonNode version = node.path("version");
    return new Registration(
        id,
        address(node.path("callback")),
        events,
        version.isInt() ? OptionalInt.of(version.asInt()) : OptionalInt.empty(),
        Registration.Enabled.UNTOLD);
  }

  private static Optional<CallbackAddress> address(JsonNode callback) {
    String host = callback.path("host").asText("");
    String scheme = callback.path("scheme").asText("https");
    if (host.isEmpty()) {
      return Optional.empty();
    }
    JsonNode port = callback.path("port");
    return Optional.of(
        new CallbackAddress(
            scheme,
            host,
            port.isInt() && port.asInt() > 0 ? port.asInt() : CallbackAddress.portOf(scheme),
            callback.path("path").asText("")));
  }

  @Override
  public Registration add(WantedSubscription wanted) throws ApiException, InterruptedException {
    String field = "addModelEventWebhookCallback";
    String events = String.join(", ", wanted.events());
    return registration(
        api.run(
            "mutation { "
                + field
                + "(input: { eventTypes: ["
                + events
                + "] callback: "
                + callback(wanted)
                + rest(wanted)
                + " }) "
                + FIELDS
                + " }",
            none(),
            field,
            Kind.ONCE));
  }

  private void patch(Registration registration, WantedSubscription wanted)
      throws ApiException, InterruptedException {
    String field = "patchModelEventWebhookCallback";
    api.run(
        "mutation ($callbackId: ID!) { "
            + field
            + "(id: $callbackId input: { callback: "
            + callback(wanted)
            + rest(wanted)
            + " }) "
            + FIELDS
            + " }",
        id(registration),
        field,
        Kind.REPEATABLE);
  }

  @Override
  public void remove(Registration registration) throws ApiException, InterruptedException {
    String field = "removeModelEventWebhookCallback";
    JsonNode removed =
        api.run(
            "mutation ($callbackId: ID!) { " + field + "(id: $callbackId) }",
            id(registration),
            field,
            Kind.REPEATABLE);
    if (!removed.asBoolean(false)) {
      throw new ApiException("matterport says that it has not removed the callback");
    }
  }

  private void ping(Registration registration) throws ApiException, InterruptedException {
    String field = "pingModelEventWebhookCallback";
    api.run(
        "mutation ($callbackId: ID!) { " + field + "(id: $callbackId) }",
        id(registration),
        field,
        Kind.REPEATABLE);
  }

  private static String callback(WantedSubscription wanted) {
    CallbackAddress address = wanted.address();
    StringBuilder callback =
        new StringBuilder("{ scheme: ")
            .append(GraphQl.literal(address.scheme()))
            .append(" host: ")
            .append(GraphQl.literal(address.host()))
            .append(" port: ")
            .append(address.port())
            .append(" path: ")
            .append(GraphQl.literal(address.path().substring(1)));
    wanted
        .proof()
        .basic()
        .ifPresent(
            named ->
                callback
                    .append(" credType: basic credKey: ")
                    .append(GraphQl.literal(named.name()))
                    .append(" credSecret: ")
                    .append(value(named)));
    Optional<Named> bearer =
        wanted.proof().bearer().map(token -> new Named("Authorization", token));
    Stream<String> headers = wanted.proof().headers().stream().map(named -> pair(named, ""));
    if (bearer.isPresent() && wanted.tokenCredential()) {
      callback.append(" credType: token credSecret: ").append(value(bearer.get()));
    } else {
      headers = Stream.concat(headers, bearer.stream().map(named -> pair(named, "Bearer ")));
    }
    return callback
        .append(" additionalHeaders: [")
        .append(headers.collect(Collectors.joining(" ")))
        .append("] queryParams: [")
        .append(
            wanted.proof().query().stream()
                .map(named -> pair(named, ""))
                .collect(Collectors.joining(" ")))
        .append("] }")
        .toString();
  }

  private static String pair(Named named, String prefix) {
    return "{ key: "
        + GraphQl.literal(named.name())
        + " value: "
        + GraphQl.literal(prefix + WantedSubscription.text(named.value()))
        + " }";
  }

  private static String value(Named named) {
    return GraphQl.literal(WantedSubscription.text(named.value()));
  }

  private static String rest(WantedSubscription wanted) {
    return " version: "
        + wanted.version()
        + wanted.customKey().map(key -> " webhookCustomKey: " + GraphQl.literal(key)).orElse("");
  }

  private static ObjectNode none() {
    return JsonNodeFactory.instance.objectNode();
  }

  private static ObjectNode id(Registration registration) {
    return none().put("callbackId", registration.id());
  }

  @Override
  public void close() {
    api.close();
  }
}
