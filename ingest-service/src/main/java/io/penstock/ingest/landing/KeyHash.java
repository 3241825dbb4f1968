package io.penstock.ingest.landing;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.apache.kafka.common.utils.Utils;

/** The hash of an entity's key that Kafka's own clients use to choose a partition. */
public final class KeyHash {

  private KeyHash() {}

  /** The hash, from 0 up; its remainder by the number of partitions is the key's partition. */
  public static int of(String key) {
    return Utils.toPositive(Utils.murmur2(key.getBytes(UTF_8)));
  }
}
