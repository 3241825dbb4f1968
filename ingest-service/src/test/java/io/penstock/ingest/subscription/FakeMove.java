package io.penstock.ingest.subscription;

import graphql.Scalars;
import graphql.schema.DataFetchingEnvironment;
import graphql.schema.GraphQLScalarType;
import graphql.schema.idl.RuntimeWiring;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** Move's API as its page describes it: shows the secret of an endpoint when it is made. */
final class FakeMove extends FakeGraphQl {

  static final String KEY = "move-api-key-4711";
  static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  static final String PORTAL = "https://app.svix.com/login?key=portal-key-4711";

  private final Map<String, Map<String, Object>> endpoints = new LinkedHashMap<>();

  FakeMove() {
    super(KEY, "/ugc/graphql");
    use(
        "move.graphqls",
        RuntimeWiring.newRuntimeWiring()
            .scalar(GraphQLScalarType.newScalar(Scalars.GraphQLString).name("AWSJSON").build())
            .type("Query", type -> type.dataFetcher("client", this::client))
            .type("Mutation", type -> type.dataFetcher("upsertWebhookEndpoint", this::upsert))
            .build());
  }

  /** What is registered, by uid. */
  synchronized Map<String, Map<String, Object>> endpoints() {
    return endpoints;
  }

  private Object client(DataFetchingEnvironment environment) {
    return Map.of("id", "client-1", "name", "a client", "portal", PORTAL);
  }

  private Object upsert(DataFetchingEnvironment environment) {
    Map<String, Object> arguments = new HashMap<>(environment.getArguments());
    String uid = (String) arguments.get("uid");
    Map<String, Object> before = endpoints.put(uid, arguments);
    Map<String, Object> answer = new HashMap<>(arguments);
    answer.put("secret", before == null ? SECRET : null);
    return answer;
  }
}
