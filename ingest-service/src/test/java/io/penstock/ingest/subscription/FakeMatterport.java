package io.penstock.ingest.subscription;

import graphql.schema.DataFetchingEnvironment;
import graphql.schema.idl.RuntimeWiring;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Matterport's API as its page describes it. Has pages of two callbacks. */
final class FakeMatterport extends FakeGraphQl {

  static final String TOKEN_ID = "matterport-token-id-4711";
  static final String TOKEN_SECRET = "matterport-token-secret-0815";

  private static final int PAGE = 2;

  /** What is registered, by id: the input of the mutation. */
  private final Map<String, Map<String, Object>> callbacks = new LinkedHashMap<>();

  private final List<String> pinged = new ArrayList<>();
  private int made;

  FakeMatterport() {
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
  synchronized Map<String, Map<String, Object>> callbacks() {
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
    callbacks.get(id).put(field, value);
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
    found(environment);
    pinged.add(environment.getArgument("id"));
    return true;
  }
}
