package io.penstock.ingest.console;

import java.util.Map;

/** What a page or an action answers. */
public sealed interface PageAnswer {

  /**
   * A page made by a template.
   *
   * @param status of HTTP
   * @param template its name, without the ending, such as {@code sources}
   * @param model what the template shows; each text is escaped by the template
   */
  record Page(int status, String template, Map<String, Object> model) implements PageAnswer {
    public Page {
      model = Map.copyOf(model);
    }
  }

  /**
   * Leads elsewhere in the console.
   *
   * @param path begins with one slash
   */
  record Redirect(String path) implements PageAnswer {}

  /**
   * Bytes that are not HTML.
   *
   * @param type the content type; a browser never guesses another
   * @param fileName under which a browser saves them; empty: it shows them
   * @param body not copied, so not to be changed
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Bytes(int status, String type, String fileName, byte[] body) implements PageAnswer {}

  /** A page. */
  static Page page(String template, Map<String, Object> model) {
    return new Page(200, template, model);
  }

  /** A page that says that something is not there, or cannot be done, and what to do. */
  static Page problem(int status, String title, String sentence) {
    return new Page(status, "problem", Map.of("title", title, "sentence", sentence));
  }

  /** JSON, encoded already. */
  static Bytes json(byte[] body) {
    return new Bytes(200, "application/json; charset=utf-8", "", body);
  }
}
