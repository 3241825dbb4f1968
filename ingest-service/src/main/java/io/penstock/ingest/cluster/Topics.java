package io.penstock.ingest.cluster;

import io.penstock.ingest.provider.Provider;

/**
 * The names of the topics.
 *
 * @param prefix what they all start with, before a dot
 */
public record Topics(String prefix) {

  /** The landing log. */
  public String inbound() {
    return prefix + ".inbound";
  }

  /** The events of one provider. */
  public String events(Provider provider) {
    return prefix + "." + provider.name();
  }

  /** What was authentic but no event. */
  public String deadLetter() {
    return prefix + ".dead-letter";
  }

  /** The subject of a topic's values in the schema registry. */
  public static String subject(String topic) {
    return topic + "-value";
  }
}
