package io.penstock.ingest.console;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** The way to a delivery by any of its ids. */
final class HomePages implements ConsolePart {

  private static final int MOST_ID = 500;

  @Override
  public void addTo(ConsoleRoutes routes) {
    routes
        .page("/find", HomePages::find)
        // A browser asks for it where a page is no HTML.
        .page("/favicon.ico", visit -> new PageAnswer.Redirect("/assets/icon.svg"));
  }

  private static PageAnswer find(Visit visit) {
    String id = visit.parameter("id").orElse("");
    if (id.isEmpty()) {
      return new PageAnswer.Redirect("/");
    }
    if (id.length() > MOST_ID) {
      return PageAnswer.problem(400, "No id is so long", "An id has at most 500 characters.");
    }
    return new PageAnswer.Redirect("/deliveries/" + encoded(id));
  }

  /** One part of a path, whatever it contains: a position has slashes. */
  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
