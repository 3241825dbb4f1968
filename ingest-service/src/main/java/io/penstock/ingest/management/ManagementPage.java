package io.penstock.ingest.management;

import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.Set;

/**
 * A JSON document that the management port serves beside health and metrics.
 *
 * @param path such as {@code /refusals}
 * @param filters the names of the query parameters that it takes, each at most once
 * @param summary what it is, in one line
 * @param schema of the document, as JSON schema
 * @param content makes it, for each request
 */
public record ManagementPage(
    String path, Set<String> filters, String summary, JsonObject schema, Content content) {

  public ManagementPage {
    filters = Set.copyOf(filters);
    schema = schema.copy();
  }

  /** Makes a document. Called on a worker thread. */
  @FunctionalInterface
  public interface Content {

    /**
     * The document as it is now.
     *
     * @param filters the values of the filters that the request has, by name
     * @throws UnknownFilterException if a value names nothing that there is
     */
    JsonObject of(Map<String, String> filters) throws UnknownFilterException;
  }

  /** A filter that selects nothing because of a mistake. Its message is for the operator. */
  public static final class UnknownFilterException extends Exception {
    private static final long serialVersionUID = 1;

    /** With what is wrong, and what there is instead. */
    public UnknownFilterException(String message) {
      super(message);
    }
  }
}
