package io.penstock.localstack;

/**
 * The two ends of what stands between clients and a broker: the caller runs it, such as a proxy
 * that adds latency. Both on 127.0.0.1.
 *
 * @param port where clients are sent to, and where the caller must listen
 * @param target where the broker listens for what comes through
 */
public record Relay(int port, int target) {}
