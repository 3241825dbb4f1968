package io.penstock.ingest.cluster;

import io.penstock.ingest.config.TopicNames;
import io.penstock.ingest.provider.ModelReadiness;
import io.penstock.ingest.provider.Provider;

/**
 * The names of the topics.
 *
 * @param prefix the beginning of all names, before a dot
 */
public record Topics(String prefix) {

  /** The name of the pipeline's store. */
  public static final String STORE = "deduplication";

  /** The name of the store in which events of paused sources wait. */
  public static final String PARKED_STORE = "parked";

  /** The name of the store of what is known of models. */
  public static final String MODEL_READY_STORE = "model-ready";

  /** The landing log's topic. */
  public String inbound() {
    return prefix + "." + TopicNames.INBOUND;
  }

  /** Whether a topic's name begins as those of this installation do. */
  public boolean isOurs(String topic) {
    return topic.startsWith(prefix);
  }

  /** The topic of one provider's events; of the generic provider's, by the name in its source. */
  public String events(Provider provider) {
    return prefix + "." + provider.name();
  }

  /** The topic that says which models of a provider can be used. */
  public String modelReady(ModelReadiness readiness) {
    return prefix + "." + readiness.topic();
  }

  /** The topic of the dead letters. */
  public String deadLetter() {
    return prefix + "." + TopicNames.DEAD_LETTER;
  }

  /** The topic that says which sources are paused. */
  public String control() {
    return prefix + "." + TopicNames.CONTROL;
  }

  /**
   * The pipeline's application id: its consumer group, and the beginning of its internal topics'
   * names.
   */
  public String group() {
    return prefix + "-pipeline";
  }

  /** The changelog of the pipeline's store, as Kafka Streams names it. */
  public String changelog() {
    return group() + "-" + STORE + "-changelog";
  }

  /** The changelog of the events that wait, as Kafka Streams names it. */
  public String parkedChangelog() {
    return group() + "-" + PARKED_STORE + "-changelog";
  }

  /** The changelog of what is known of models, as Kafka Streams names it. */
  public String modelReadyChangelog() {
    return group() + "-" + MODEL_READY_STORE + "-changelog";
  }

  /** The subject of a topic's values in the schema registry. */
  public static String subject(String topic) {
    return topic + "-value";
  }
}
