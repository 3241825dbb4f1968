package io.penstock.ingest.cluster;

import static org.apache.kafka.common.config.TopicConfig.CLEANUP_POLICY_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.MAX_MESSAGE_BYTES_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.MESSAGE_TIMESTAMP_BEFORE_MAX_MS_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.RETENTION_BYTES_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.RETENTION_MS_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.jspecify.annotations.Nullable;

/**
 * Checks a topic's configuration: problems that stop a start, and risks that are warnings. Makes no
 * requests.
 */
final class TopicRules {

  /** The smallest allowed {@code message.timestamp.after.max.ms}, which is Kafka 4's default. */
  static final Duration LEAST_AHEAD = Duration.ofHours(1);

  /** A pipeline that is stopped for this long, for an update, must lose nothing. */
  static final Duration LEAST_LANDING = Duration.ofHours(1);

  /** Kafka's own default, which a landing log gets whose retention is too short. */
  private static final Duration USUAL_LANDING = Duration.ofDays(7);

  private static final String APPEND_TIME = "LogAppendTime";
  private static final String COMPACT = "compact";

  private TopicRules() {}

  /**
   * The problems that stop a start.
   *
   * @param landingMillis the landing log's retention; negative if it has none
   */
  static List<String> problems(TopicRequirement requirement, Config config, long landingMillis) {
    String topic = "topic " + requirement.topic();
    List<String> problems = new ArrayList<>();
    long limit = number(config, MAX_MESSAGE_BYTES_CONFIG, Long.MAX_VALUE);
    if (limit < requirement.maxMessageBytes()) {
      problems.add(
          topic
              + " takes records of up to "
              + limit
              + " bytes, and the sources' max-body-size needs "
              + requirement.maxMessageBytes()
              + ": raise its max.message.bytes, or lower max-body-size");
    }
    String stamp = text(config, MESSAGE_TIMESTAMP_TYPE_CONFIG);
    if (requirement.logAppendTime() && !APPEND_TIME.equals(stamp)) {
      problems.add(
          topic
              + " has message.timestamp.type="
              + stamp
              + ": set it to LogAppendTime, since the broker's clock drives the deduplication"
              + " window");
    }
    String policy = String.valueOf(text(config, CLEANUP_POLICY_CONFIG));
    if (policy.contains(COMPACT)) {
      problems.add(
          topic
              + " has cleanup.policy="
              + policy
              + ": set it to delete, since compaction removes all but the last record of an"
              + " entity");
    }
    long retention = number(config, RETENTION_MS_CONFIG, -1);
    if (requirement.logAppendTime() && retention >= 0 && retention < LEAST_LANDING.toMillis()) {
      problems.add(
          topic
              + " has retention.ms="
              + retention
              + ": set it to "
              + LEAST_LANDING.toMillis()
              + " at least, better to some days, since what expires before the pipeline has read it"
              + " is lost");
    }
    if (!requirement.logAppendTime() && !APPEND_TIME.equals(stamp)) {
      timestampLimits(topic, config, landingMillis, problems);
    }
    return problems;
  }

  /** Timestamps are those of the landing log, at most ten minutes ahead of the pipeline's clock. */
  private static void timestampLimits(
      String topic, Config config, long landingMillis, List<String> problems) {
    long ahead = number(config, MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG, Long.MAX_VALUE);
    if (ahead < LEAST_AHEAD.toMillis()) {
      problems.add(
          topic
              + " has message.timestamp.after.max.ms="
              + ahead
              + ": set it to "
              + Long.MAX_VALUE
              + ", or to "
              + LEAST_AHEAD.toMillis()
              + " at least, since a broker whose clock is slow would refuse events and stop their"
              + " partition");
    }
    long behind = number(config, MESSAGE_TIMESTAMP_BEFORE_MAX_MS_CONFIG, Long.MAX_VALUE);
    long needed = landingMillis < 0 ? Long.MAX_VALUE : landingMillis;
    if (behind < needed) {
      problems.add(
          topic
              + " has message.timestamp.before.max.ms="
              + behind
              + ": set it to "
              + Long.MAX_VALUE
              + ", or to the landing log's retention at least, since it would refuse what had"
              + " waited there for longer");
    }
  }

  /**
   * The settings to change on an existing topic so that it has none of the {@link #problems}.
   *
   * @param landingMillis the landing log's retention; negative if it has none
   * @return by setting; empty if the topic is suitable
   */
  static Map<String, String> changes(
      TopicRequirement requirement, Config config, long landingMillis) {
    Map<String, String> changes = new LinkedHashMap<>();
    if (number(config, MAX_MESSAGE_BYTES_CONFIG, Long.MAX_VALUE) < requirement.maxMessageBytes()) {
      changes.put(MAX_MESSAGE_BYTES_CONFIG, Integer.toString(requirement.maxMessageBytes()));
    }
    if (String.valueOf(text(config, CLEANUP_POLICY_CONFIG)).contains(COMPACT)) {
      changes.put(CLEANUP_POLICY_CONFIG, "delete");
    }
    boolean isAppendTime = APPEND_TIME.equals(text(config, MESSAGE_TIMESTAMP_TYPE_CONFIG));
    if (requirement.logAppendTime()) {
      if (!isAppendTime) {
        changes.put(MESSAGE_TIMESTAMP_TYPE_CONFIG, APPEND_TIME);
      }
      long retention = number(config, RETENTION_MS_CONFIG, -1);
      if (retention >= 0 && retention < LEAST_LANDING.toMillis()) {
        changes.put(RETENTION_MS_CONFIG, Long.toString(USUAL_LANDING.toMillis()));
      }
    } else if (!isAppendTime) {
      timestampChanges(config, landingMillis, changes);
    }
    return changes;
  }

  private static void timestampChanges(
      Config config, long landingMillis, Map<String, String> changes) {
    String any = Long.toString(Long.MAX_VALUE);
    if (number(config, MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG, Long.MAX_VALUE)
        < LEAST_AHEAD.toMillis()) {
      changes.put(MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG, any);
    }
    long needed = landingMillis < 0 ? Long.MAX_VALUE : landingMillis;
    if (number(config, MESSAGE_TIMESTAMP_BEFORE_MAX_MS_CONFIG, Long.MAX_VALUE) < needed) {
      changes.put(MESSAGE_TIMESTAMP_BEFORE_MAX_MS_CONFIG, any);
    }
  }

  /** The settings to change on an existing control topic; empty if it is suitable. */
  static Map<String, String> controlChanges(Config config) {
    return String.valueOf(text(config, CLEANUP_POLICY_CONFIG)).contains("delete")
        ? Map.of(CLEANUP_POLICY_CONFIG, COMPACT)
        : Map.of();
  }

  /** The settings that are only risky. */
  static List<String> warnings(TopicRequirement requirement, Config config, int replicas) {
    String topic = "topic " + requirement.topic();
    List<String> warnings = new ArrayList<>();
    if (Boolean.parseBoolean(text(config, UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG))) {
      warnings.add(
          topic
              + " has unclean.leader.election.enable=true: a leader that lags may be elected, and"
              + " what was acknowledged since is lost; set it to false");
    }
    if (requirement.logAppendTime()) {
      long bytes = number(config, RETENTION_BYTES_CONFIG, -1);
      if (bytes >= 0) {
        warnings.add(
            topic
                + " has retention.bytes="
                + bytes
                + ": deliveries may be removed before the pipeline has read them; set it to -1");
      }
    } else {
      long inSync = number(config, MIN_IN_SYNC_REPLICAS_CONFIG, 1);
      if (inSync > replicas) {
        warnings.add(
            topic
                + " has min.insync.replicas="
                + inSync
                + ", and no more than "
                + replicas
                + " replicas: brokers may refuse what is published; lower it or add replicas");
      }
    }
    return warnings;
  }

  /**
   * The settings to change on an existing changelog. Kafka Streams sets them only when it creates
   * the topic.
   *
   * @param landingMillis the landing log's retention; negative if it has none
   * @return by setting; empty if the changelog is suitable
   */
  static Map<String, String> changelogChanges(
      StoreRequirement store, Config config, long landingMillis) {
    Map<String, String> changes = new LinkedHashMap<>();
    String policy = String.valueOf(text(config, CLEANUP_POLICY_CONFIG));
    long needed = store.changelogRetention(landingMillis).toMillis();
    if (policy.contains("delete") && forgetsWithin(config, needed)) {
      changes.put(RETENTION_MS_CONFIG, Long.toString(needed));
    }
    if (!policy.contains("delete")) {
      // Every id is a key of its own, so compaction alone would keep all of them.
      changes.put(CLEANUP_POLICY_CONFIG, COMPACT + ",delete");
      changes.put(RETENTION_MS_CONFIG, Long.toString(needed));
    }
    if (!APPEND_TIME.equals(text(config, MESSAGE_TIMESTAMP_TYPE_CONFIG))) {
      if (number(config, MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG, Long.MAX_VALUE) < Long.MAX_VALUE) {
        changes.put(MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG, Long.toString(Long.MAX_VALUE));
      }
      if (number(config, MESSAGE_TIMESTAMP_BEFORE_MAX_MS_CONFIG, Long.MAX_VALUE) < needed) {
        changes.put(MESSAGE_TIMESTAMP_BEFORE_MAX_MS_CONFIG, Long.toString(Long.MAX_VALUE));
      }
    }
    if (number(config, RETENTION_BYTES_CONFIG, -1) >= 0) {
      changes.put(RETENTION_BYTES_CONFIG, "-1");
    }
    return changes;
  }

  /** The problems of the control topic that stop a start. */
  static List<String> controlProblems(String topic, Config config) {
    String policy = String.valueOf(text(config, CLEANUP_POLICY_CONFIG));
    return policy.contains("delete")
        ? List.of(
            "topic "
                + topic
                + " has cleanup.policy="
                + policy
                + ": set it to compact, since a pause would end unsaid when its record expires")
        : List.of();
  }

  /**
   * The settings to change on an existing changelog of events that wait: it must take the largest,
   * and forget nothing.
   *
   * @return by setting; empty if the changelog is suitable
   */
  static Map<String, String> parkedChanges(PauseRequirement pause, Config config) {
    return keepingChanges(pause.parkedBytes(), config);
  }

  /**
   * The settings to change on an existing changelog that must forget nothing.
   *
   * @param bytes of its largest record
   * @return by setting; empty if the changelog is suitable
   */
  static Map<String, String> keepingChanges(int bytes, Config config) {
    Map<String, String> changes = new LinkedHashMap<>();
    if (number(config, MAX_MESSAGE_BYTES_CONFIG, Long.MAX_VALUE) < bytes) {
      changes.put(MAX_MESSAGE_BYTES_CONFIG, Integer.toString(bytes));
    }
    if (String.valueOf(text(config, CLEANUP_POLICY_CONFIG)).contains("delete")) {
      changes.put(CLEANUP_POLICY_CONFIG, COMPACT);
    }
    if (!APPEND_TIME.equals(text(config, MESSAGE_TIMESTAMP_TYPE_CONFIG))) {
      for (String limit :
          List.of(MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG, MESSAGE_TIMESTAMP_BEFORE_MAX_MS_CONFIG)) {
        if (number(config, limit, Long.MAX_VALUE) < Long.MAX_VALUE) {
          changes.put(limit, Long.toString(Long.MAX_VALUE));
        }
      }
    }
    return changes;
  }

  /** Whether the changelog would lose ids that the store must remember. */
  static boolean isForgetful(StoreRequirement store, Config config) {
    return number(config, RETENTION_BYTES_CONFIG, -1) >= 0
        || (String.valueOf(text(config, CLEANUP_POLICY_CONFIG)).contains("delete")
            && forgetsWithin(config, store.store().toMillis()));
  }

  private static boolean forgetsWithin(Config config, long millis) {
    long retention = number(config, RETENTION_MS_CONFIG, -1);
    return retention >= 0 && retention < millis;
  }

  /** The landing log's retention in milliseconds; negative if it has none. */
  static long retention(@Nullable Config config) {
    return config == null ? -1 : number(config, RETENTION_MS_CONFIG, -1);
  }

  /** The number of a setting, or {@code absent} if brokers of this version do not know it. */
  static long number(Config config, String name, long absent) {
    String value = text(config, name);
    return value == null ? absent : Long.parseLong(value);
  }

  private static @Nullable String text(Config config, String name) {
    ConfigEntry entry = config.get(name);
    return entry == null ? null : entry.value();
  }
}
