package io.penstock.ingest.service;

import io.penstock.ingest.ingress.IngressApi;
import io.penstock.ingest.management.ManagementApi;
import io.penstock.ingest.management.ManagementPage;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The HTTP side as an <a href="https://spec.openapis.org/oas/v3.1.1.html">OpenAPI 3.1</a> document:
 * the ingress and the management port. A process serves that of itself; that of any installation is
 * part of the schemas' artifact.
 */
final class ApiDocument {

  /** Where a process serves its own. */
  static final String PATH = "/openapi.json";

  private static final String VERSION_OF_OPENAPI = "3.1.1";

  private ApiDocument() {}

  /**
   * The pages of a process, and the one that describes all of them.
   *
   * @param api what the process offers besides, if anything
   * @param version of this program
   */
  static List<ManagementPage> describing(
      List<ManagementPage> pages, Optional<IngressApi> api, String version) {
    JsonObject any = new JsonObject().put("type", "object");
    ManagementPage self =
        new ManagementPage(PATH, Set.of(), "This document", any, filters -> new JsonObject());
    List<ManagementPage> all = new ArrayList<>(pages);
    all.add(self);
    JsonObject document = of(all, api, version);
    all.set(
        all.size() - 1,
        new ManagementPage(PATH, self.filters(), self.summary(), any, filters -> document));
    return all;
  }

  /**
   * Makes a document.
   *
   * @param pages of the management port
   * @param api what is offered besides, if anything
   * @param version of this program
   */
  static JsonObject of(List<ManagementPage> pages, Optional<IngressApi> api, String version) {
    JsonObject paths = new JsonObject();
    JsonArray tags = new JsonArray();
    JsonObject components = new JsonObject();
    api.ifPresent(
        ingress -> {
          tags.add(
              tag(
                  IngressApi.TAG,
                  "Where providers deliver to: http.port, usually behind a proxy with TLS."));
          ingress.paths().forEach(path -> paths.put(path.getKey(), path.getValue()));
          components.put("schemas", IngressApi.schemas()).put("responses", IngressApi.responses());
          if (!ingress.securitySchemes().isEmpty()) {
            components.put("securitySchemes", ingress.securitySchemes());
          }
        });
    tags.add(
        tag(
            ManagementApi.TAG,
            "For operators and their tools: http.management-port, without TLS and credentials."));
    ManagementApi.paths(pages).forEach(path -> paths.put(path.getKey(), path.getValue()));
    JsonObject document =
        new JsonObject()
            .put("openapi", VERSION_OF_OPENAPI)
            .put("info", info(version))
            .put("tags", tags)
            .put("paths", paths);
    return components.isEmpty() ? document : document.put("components", components);
  }

  private static JsonObject info(String version) {
    return new JsonObject()
        .put("title", "Penstock's HTTP interfaces")
        .put("version", version)
        .put(
            "description",
            "Two ports of one process, told apart by the tags of the operations. A request to the"
                + " ingress has http.request-timeout for its head and for its body, and then the"
                + " source's acknowledgement-deadline for its answer. A refused delivery says in a"
                + " problem (RFC 9457) why; 429 and 503 say in Retry-After when to send it again.")
        .put("license", new JsonObject().put("name", "Apache 2.0").put("identifier", "Apache-2.0"));
  }

  private static JsonObject tag(String name, String description) {
    return new JsonObject().put("name", name).put("description", description);
  }
}
