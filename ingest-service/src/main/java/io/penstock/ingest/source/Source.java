package io.penstock.ingest.source;

import io.penstock.ingest.auth.Authentication;
import io.penstock.ingest.provider.Provider;

/**
 * Who may send, under one address.
 *
 * @param name its last path segment, but for a URL token
 * @param provider whose rules its deliveries follow
 * @param maxBodySize in bytes
 * @param takesUrlToken whether its address goes on with a token
 * @param authentication what its sender must prove
 */
public record Source(
    String name,
    Provider provider,
    int maxBodySize,
    boolean takesUrlToken,
    Authentication authentication) {}
