package io.penstock.ingest.ingress;

import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.ingress.Connection.Cause;
import io.vertx.core.http.HttpConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one event loop, to which all of this belongs. Bounds their number and closes
 * those that take too long.
 *
 * <p>When there are too many, a new connection takes the place of one without an authenticated
 * request: an idle one before one with a request under way, and the longest connected first. A
 * connection with an authenticated request is never closed for another: then the new one is.
 */
final class OpenConnections {

  private final Configuration.ConnectionsConfig limits;
  private final int most;
  private final LongSupplier nanoTime;
  private final DoubleSupplier random;
  private final Duration answerTimeout;
  private final ConnectionMeters meters;
  // In the order in which they came.
  private final Map<HttpConnection, Connection> unproven = new LinkedHashMap<>();
  private final Map<HttpConnection, Connection> proven = new LinkedHashMap<>();

  /**
   * @param most how many there may be here
   * @param nanoTime a clock as {@link System#nanoTime}
   * @param random from 0 to 1
   * @param answerTimeout longer than any answer may take
   */
  OpenConnections(
      Configuration.ConnectionsConfig limits,
      int most,
      LongSupplier nanoTime,
      DoubleSupplier random,
      Duration answerTimeout,
      ConnectionMeters meters) {
    this.limits = limits;
    this.most = most;
    this.nanoTime = nanoTime;
    this.random = random;
    this.answerTimeout = answerTimeout;
    this.meters = meters;
  }

  long now() {
    return nanoTime.getAsLong();
  }

  /** Takes a new connection in, if need be in another's place; null where no place is free. */
  @Nullable Connection opened(HttpConnection http, Connection.Wire wire) {
    if (unproven.size() + proven.size() >= most) {
      Connection replaced = toClose();
      if (replaced == null) {
        meters.closed(Cause.NO_PLACE);
        wire.drop();
        return null;
      }
      close(replaced, Cause.GAVE_WAY);
    }
    long now = now();
    Connection connection =
        new Connection(http, wire, now, now + lifetime(limits.age(), random.getAsDouble()));
    unproven.put(http, connection);
    meters.opened();
    return connection;
  }

  /** In nanoseconds: the age, give or take a fifth. */
  static long lifetime(Duration age, double chance) {
    return (long) (age.toNanos() * (0.8 + 0.4 * chance));
  }

  private @Nullable Connection toClose() {
    Connection busy = null;
    for (Connection connection : unproven.values()) {
      if (connection.isClosing() || !connection.isBusy()) {
        return connection;
      }
      busy = busy == null ? connection : busy;
    }
    return busy;
  }

  /** The connection of a request; null if it has just been closed. */
  @Nullable Connection of(HttpConnection http) {
    Connection connection = proven.get(http);
    return connection != null ? connection : unproven.get(http);
  }

  /** A request on this connection is authenticated. */
  void proven(Connection connection) {
    if (!connection.isProven()) {
      connection.proven();
      if (unproven.remove(connection.http()) != null) {
        proven.put(connection.http(), connection);
      }
    }
  }

  /** It is closed, for whatever reason: only now it no longer counts. */
  void closed(HttpConnection http) {
    Connection connection = unproven.remove(http);
    if (connection == null) {
      connection = proven.remove(http);
    }
    if (connection != null) {
      meters.gone();
      connection.gone();
    }
  }

  /**
   * Ends a connection now, without a wait for anything. A client that has answers to take, or sends
   * what it must not, is reset, so that nothing of it stays with the machine.
   */
  void close(Connection connection, Cause cause) {
    boolean isFirst = !connection.isClosing();
    if (isFirst) {
      meters.closed(cause);
      connection.closing(now());
    }
    switch (cause) {
      case IDLE, AGE, SLOW_HEAD, SLOW_BODY -> connection.wire().close();
      case GAVE_WAY, NO_PLACE, INVALID_REQUEST -> connection.wire().drop();
      case PIPELINED, UNREAD_ANSWERS, UNANSWERED, FAILED -> connection.wire().reset();
    }
  }

  /** Ends a connection on which nothing more is to be done, for no cause that counts. */
  void end(Connection connection) {
    if (!connection.isClosing()) {
      connection.closing(now());
      connection.wire().close();
    }
  }

  /** Nothing more comes from its client, which may wait for its answer all the same. */
  void inputEnded(Connection connection) {
    connection.inputEnded();
    if (!connection.isOwedAnAnswer() && !connection.isHeld()) { // the rest may be here, unread
      end(connection);
    }
  }

  /** Ends all, at once: the instance goes. */
  void closeAll() {
    List<Connection> all = new ArrayList<>(unproven.values());
    all.addAll(proven.values());
    for (Connection connection : all) {
      connection.closing(now());
      connection.wire().drop();
    }
  }

  /** Whether the next answer on a connection should be its last. */
  boolean isOld(Connection connection) {
    return connection.isOld(now());
  }

  /** Closes those that have taken too long. */
  void sweep() {
    long now = now();
    List<Connection> overdue = new ArrayList<>();
    List<Cause> causes = new ArrayList<>();
    for (Map<HttpConnection, Connection> all : List.of(unproven, proven)) {
      for (Connection connection : all.values()) {
        Cause cause =
            connection.overdue(now, limits.requestTimeout(), limits.idleTimeout(), answerTimeout);
        if (cause != null) {
          overdue.add(connection);
          causes.add(cause);
        }
      }
    }
    for (int i = 0; i < overdue.size(); i++) {
      close(overdue.get(i), causes.get(i));
    }
  }
}
