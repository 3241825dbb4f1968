package io.penstock.ingest.subscription;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import graphql.ExecutionInput;
import graphql.GraphQL;
import graphql.GraphqlErrorException;
import graphql.schema.idl.RuntimeWiring;
import graphql.schema.idl.SchemaGenerator;
import graphql.schema.idl.SchemaParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** A GraphQL API by a schema: what the schema does not allow is an error, and is remembered. */
public abstract class FakeGraphQl extends FakeApi {

  private final String authorization;
  private final String path;
  private final List<String> faults = new CopyOnWriteArrayList<>();

  @SuppressWarnings("NullAway.Init") // set by use(), in the constructor of each subclass
  private GraphQL engine;

  FakeGraphQl(String authorization, String path) {
    this.authorization = authorization;
    this.path = path;
  }

  final void use(String schema, RuntimeWiring wiring) {
    try (InputStream in = FakeGraphQl.class.getResourceAsStream("/subscription/" + schema)) {
      engine =
          GraphQL.newGraphQL(
                  new SchemaGenerator()
                      .makeExecutableSchema(
                          new SchemaParser()
                              .parse(new InputStreamReader(in, StandardCharsets.UTF_8)),
                          wiring))
              .build();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String url() {
    return super.url() + path;
  }

  /** The header that it wants. */
  public String authorization() {
    return authorization;
  }

  /** What the schema did not allow. */
  public List<String> faults() {
    return faults;
  }

  static RuntimeException error(String message) {
    return GraphqlErrorException.newErrorException().message(message).build();
  }

  @Override
  final synchronized Reply answer(Asked request) throws IOException {
    if (!request.path().equals(path) || !request.method().equals("POST")) {
      return Reply.of(404, "");
    }
    if (!request.authorization().equals(authorization)) {
      return Reply.of(401, "{\"message\":\"Unauthorized\"}");
    }
    JsonNode body = JSON.readTree(request.body());
    ExecutionInput.Builder input = ExecutionInput.newExecutionInput(body.path("query").asText());
    if (body.has("variables")) {
      input.variables(
          JSON.convertValue(body.get("variables"), new TypeReference<Map<String, Object>>() {}));
    }
    Map<String, Object> result = engine.execute(input.build()).toSpecification();
    ObjectNode answer = JSON.valueToTree(result);
    for (JsonNode error : answer.path("errors")) {
      if (error
          .path("extensions")
          .path("classification")
          .asText()
          .matches("(?i).*(validation|syntax).*")) {
        faults.add(error.path("message").asText());
      }
    }
    return Reply.json(answer);
  }
}
