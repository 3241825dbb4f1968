package io.penstock.ingest.provider;

/**
 * An example of a delivery: one that the provider publishes, or one made after its documentation;
 * the README beside the samples tells which.
 *
 * @param name names it among its provider's samples, usually its event type
 * @param body its exact bytes; not copied, so not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Sample(String name, byte[] body) {}
