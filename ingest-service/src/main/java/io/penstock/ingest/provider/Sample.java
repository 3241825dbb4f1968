package io.penstock.ingest.provider;

import java.util.Map;

/**
 * An example of a delivery: one that the provider publishes, or one made after its documentation;
 * the README beside the samples tells which.
 *
 * @param name names it among its provider's samples, usually its event type
 * @param body its exact bytes; not copied, so not to be changed
 * @param headers those that the provider's rules read, by their lower-case names
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Sample(String name, byte[] body, Map<String, String> headers) {

  public Sample {
    headers = Map.copyOf(headers);
  }

  /** One without headers that matter. */
  public Sample(String name, byte[] body) {
    this(name, body, Map.of());
  }
}
