package io.penstock.ingest.ingress;

import io.vertx.core.json.JsonObject;

/** Parts of an OpenAPI document. */
final class ApiParts {

  private ApiParts() {}

  /** A schema of one type. */
  static JsonObject type(String name) {
    return new JsonObject().put("type", name);
  }

  /** What has a schema, such as a media type. */
  static JsonObject schema(JsonObject schema) {
    return new JsonObject().put("schema", schema);
  }

  /** Refers to a component. */
  static JsonObject reference(String kind, String name) {
    return new JsonObject().put("$ref", "#/components/" + kind + "/" + name);
  }

  /** A parameter that a request must have. */
  static JsonObject parameter(String name, String in, String description) {
    return new JsonObject()
        .put("name", name)
        .put("in", in)
        .put("required", true)
        .put("description", description);
  }
}
