package io.penstock.ingest.management;

import io.penstock.ingest.observability.LogLevels;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.TreeSet;

/** Describes the management port as OpenAPI 3.1 does. */
public final class ManagementApi {

  /** What the operations of the management port are grouped by. */
  public static final String TAG = "management";

  private static final String PROBLEM = "application/problem+json";
  private static final String JSON = "application/json";

  private ManagementApi() {}

  /** The paths with their operations: those that every process has, and these. */
  public static JsonObject paths(List<ManagementPage> pages) {
    JsonObject paths = new JsonObject();
    put(
        paths,
        ManagementServer.LIVE,
        operation("live", "Whether the process answers")
            .put("responses", new JsonObject().put("200", json("It does.", health(false)))));
    put(
        paths,
        ManagementServer.STARTUP,
        operation("startup", "Whether the instance has started").put("responses", checks()));
    put(
        paths,
        ManagementServer.READY,
        operation("ready", "Whether the instance does its work now").put("responses", checks()));
    put(
        paths,
        ManagementServer.METRICS,
        operation("metrics", "The metrics, in Prometheus' text format or OpenMetrics")
            .put(
                "responses",
                new JsonObject()
                    .put(
                        "200",
                        new JsonObject()
                            .put("description", "All of them.")
                            .put(
                                "content",
                                new JsonObject()
                                    .put("text/plain", schema(type("string")))
                                    .put(
                                        "application/openmetrics-text", schema(type("string")))))));
    put(
        paths,
        DebugRoutes.THREADS,
        operation("threads", "A thread dump, for programs on the same machine")
            .put("responses", local("Every platform thread with its stack and its locks.")));
    put(
        paths,
        DebugRoutes.HEAP,
        operation("heap", "A histogram of the heap, for programs on the same machine")
            .put("responses", local("How many objects of each class there are.")));
    paths.put(DebugRoutes.LOG_LEVEL, new JsonObject().put("post", logLevel()));
    pages.forEach(page -> put(paths, page.path(), operation(page)));
    return paths;
  }

  private static void put(JsonObject paths, String path, JsonObject get) {
    paths.put(path, new JsonObject().put("get", get));
  }

  private static JsonObject operation(String id, String summary) {
    return new JsonObject()
        .put("operationId", id)
        .put("tags", new JsonArray().add(TAG))
        .put("summary", summary);
  }

  private static JsonObject operation(ManagementPage page) {
    JsonArray parameters = new JsonArray();
    for (String filter : new TreeSet<>(page.filters())) {
      parameters.add(
          new JsonObject()
              .put("name", filter)
              .put("in", "query")
              .put("description", "Selects; a value that does not exist is answered 400.")
              .put("schema", type("string")));
    }
    JsonObject operation =
        operation(page.path().substring(1).replaceAll("[^A-Za-z0-9]", "-"), page.summary());
    if (!parameters.isEmpty()) {
      operation.put("parameters", parameters);
    }
    return operation.put(
        "responses",
        new JsonObject()
            .put("200", json("The document as it is now.", page.schema()))
            .put(
                "400",
                problem(
                    "A filter selects nothing that there is.", ManagementServer.UNKNOWN_FILTER)));
  }

  private static JsonObject logLevel() {
    JsonObject levels = new JsonObject().put("enum", new JsonArray(LogLevels.LEVELS));
    JsonObject minutes =
        type("integer")
            .put("minimum", 1)
            .put("maximum", DebugRoutes.MOST_MINUTES)
            .put("default", DebugRoutes.USUAL_MINUTES);
    JsonObject logger = type("string").put("pattern", "^(io\\.penstock|org\\.apache\\.kafka)");
    JsonObject properties =
        new JsonObject()
            .put("logger", type("string"))
            .put("level", levels.copy())
            .put("before", type("string"))
            .put("minutes", type("integer"));
    JsonObject set =
        type("object")
            .put("required", new JsonArray().add("logger").add("level").add("before"))
            .put("properties", properties);
    return operation("log-level", "Sets a log level for minutes, for programs on the same machine")
        .put(
            "parameters",
            new JsonArray()
                .add(parameter("logger", true, logger))
                .add(parameter("level", true, levels))
                .add(parameter("minutes", false, minutes)))
        .put(
            "responses",
            new JsonObject()
                .put("200", json("It is set.", set))
                .put("400", problem("It cannot be set.", DebugRoutes.UNKNOWN_LEVEL))
                .put("403", problem("The client is elsewhere.", DebugRoutes.LOCAL_ONLY)));
  }

  private static JsonObject parameter(String name, boolean required, JsonObject schema) {
    return new JsonObject()
        .put("name", name)
        .put("in", "query")
        .put("required", required)
        .put("schema", schema);
  }

  private static JsonObject local(String description) {
    return new JsonObject()
        .put(
            "200",
            new JsonObject()
                .put("description", description)
                .put("content", new JsonObject().put("text/plain", schema(type("string")))))
        .put("403", problem("The client is elsewhere.", DebugRoutes.LOCAL_ONLY));
  }

  private static JsonObject problem(String description, String problemType) {
    JsonObject properties =
        new JsonObject().put("type", new JsonObject().put("const", problemType));
    return new JsonObject()
        .put("description", description)
        .put(
            "content",
            new JsonObject()
                .put(
                    PROBLEM,
                    schema(
                        type("object")
                            .put("required", new JsonArray().add("type"))
                            .put("properties", properties))));
  }

  private static JsonObject checks() {
    return new JsonObject()
        .put("200", json("It is so.", health(true)))
        .put("503", json("It is not so; the checks say why.", health(true)));
  }

  private static JsonObject health(boolean withChecks) {
    JsonObject status = new JsonObject().put("enum", new JsonArray().add("UP").add("DOWN"));
    JsonObject properties = new JsonObject().put("status", status);
    JsonArray required = new JsonArray().add("status");
    if (withChecks) {
      required.add("checks");
      properties.put(
          "checks",
          type("array")
              .put(
                  "items",
                  type("object")
                      .put(
                          "required",
                          new JsonArray()
                              .add("name")
                              .add("status")
                              .add("decides-readiness")
                              .add("detail"))
                      .put(
                          "properties",
                          new JsonObject()
                              .put("name", type("string"))
                              .put("status", status.copy())
                              .put("decides-readiness", type("boolean"))
                              .put("detail", type("string")))));
    }
    return type("object").put("required", required).put("properties", properties);
  }

  private static JsonObject json(String description, JsonObject schema) {
    return new JsonObject()
        .put("description", description)
        .put("content", new JsonObject().put(JSON, schema(schema)));
  }

  private static JsonObject schema(JsonObject schema) {
    return new JsonObject().put("schema", schema);
  }

  private static JsonObject type(String name) {
    return new JsonObject().put("type", name);
  }
}
