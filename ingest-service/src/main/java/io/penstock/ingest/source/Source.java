package io.penstock.ingest.source;

import io.penstock.ingest.auth.Authentication;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.json.JsonRedaction;
import io.penstock.ingest.provider.Provider;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who may send, under one address.
 *
 * @param name its last path segment, but for a URL token
 * @param provider whose rules its deliveries follow
 * @param maxBodySize in bytes
 * @param takesUrlToken whether its address goes on with a token
 * @param authentication what its sender must prove
 * @param equalWithin within which time equal bodies are one event, where the provider sends nothing
 *     to recognize an event by; null: each delivery is one
 * @param acknowledgementDeadline how long a delivery may wait for its answer once its body has come
 * @param limits how much of this instance it may use
 * @param redactions of the members of a body that hold this source's secrets
 * @param challenge what its sender may ask before it sends deliveries
 */
public record Source(
    String name,
    Provider provider,
    int maxBodySize,
    boolean takesUrlToken,
    Authentication authentication,
    @Nullable Duration equalWithin,
    Duration acknowledgementDeadline,
    Configuration.LimitsConfig limits,
    List<JsonRedaction> redactions,
    Challenge challenge) {

  public Source {
    redactions = List.copyOf(redactions);
  }

  /** One whose sender asks nothing before it sends deliveries. */
  public Source(
      String name,
      Provider provider,
      int maxBodySize,
      boolean takesUrlToken,
      Authentication authentication,
      @Nullable Duration equalWithin,
      Duration acknowledgementDeadline,
      Configuration.LimitsConfig limits,
      List<JsonRedaction> redactions) {
    this(
        name,
        provider,
        maxBodySize,
        takesUrlToken,
        authentication,
        equalWithin,
        acknowledgementDeadline,
        limits,
        redactions,
        Challenge.NONE);
  }

  /**
   * Takes credentials out of a body before it is written anywhere: those that the provider's rules
   * know, and the members by which this source authenticates its sender. Never throws for anything
   * that a body contains.
   *
   * @param body the exact bytes received; not changed
   * @return the same array where there is nothing to take out
   */
  public byte[] redact(byte[] body) {
    byte[] kept = provider.redact(body);
    for (JsonRedaction redaction : redactions) {
      kept = redaction.redact(kept);
    }
    return kept;
  }
}
