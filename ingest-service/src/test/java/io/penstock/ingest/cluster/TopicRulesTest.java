package io.penstock.ingest.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicRulesTest {

  private static final String ANY = Long.toString(Long.MAX_VALUE);
  private static final long WEEK = Duration.ofDays(7).toMillis();
  private static final TopicRequirement LANDING = new TopicRequirement("t.inbound", 1000, true);
  private static final TopicRequirement EVENTS = new TopicRequirement("t.csm", 1000, false);
  private static final StoreRequirement STORE =
      new StoreRequirement("t.inbound", "t-changelog", Duration.ofDays(3), 3);

  private static Config with(TopicRequirement requirement, String name, String value) {
    var settings = new java.util.HashMap<>(requirement.configuration(3));
    settings.put(name, value);
    return config(settings);
  }

  private static Config config(Map<String, String> settings) {
    return new Config(
        settings.entrySet().stream()
            .map(setting -> new ConfigEntry(setting.getKey(), setting.getValue()))
            .toList());
  }

  @Test
  void whatItCreatesItselfSuits() {
    for (TopicRequirement requirement : List.of(LANDING, EVENTS)) {
      Config created = config(requirement.configuration(3));
      assertThat(TopicRules.problems(requirement, created, WEEK)).isEmpty();
      assertThat(TopicRules.problems(requirement, created, -1)).isEmpty();
      assertThat(TopicRules.warnings(requirement, created, 3)).isEmpty();
    }
  }

  @Test
  void aBrokerThatKnowsNoTimestampLimitsSuits() {
    assertThat(TopicRules.problems(EVENTS, config(Map.of("max.message.bytes", "1000")), WEEK))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "cleanup.policy, compact",
    "cleanup.policy, 'compact,delete'",
    "message.timestamp.after.max.ms, 3599999",
    "message.timestamp.before.max.ms, 604799999",
    "max.message.bytes, 999"
  })
  void whatATopicOfEventsMustNotHaveIsNamedWithWhatToSet(String name, String value) {
    assertThat(TopicRules.problems(EVENTS, with(EVENTS, name, value), WEEK))
        .singleElement()
        .asString()
        .contains("topic t.csm")
        .contains(name)
        .containsAnyOf(value + ":", value + " bytes")
        .containsAnyOf("set it to", "raise its");
  }

  @ParameterizedTest
  @CsvSource({
    "cleanup.policy, compact",
    "message.timestamp.type, CreateTime",
    "retention.ms, 3599999",
    "max.message.bytes, 999"
  })
  void whatALandingLogMustNotHaveIsNamedWithWhatToSet(String name, String value) {
    assertThat(TopicRules.problems(LANDING, with(LANDING, name, value), WEEK))
        .singleElement()
        .asString()
        .contains("topic t.inbound")
        .contains(name);
  }

  /** What a plan changes, and what stops a start, must never disagree. */
  @ParameterizedTest
  @CsvSource({
    "true, cleanup.policy, compact",
    "true, message.timestamp.type, CreateTime",
    "true, retention.ms, 3599999",
    "true, retention.ms, 0",
    "true, max.message.bytes, 999",
    "false, cleanup.policy, compact",
    "false, cleanup.policy, 'compact,delete'",
    "false, message.timestamp.after.max.ms, 3599999",
    "false, message.timestamp.before.max.ms, 604799999",
    "false, max.message.bytes, 999"
  })
  void afterItsChangesATopicHasNoProblem(boolean isLanding, String name, String value) {
    TopicRequirement requirement = isLanding ? LANDING : EVENTS;
    Config broken = with(requirement, name, value);
    Map<String, String> changes = TopicRules.changes(requirement, broken, WEEK);
    assertThat(changes).containsOnlyKeys(name);

    Config changed = with(requirement, name, changes.getOrDefault(name, value));
    assertThat(TopicRules.problems(requirement, changed, WEEK)).isEmpty();
    assertThat(TopicRules.changes(requirement, changed, WEEK)).isEmpty();
  }

  @Test
  void aTopicThatSuitsIsNotChanged() {
    for (TopicRequirement requirement : List.of(LANDING, EVENTS)) {
      Config created = config(requirement.configuration(3));
      assertThat(TopicRules.changes(requirement, created, WEEK)).isEmpty();
      assertThat(TopicRules.changes(requirement, created, -1)).isEmpty();
    }
    Map<String, String> forgetful = Map.of("cleanup.policy", "compact,delete");
    assertThat(TopicRules.controlChanges(config(forgetful)))
        .containsOnly(Map.entry("cleanup.policy", "compact"));
    assertThat(TopicRules.controlChanges(config(Map.of("cleanup.policy", "compact")))).isEmpty();
  }

  @Test
  void brokersWhoStampEventsThemselvesRefuseNoTime() {
    Config config =
        config(
            Map.of(
                "max.message.bytes", "1000",
                "message.timestamp.type", "LogAppendTime",
                "message.timestamp.after.max.ms", "0"));
    assertThat(TopicRules.problems(EVENTS, config, WEEK)).isEmpty();
  }

  @Test
  void whatMayCostSomethingIsAWarning() {
    assertThat(
            TopicRules.warnings(
                LANDING, with(LANDING, "unclean.leader.election.enable", "true"), 3))
        .singleElement()
        .asString()
        .contains("unclean.leader.election.enable");
    assertThat(TopicRules.warnings(LANDING, with(LANDING, "retention.bytes", "100"), 3))
        .singleElement()
        .asString()
        .contains("retention.bytes=100");
    assertThat(TopicRules.warnings(EVENTS, with(EVENTS, "min.insync.replicas", "3"), 2))
        .singleElement()
        .asString()
        .contains("min.insync.replicas=3");
  }

  @Test
  void aChangelogKeepsWhatItsStoreKeepsAndWhatWaitsInTheLandingLog() {
    assertThat(STORE.changelogRetention(WEEK))
        .isEqualTo(Duration.ofDays(3).plusMinutes(10).plusDays(7));
    assertThat(STORE.changelogRetention(1000))
        .isEqualTo(Duration.ofDays(3).plusMinutes(10).plusDays(1));
    assertThat(STORE.changelogRetention(-1))
        .isEqualTo(Duration.ofDays(3).plusMinutes(10).plusDays(30));
    assertThat(STORE.changelogRetention(Long.MAX_VALUE)).isEqualTo(STORE.changelogRetention(-1));
  }

  @Test
  void aControlTopicMustNotForget() {
    PauseRequirement pause = new PauseRequirement("t.control", "t-parked-changelog", 3_000_000, 3);
    assertThat(TopicRules.controlProblems("t.control", config(pause.controlConfiguration())))
        .isEmpty();
    for (String forgetful : List.of("delete", "compact,delete")) {
      assertThat(
              TopicRules.controlProblems("t.control", config(Map.of("cleanup.policy", forgetful))))
          .singleElement()
          .asString()
          .contains("topic t.control has cleanup.policy=" + forgetful, "set it to compact");
    }
  }

  @Test
  void aChangelogOfEventsThatWaitTakesTheLargestAndForgetsNothing() {
    PauseRequirement pause = new PauseRequirement("t.control", "t-parked-changelog", 3_000_000, 3);
    assertThat(
            TopicRules.parkedChanges(
                pause, config(PauseRequirement.changelogConfiguration(3_000_000, 3))))
        .isEmpty();
    assertThat(
            TopicRules.parkedChanges(
                pause,
                config(
                    Map.of(
                        "max.message.bytes", "2999999",
                        "cleanup.policy", "compact,delete",
                        "message.timestamp.before.max.ms", "1000"))))
        .containsOnly(
            Map.entry("max.message.bytes", "3000000"),
            Map.entry("cleanup.policy", "compact"),
            Map.entry("message.timestamp.before.max.ms", Long.toString(Long.MAX_VALUE)));
  }

  @Test
  void aChangelogThatForgetsEarlierIsChanged() {
    String needed = Long.toString(STORE.changelogRetention(WEEK).toMillis());
    assertThat(
            TopicRules.changelogChanges(
                STORE,
                config(Map.of("cleanup.policy", "compact,delete", "retention.ms", "86400000")),
                WEEK))
        .containsExactly(Map.entry("retention.ms", needed));
    assertThat(
            TopicRules.changelogChanges(
                STORE, config(Map.of("cleanup.policy", "compact", "retention.ms", needed)), WEEK))
        .containsOnly(
            Map.entry("cleanup.policy", "compact,delete"), Map.entry("retention.ms", needed));
    assertThat(
            TopicRules.changelogChanges(
                STORE,
                config(
                    Map.of(
                        "cleanup.policy", "compact,delete",
                        "retention.ms", "-1",
                        "retention.bytes", "1000000",
                        "message.timestamp.after.max.ms", "1000",
                        "message.timestamp.before.max.ms", "1000")),
                WEEK))
        .containsOnly(
            Map.entry("retention.bytes", "-1"),
            Map.entry("message.timestamp.after.max.ms", ANY),
            Map.entry("message.timestamp.before.max.ms", ANY));
    assertThat(
            TopicRules.changelogChanges(
                STORE,
                config(Map.of("cleanup.policy", "compact,delete", "retention.ms", needed)),
                WEEK))
        .isEmpty();
  }

  @Test
  void onlyAChangelogThatForgetsWithinTheWindowStopsAStart() {
    String enough = Long.toString(Duration.ofDays(3).plusMinutes(10).toMillis());
    String tooLittle = Long.toString(Duration.ofDays(3).toMillis());
    assertThat(
            TopicRules.isForgetful(
                STORE, config(Map.of("cleanup.policy", "compact,delete", "retention.ms", enough))))
        .isFalse();
    assertThat(
            TopicRules.isForgetful(
                STORE,
                config(Map.of("cleanup.policy", "compact,delete", "retention.ms", tooLittle))))
        .isTrue();
    assertThat(
            TopicRules.isForgetful(
                STORE, config(Map.of("cleanup.policy", "compact", "retention.ms", tooLittle))))
        .isFalse();
  }
}
