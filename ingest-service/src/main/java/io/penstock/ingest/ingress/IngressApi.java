package io.penstock.ingest.ingress;

import static io.penstock.ingest.ingress.ApiParts.parameter;
import static io.penstock.ingest.ingress.ApiParts.reference;
import static io.penstock.ingest.ingress.ApiParts.schema;
import static io.penstock.ingest.ingress.ApiParts.type;

import io.penstock.ingest.config.AuthSpec;
import io.penstock.ingest.delivery.Reason;
import io.penstock.ingest.provider.Sample;
import io.penstock.ingest.source.Challenge;
import io.penstock.ingest.source.SecretMatches;
import io.penstock.ingest.source.SecretMeters;
import io.penstock.ingest.source.Source;
import io.penstock.ingest.source.Sources;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Describes the ingress as OpenAPI 3.1 does: its paths, what it takes there, and every answer. Made
 * of the sources, of {@link Reason} and of the rules of HTTP, so that it says what the ingress
 * does. Immutable.
 */
public final class IngressApi {

  /** What the operations of the ingress are grouped by. */
  public static final String TAG = "ingress";

  private static final String ROOT = "/webhooks/";
  private static final String TOKEN = "token";

  private final JsonObject paths = new JsonObject();
  private final JsonObject securitySchemes = new JsonObject();

  private IngressApi() {}

  /** The ingress of any installation: a source is a parameter. */
  public static IngressApi ofAny() {
    IngressApi api = new IngressApi();
    api.any();
    return api;
  }

  /**
   * The ingress of this instance: each source has a path of its own, and any other name has one.
   */
  public static IngressApi of(Sources sources, SecretMeters secrets) {
    IngressApi api = new IngressApi();
    for (Source source : sources.all()) {
      List<AuthSpec> specs = secrets.uses(source.name()).stream().map(SecretMatches::spec).toList();
      api.source(source, specs);
    }
    api.any();
    return api;
  }

  /** The reasons that a sender may be told, which are the problems' types. */
  public static List<Reason> told() {
    return IngressReport.toldReasons();
  }

  /** The paths with their operations. */
  public JsonObject paths() {
    return paths.copy();
  }

  /** How senders authenticate, by name. */
  public JsonObject securitySchemes() {
    return securitySchemes.copy();
  }

  /** The answers that all sources have, by name. */
  public static JsonObject responses() {
    return ApiAnswers.responses();
  }

  /** The schemas that the answers refer to, by name. */
  public static JsonObject schemas() {
    return ApiAnswers.schemas();
  }

  // Any source.

  private void any() {
    JsonObject source =
        parameter("source", "path", "The name of the source in the configuration.")
            .put("schema", type("string").put("minLength", 1));
    String description =
        "A delivery. Which authentication a source asks for is in its configuration, and so are its"
            + " limits; any content type is accepted, since the body alone decides.";
    Function<String, JsonObject> post =
        id ->
            operation(id, "Deliver an event", description)
                .put(
                    "requestBody",
                    new JsonObject()
                        .put("description", "JSON. Of the generic provider, form fields too.")
                        .put(
                            "content",
                            new JsonObject()
                                .put("application/json", schema(new JsonObject()))
                                .put("application/x-www-form-urlencoded", schema(type("object")))));
    String challenge =
        "Answered for a source with `challenge`; a GET of any other is `method-not-allowed`.";
    put(
        ROOT + "{source}",
        new JsonArray().add(source),
        post.apply("deliver"),
        Optional.of(challenge(operation("challenge", "Answer a challenge", challenge))));
    put(
        ROOT + "{source}/{token}",
        new JsonArray().add(source).add(token()),
        post.apply("deliverWithToken"),
        Optional.of(challenge(operation("challengeWithToken", "Answer a challenge", challenge))));
  }

  private static JsonObject token() {
    return parameter(TOKEN, "path", "The token of a source with the authentication url-token.")
        .put("schema", type("string").put("minLength", 1));
  }

  private void put(String path, JsonArray parameters, JsonObject post, Optional<JsonObject> get) {
    JsonObject item = new JsonObject();
    if (!parameters.isEmpty()) {
      item.put("parameters", parameters);
    }
    item.put("post", post);
    get.ifPresent(operation -> item.put("get", operation));
    paths.put(path, item);
  }

  private static JsonObject operation(String id, String summary, String description) {
    JsonObject responses = new JsonObject().put("200", reference("responses", "Acknowledged"));
    ApiAnswers.byStatus().keySet().forEach(status -> refer(responses, status));
    HeadRules.STATUSES.forEach(status -> refer(responses, status));
    return new JsonObject()
        .put("operationId", id)
        .put("tags", new JsonArray().add(TAG))
        .put("summary", summary)
        .put("description", description)
        .put("responses", responses);
  }

  private static void refer(JsonObject responses, int status) {
    responses.put(Integer.toString(status), reference("responses", "Status" + status));
  }

  /** Makes an operation that repeats a text. */
  private static JsonObject challenge(JsonObject operation) {
    operation.getJsonObject("responses").put("200", reference("responses", "Repeated"));
    return operation;
  }

  // A source of this instance.

  private void source(Source source, List<AuthSpec> specs) {
    JsonArray parameters = new JsonArray();
    if (source.takesUrlToken()) {
      parameters.add(token());
    }
    JsonObject post =
        operation(
                "deliver-" + source.name(),
                "Deliver an event of " + source.provider().name(),
                description(source, specs))
            .put("x-penstock-provider", source.provider().name())
            .put("x-penstock-max-body-bytes", source.maxBodySize())
            .put(
                "x-penstock-acknowledgement-deadline-ms",
                source.acknowledgementDeadline().toMillis())
            .put("requestBody", body(source));
    JsonObject security = new JsonObject();
    for (AuthSpec spec : specs) {
      security(source, spec, security);
    }
    if (!security.isEmpty()) {
      post.put("security", new JsonArray().add(security));
    }
    Optional<JsonObject> get =
        switch (source.challenge()) {
          case Challenge.None none -> Optional.empty();
          case Challenge.UrlVerification verification -> Optional.empty();
          case Challenge.Echo echo ->
              Optional.of(
                  asked(source, echo.parameter())
                      .put(
                          "parameters",
                          new JsonArray()
                              .add(text(echo.parameter()))
                              .add(text(echo.tokenParameter()))));
          case Challenge.ValidationToken validation -> {
            post.put("parameters", new JsonArray().add(text(validation.parameter())));
            yield Optional.of(
                asked(source, validation.parameter())
                    .put("parameters", new JsonArray().add(text(validation.parameter()))));
          }
        };
    String path = ROOT + source.name() + (source.takesUrlToken() ? "/{" + TOKEN + "}" : "");
    put(path, parameters, post, get);
  }

  private static String description(Source source, List<AuthSpec> specs) {
    String proof =
        specs.isEmpty()
            ? "asks for no authentication"
            : "is authenticated by "
                + specs.stream()
                    .map(spec -> spec.type() + " (" + String.join(", ", spec.places()) + ")")
                    .collect(Collectors.joining(" and "));
    return "A delivery "
        + proof
        + ". It has at most "
        + source.maxBodySize()
        + " bytes, is not compressed, and is answered within "
        + source.acknowledgementDeadline().toMillis()
        + " ms once its body has arrived. Any content type is accepted.";
  }

  private static JsonObject asked(Source source, String parameter) {
    return challenge(
        operation(
            "challenge-" + source.name(),
            "Answer a challenge",
            "Repeats the parameter " + parameter + "."));
  }

  private static JsonObject text(String name) {
    return parameter(name, "query", "Of a challenge.")
        .put("required", false)
        .put("schema", type("string"));
  }

  private static JsonObject body(Source source) {
    JsonObject media = schema(new JsonObject());
    JsonObject examples = new JsonObject();
    for (Sample sample : source.provider().samples()) {
      value(sample)
          .ifPresent(
              value ->
                  examples.put(
                      sample.name().replaceAll("[^A-Za-z0-9._-]", "_"),
                      new JsonObject().put("value", value)));
    }
    if (!examples.isEmpty()) {
      media.put("examples", examples);
    }
    return new JsonObject()
        .put("description", "JSON; what makes it an event is up to the provider's rules.")
        .put("content", new JsonObject().put("application/json", media));
  }

  /** Empty where the sample is no JSON. */
  private static Optional<Object> value(Sample sample) {
    try {
      return Optional.of(Json.decodeValue(Buffer.buffer(sample.body())));
    } catch (DecodeException e) {
      return Optional.empty();
    }
  }

  private void security(Source source, AuthSpec spec, JsonObject security) {
    switch (spec.type()) {
      case "basic", "bearer" ->
          scheme(
              source.name() + "-" + spec.type(),
              new JsonObject().put("type", "http").put("scheme", spec.type()),
              security);
      // Either of two sets of headers: one scheme cannot say it, and the description does.
      case "standard-webhooks" -> {}
      default -> spec.places().forEach(place -> key(source, spec, place, security));
    }
  }

  private void key(Source source, AuthSpec spec, String place, JsonObject security) {
    for (Map.Entry<String, String> kind :
        Map.of("the header ", "header", "the parameter ", "query").entrySet()) {
      if (place.startsWith(kind.getKey())) {
        String name = place.substring(kind.getKey().length());
        scheme(
            source.name() + "-" + spec.type() + "-" + name.replaceAll("[^A-Za-z0-9._-]", "_"),
            new JsonObject().put("type", "apiKey").put("in", kind.getValue()).put("name", name),
            security);
      }
    }
  }

  private void scheme(String name, JsonObject scheme, JsonObject security) {
    securitySchemes.put(name, scheme);
    security.put(name, new JsonArray());
  }
}
