package io.penstock.ingest.cluster;

import io.penstock.ingest.config.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * What the judgement of models needs besides its topic: a changelog that forgets nothing, since the
 * pipeline itself removes what is older than the retention.
 *
 * @param changelog of what is known of models, which Kafka Streams creates
 */
public record ModelReadyRequirement(String changelog) {

  /**
   * The size of the changelog's largest record, in bytes: names of at most a source's and an entity
   * key's length, and a value of fixed length.
   */
  private static final int BYTES = 4096;

  /** The requirement of this configuration; null if the instance does not judge models. */
  public static @Nullable ModelReadyRequirement of(Configuration configuration) {
    return configuration.roles().contains(Configuration.Role.PIPELINE)
            && configuration.pipeline().modelReady().enabled()
        ? new ModelReadyRequirement(
            new Topics(configuration.topics().prefix()).modelReadyChangelog())
        : null;
  }

  /** The size of the changelog's largest record, in bytes. */
  int bytes() {
    return BYTES;
  }
}
