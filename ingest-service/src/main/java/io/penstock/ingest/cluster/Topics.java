package io.penstock.ingest.cluster;

import io.penstock.ingest.provider.Provider;

/**
 * The names of the topics.
 *
 * @param prefix what they all start with, before a dot
 */
public record Topics(String prefix) {

  /** The pipeline's store. */
  public static final String STORE = "deduplication";

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

  /**
   * The pipeline's application id: its consumer group, and the start of its internal topics' names.
   */
  public String group() {
    return prefix + "-pipeline";
  }

  /** The changelog of the pipeline's store, as Kafka Streams names it. */
  public String changelog() {
    return group() + "-" + STORE + "-changelog";
  }

  /** The subject of a topic's values in the schema registry. */
  public static String subject(String topic) {
    return topic + "-value";
  }
}
