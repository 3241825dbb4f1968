package io.penstock.ingest.subscription.smartshape;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.penstock.ingest.subscription.ApiCaller;
import io.penstock.ingest.subscription.ApiCaller.Answer;
import io.penstock.ingest.subscription.ApiCaller.Call;
import io.penstock.ingest.subscription.ApiCaller.Kind;
import io.penstock.ingest.subscription.ApiException;
import io.penstock.ingest.subscription.CallbackAddress;
import io.penstock.ingest.subscription.Registration;
import io.penstock.ingest.subscription.SubscriptionApi;
import io.penstock.ingest.subscription.WantedSubscription;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * SmartShape's webhooks: created, listed and deleted. By its page, 503 means that the caller is not
 * authorized. Its page shows only the beginning of what is listed; that it has the address of each
 * webhook is assumed, and where it has not, nothing is planned.
 */
final class SmartShapeApi implements SubscriptionApi.Listed {

  private static final Set<Integer> UNAUTHORIZED = Set.of(401, 403, 503);

  private final ApiCaller caller;
  private final String webhooks;
  private final Map<String, String> headers;

  SmartShapeApi(ApiCaller caller, URI url, Map<String, String> headers) {
    this.caller = caller;
    this.webhooks = url.toString().replaceAll("/+$", "") + "/webhook/";
    this.headers = Map.copyOf(headers);
  }

  @Override
  public boolean isOnePerEvent() {
    return true;
  }

  @Override
  public Optional<Patch> patch() {
    return Optional.empty();
  }

  private Answer send(String method, String path, @Nullable JsonNode body, Kind kind)
      throws ApiException, InterruptedException {
    return caller.send(
        new Call(method, URI.create(webhooks + path), headers, body, kind, UNAUTHORIZED));
  }

  @Override
  public List<Registration> list() throws ApiException, InterruptedException {
    Answer answer = send("GET", "", null, Kind.READS);
    if (!answer.isSuccess() || !answer.json().path("data").isArray()) {
      throw caller.unexpected(answer, Kind.READS);
    }
    List<Registration> registrations = new ArrayList<>();
    for (JsonNode each : answer.json().path("data")) {
      JsonNode attributes = each.path("attributes");
      String id = each.path("id").asText(attributes.path("_id").asText(""));
      String url = attributes.path("url").asText("");
      if (id.isEmpty() || url.isEmpty()) {
        throw new ApiException(
            "smartshape lists a webhook without "
                + (id.isEmpty() ? "its id" : "its address")
                + ", so what is registered cannot be compared: manage it by hand, and leave"
                + " subscription.api out");
      }
      registrations.add(
          new Registration(
              id,
              CallbackAddress.parse(url),
              new TreeSet<>(Set.of(attributes.path("event").asText(""))),
              OptionalInt.empty(),
              enabled(attributes)));
    }
    return registrations;
  }

  /** Whether one can be turned off is not documented. */
  private static Registration.Enabled enabled(JsonNode attributes) {
    JsonNode enabled = attributes.path("enabled");
    if (!enabled.isBoolean()) {
      return Registration.Enabled.UNTOLD;
    }
    return enabled.asBoolean() ? Registration.Enabled.YES : Registration.Enabled.NO;
  }

  @Override
  public Registration add(WantedSubscription wanted) throws ApiException, InterruptedException {
    String secret =
        wanted
            .proof()
            .hashed()
            .map(WantedSubscription::text)
            .orElseThrow(() -> new IllegalStateException("the configuration was checked"));
    String event = wanted.events().first();
    Answer answer =
        send(
            "PUT",
            "",
            JsonNodeFactory.instance
                .objectNode()
                .put("event", event)
                .put("url", wanted.url())
                .put("secretToken", secret),
            Kind.ONCE);
    if (answer.status() == 400) {
      throw new ApiException("smartshape answers 400, which means that it misses an argument");
    }
    JsonNode data = answer.json().path("data");
    String id = data.path("id").asText(data.path("attributes").path("_id").asText(""));
    if (!answer.isSuccess() || id.isEmpty()) {
      throw caller.unexpected(answer, Kind.ONCE);
    }
    return new Registration(
        id,
        Optional.of(wanted.address()),
        wanted.events(),
        OptionalInt.empty(),
        Registration.Enabled.UNTOLD);
  }

  @Override
  public void remove(Registration registration) throws ApiException, InterruptedException {
    String id = URLEncoder.encode(registration.id(), StandardCharsets.UTF_8);
    Answer answer = send("DELETE", id + "/", null, Kind.REPEATABLE);
    if (answer.status() == 404) {
      return; // it is gone
    }
    if (!answer.isSuccess() || !answer.json().path("success").asBoolean(false)) {
      throw caller.unexpected(answer, Kind.REPEATABLE);
    }
  }

  @Override
  public Testing testing() {
    return new Testing.ByHand(
        "SmartShape documents no test: change an attribute or upload a file, and look for the"
            + " event with 'penstock tail'");
  }

  @Override
  public void close() {
    caller.close();
  }
}
