package io.penstock.ingest.config;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One way in which a source's senders authenticate, as configured: what the configuration has to
 * know of it. Immutable, and equal to another with the same settings.
 */
public interface AuthSpec {

  /** The {@code type} that selects it in the file. */
  String type();

  /** Where its secrets are to be found, any of which may match. */
  List<SecretRef> references();

  /**
   * What it reads in a request, in words such as "the header x-key". It must stand there once, so
   * two that read the same exclude each other in most cases.
   */
  List<String> places();

  /** Its label in metrics, where a source may have two of its type; empty where nothing does. */
  default String label() {
    return "";
  }

  /** Whether a request that passes this one passes the other too if both list its secret. */
  default boolean isLike(AuthSpec other) {
    return type().equals(other.type());
  }

  /** Whether one request can prove several secrets, so that two like this one can both pass. */
  default boolean takesSeveralProofs() {
    return false;
  }

  /**
   * How far the time of a request may be from this machine's, before or after; null where a request
   * has no time, and passes whenever it is sent.
   */
  default @Nullable Duration tolerance() {
    return null;
  }
}
