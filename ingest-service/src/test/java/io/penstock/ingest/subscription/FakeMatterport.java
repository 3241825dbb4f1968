package io.penstock.ingest.subscription;

import static java.util.Objects.requireNonNull;

import graphql.schema.DataFetchingEnvironment;
import graphql.schema.idl.RuntimeWiring;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Matterport's API as its page describes it. Has pages of two callbacks. A ping is a POST with all
 * that was registered; its body is not documented.
 */
public final class FakeMatterport extends FakeGraphQl {

  public static final String TOKEN_ID = "matterport-token-id-4711";
  public static final String TOKEN_SECRET = "matterport-token-secret-0815";

  private static final int PAGE = 2;

  /** What is registered, by id: the input of the mutation. */
  private final Map<String, Map<String, Object>> callbacks = new LinkedHashMap<>();

  private final List<String> pinged = new ArrayList<>();
  private volatile boolean sends;
  private int made;

  /** Listens on a free port. */
  public FakeMatterport() {
    super(
        "Basic "
            + Base64.getEncoder()
                .encodeToString((TOKEN_ID + ":" + TOKEN_SECRET).getBytes(StandardCharsets.UTF_8)),
        "/api/models/graph");
    use(
        "matterport.graphqls",
        RuntimeWiring.newRuntimeWiring()
            .type("Query", type -> type.dataFetcher("modelEventWebhookCallbacks", this::list))
            .type(
                "Mutation",
                type ->
                    type.dataFetcher("addModelEventWebhookCallback", this::add)
                        .dataFetcher("patchModelEventWebhookCallback", this::patch)
                        .dataFetcher("removeModelEventWebhookCallback", this::remove)
                        .dataFetcher("pingModelEventWebhookCallback", this::ping))
            .build());
  }

  /** What is registered, by id. */
  public synchronized Map<String, Map<String, Object>> callbacks() {
    return new LinkedHashMap<>(callbacks);
  }

  /** Registers something by hand. */
  synchronized String register(List<String> events, String host, String path) {
    String id = "hand" + ++made;
    callbacks.put(
        id,
        new HashMap<>(
            Map.of(
                "id",
                id,
                "eventTypes",
                events,
                "callback",
                Map.of("scheme", "https", "host", host, "port", 443, "path", path),
                "version",
                2)));
    return id;
  }

  /** Changes something by hand. */
  synchronized void change(String id, String field, Object value) {
    requireNonNull(callbacks.get(id)).put(field, value);
  }

  /** Removes something by hand. */
  synchronized void forget(String id) {
    callbacks.remove(id);
  }

  /** The ids that were pinged. */
  synchronized List<String> pinged() {
    return List.copyOf(pinged);
  }

  private Object list(DataFetchingEnvironment environment) {
    String offset = environment.getArgument("offset");
    int from = offset == null ? 0 : Integer.parseInt(offset.substring("offset-".length()));
    List<Map<String, Object>> all = new ArrayList<>(callbacks.values());
    int to = Math.min(all.size(), from + PAGE);
    Map<String, Object> page = new HashMap<>();
    page.put("totalResults", all.size());
    page.put("results", all.subList(Math.min(from, to), to));
    page.put("nextOffset", to < all.size() ? "offset-" + to : null);
    return page;
  }

  private Object add(DataFetchingEnvironment environment) {
    Map<String, Object> callback = new HashMap<>(environment.getArgument("input"));
    String id = "made" + ++made;
    callback.put("id", id);
    callback.putIfAbsent("version", 1);
    callbacks.put(id, callback);
    return callback;
  }

  private Map<String, Object> found(DataFetchingEnvironment environment) {
    Map<String, Object> callback = callbacks.get((String) environment.getArgument("id"));
    if (callback == null) {
      throw error("Error fetching data");
    }
    return callback;
  }

  private Object patch(DataFetchingEnvironment environment) {
    Map<String, Object> callback = found(environment);
    callback.putAll(environment.getArgument("input"));
    return callback;
  }

  private Object remove(DataFetchingEnvironment environment) {
    found(environment);
    callbacks.remove((String) environment.getArgument("id"));
    return true;
  }

  private Object ping(DataFetchingEnvironment environment) {
    Map<String, Object> callback = found(environment);
    pinged.add(environment.getArgument("id"));
    if (sends) {
      send(callback);
    }
    return true;
  }

  /** Sends what a ping asks for, from here on. */
  public void sendPings() {
    sends = true;
  }

  @SuppressWarnings("unchecked")
  private static void send(Map<String, Object> callback) {
    Map<String, Object> target = (Map<String, Object>) requireNonNull(callback.get("callback"));
    String credentials = target.get("credKey") + ":" + target.get("credSecret");
    String query =
        ((List<Map<String, String>>) requireNonNull(target.get("queryParams")))
            .stream()
                .map(each -> each.get("key") + "=" + each.get("value"))
                .collect(Collectors.joining("&", "?", ""));
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create(
                    target.get("scheme")
                        + "://"
                        + target.get("host")
                        + ":"
                        + target.get("port")
                        + "/"
                        + target.get("path")
                        + query))
            .timeout(Duration.ofMinutes(2))
            .header(
                "authorization",
                "Basic "
                    + Base64.getEncoder()
                        .encodeToString(credentials.getBytes(StandardCharsets.UTF_8)))
            .POST(HttpRequest.BodyPublishers.ofString("{}"));
    ((List<Map<String, String>>) requireNonNull(target.get("additionalHeaders")))
        .forEach(each -> request.header(each.get("key"), each.get("value")));
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          http.send(request.build(), HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw error("the callback answers " + answer.statusCode());
      }
    } catch (IOException e) {
      throw error("the callback cannot be reached");
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
