package io.penstock.ingest.console;

import io.penstock.ingest.config.ConsoleConfig.Right;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.List;

/**
 * The paths of the console, collected from its parts. A path has the form of Vert.x Web, such as
 * {@code /deliveries/:id}. For one thread, before the port is opened.
 */
public final class ConsoleRoutes {

  /**
   * Makes a page or does an action, on a virtual thread of its own; may block, for less than {@link
   * ConsoleServer#DEADLINE}. What it throws becomes a page that says so.
   */
  @FunctionalInterface
  public interface Work {
    /** The answer to one request. */
    PageAnswer answer(Visit visit) throws Exception;
  }

  /**
   * Answers by itself and for as long as it likes, as a stream of events does. Called on the event
   * loop: must not block, and must end the response, also when the connection closes.
   */
  @FunctionalInterface
  public interface Streaming {
    /** Begins one answer; security headers are set. */
    void begin(HttpServerRequest request, Visit visit);
  }

  /** What stands behind a path. */
  sealed interface Target {

    /** A page: it changes nothing. */
    record Page(Work work) implements Target {}

    /** Changes something; it is logged and counted by its name. */
    record Action(String name, Work work) implements Target {}

    /** A stream: it changes nothing. */
    record Stream(Streaming streaming) implements Target {}
  }

  /**
   * One path.
   *
   * @param right what a user needs
   */
  record ConsoleRoute(String method, String path, Right right, Target target) {}

  private final List<ConsoleRoute> routes = new ArrayList<>();

  /** Adds a page, for every user. */
  public ConsoleRoutes page(String path, Work work) {
    routes.add(new ConsoleRoute("GET", path, Right.READ_ONLY, new Target.Page(work)));
    return this;
  }

  /**
   * Adds an action, for operators, by POST. It needs the form field {@code csrf} or the header
   * {@code x-penstock-csrf} with what {@link Visit#csrf} gave the page.
   *
   * @param name in the log and the metric: lower case words with dashes between
   */
  public ConsoleRoutes action(String path, String name, Work work) {
    routes.add(new ConsoleRoute("POST", path, Right.OPERATOR, new Target.Action(name, work)));
    return this;
  }

  /** Adds a stream, for every user. */
  public ConsoleRoutes stream(String path, Streaming streaming) {
    routes.add(new ConsoleRoute("GET", path, Right.READ_ONLY, new Target.Stream(streaming)));
    return this;
  }

  /** All of them, in the order in which they were added. */
  List<ConsoleRoute> all() {
    return List.copyOf(routes);
  }
}
