package io.penstock.ingest.source;

import io.penstock.ingest.auth.Authentication;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.provider.Provider;
import java.time.Duration;
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
 */
public record Source(
    String name,
    Provider provider,
    int maxBodySize,
    boolean takesUrlToken,
    Authentication authentication,
    @Nullable Duration equalWithin,
    Duration acknowledgementDeadline,
    Configuration.Limits limits) {}
