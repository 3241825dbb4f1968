package io.penstock.ingest.console;

import io.vertx.core.MultiMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One request of a user, as a page or an action sees it. For one thread.
 *
 * @param user who asks; authenticated, and permitted to use this path
 * @param path as it came, without the query
 * @param pathParameters decoded
 * @param query decoded
 * @param form the fields of a posted form, decoded; empty for a page
 * @param wantsJson whether the client asks for JSON rather than for HTML
 * @param csrf what a form that this page shows must send back in its field {@code csrf}
 * @param notes what the log line of an action says of it, by snake_case keys; to be added to
 */
public record Visit(
    ConsoleUser user,
    String path,
    Map<String, String> pathParameters,
    MultiMap query,
    MultiMap form,
    boolean wantsJson,
    String csrf,
    Map<String, Object> notes) {

  /** A visit without notes. */
  Visit(
      ConsoleUser user,
      String path,
      Map<String, String> pathParameters,
      MultiMap query,
      MultiMap form,
      boolean wantsJson,
      String csrf) {
    this(user, path, pathParameters, query, form, wantsJson, csrf, new LinkedHashMap<>());
  }

  /** A parameter of the address's query; empty where it is absent or blank. */
  public Optional<String> parameter(String name) {
    return Optional.ofNullable(query.get(name)).map(String::strip).filter(text -> !text.isEmpty());
  }

  /** A field of the form; empty where it is absent or blank. */
  public Optional<String> field(String name) {
    return Optional.ofNullable(form.get(name)).map(String::strip).filter(text -> !text.isEmpty());
  }

  /** All values of a field of the form. */
  public List<String> fields(String name) {
    return form.getAll(name);
  }

  /** A part of the path, such as the {@code id} of {@code /deliveries/:id}; decoded. */
  public String pathParameter(String name) {
    return pathParameters.getOrDefault(name, "");
  }

  /** Adds a fact to the log line of an action. No secret and no body. */
  public void note(String key, Object value) {
    notes.put(key, value);
  }
}
