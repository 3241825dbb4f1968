package io.penstock.ingest.subscription;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.ingest.subscription.ApiCaller.Answer;
import io.penstock.ingest.subscription.ApiCaller.Call;
import io.penstock.ingest.subscription.ApiCaller.Kind;
import java.net.URI;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** Calls a GraphQL API. For one thread. */
public final class GraphQl implements AutoCloseable {

  private final ApiCaller caller;
  private final URI url;
  private final Map<String, String> headers;

  /**
   * @param caller closed with this
   * @param headers that hold the credentials
   */
  public GraphQl(ApiCaller caller, URI url, Map<String, String> headers) {
    this.caller = caller;
    this.url = url;
    this.headers = Map.copyOf(headers);
  }

  /**
   * Runs one operation.
   *
   * @param field the one field of the operation
   * @return its value, never null
   * @throws ApiException for any error that the answer names
   */
  public JsonNode run(String query, ObjectNode variables, String field, Kind kind)
      throws ApiException, InterruptedException {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("query", query);
    if (!variables.isEmpty()) {
      body.set("variables", variables);
    }
    Answer answer = caller.send(new Call("POST", url, headers, body, kind, Set.of(401, 403)));
    JsonNode errors = answer.json().path("errors");
    if (errors.isArray() && !errors.isEmpty()) {
      throw new ApiException(
          caller.provider() + " refuses: " + messages(errors), effect(answer, field, kind));
    }
    JsonNode value = answer.json().path("data").path(field);
    if (!answer.isSuccess() || value.isMissingNode() || value.isNull()) {
      throw caller.unexpected(answer, kind);
    }
    return value;
  }

  /** An answer with an error may have a result too. */
  private static ApiException.Effect effect(Answer answer, String field, Kind kind) {
    boolean hasResult = answer.json().path("data").hasNonNull(field);
    return kind != Kind.READS && hasResult ? ApiException.Effect.UNKNOWN : ApiException.Effect.NONE;
  }

  private String messages(JsonNode errors) {
    return StreamSupport.stream(errors.spliterator(), false)
        .limit(3)
        .map(error -> caller.safe(error.path("message").asText("an error without a message")))
        .distinct()
        .collect(Collectors.joining("; "));
  }

  /** A text as a literal of GraphQL. */
  public static String literal(String text) {
    StringBuilder literal = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        literal.append('\\').append(c);
      } else if (c < ' ' || c > '~') {
        literal.append(String.format("\\u%04x", (int) c));
      } else {
        literal.append(c);
      }
    }
    return literal.append('"').toString();
  }

  /** The API's caller. */
  public ApiCaller caller() {
    return caller;
  }

  @Override
  public void close() {
    caller.close();
  }
}
