package io.penstock.ingest.console;

/** A part of the console: pages, and what stands behind them. */
public interface ConsolePart extends AutoCloseable {

  /** Adds its paths. Called once, before the port is opened. */
  void addTo(ConsoleRoutes routes);

  /**
   * Ends what runs behind it. Called once, after the port is closed; may block for a short time.
   */
  @Override
  default void close() {}
}
