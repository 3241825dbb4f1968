package io.penstock.ingest.cluster;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** One step that brings a topic to what the configuration needs. */
public sealed interface TopicChange {

  /** The topic's name. */
  String topic();

  /**
   * The topic does not exist.
   *
   * @param settings by name
   */
  record Create(
      String topic, int partitions, int replicationFactor, SortedMap<String, String> settings)
      implements TopicChange {
    public Create {
      settings = Collections.unmodifiableSortedMap(new TreeMap<>(settings));
    }
  }

  /**
   * Some settings do not suit.
   *
   * @param settings by name
   */
  record Alter(String topic, SortedMap<String, Setting> settings) implements TopicChange {
    public Alter {
      settings = Collections.unmodifiableSortedMap(new TreeMap<>(settings));
    }

    /** The settings as they shall be. */
    Map<String, String> wanted() {
      Map<String, String> wanted = new TreeMap<>();
      settings.forEach((name, setting) -> wanted.put(name, setting.to()));
      return wanted;
    }
  }

  /**
   * A setting's present value, and the one that it needs.
   *
   * @param from as the broker states it
   */
  record Setting(String from, String to) {}
}
