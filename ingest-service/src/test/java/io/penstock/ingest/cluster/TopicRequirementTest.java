package io.penstock.ingest.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.Configuration.Role;
import io.penstock.ingest.provider.Providers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TopicRequirementTest {

  private static final int OVERHEAD = 64 * 1024;

  private static Configuration configuration(Set<Role> roles, int... bodySizes) {
    return new Configuration(
        roles,
        new Configuration.HttpConfig("127.0.0.1", 0, 0, 1),
        new Configuration.KafkaConfig("none:1", Map.of()),
        new Configuration.SchemaRegistryConfig("http://none", false, Map.of()),
        new Configuration.TopicsConfig("hooks", false, 1, 1),
        new Configuration.DeliveryConfig(Duration.ofSeconds(1), null),
        new Configuration.DeduplicationConfig(Duration.ofHours(1)),
        new Configuration.PipelineConfig(null, 1, null),
        new Configuration.TracingConfig(null, 1),
        java.util.Arrays.stream(bodySizes)
            .mapToObj(size -> new Configuration.SourceConfig("s" + size, "csm", size, List.of()))
            .toList());
  }

  @Test
  void theLargestBodyDecidesWhatTheTopicsMustTake() {
    // when
    List<TopicRequirement> requirements =
        TopicRequirement.of(configuration(Role.all(), 1000, 5000, 2000), Providers.all());
    // then
    assertThat(requirements)
        .contains(
            new TopicRequirement("hooks.inbound", 5000 + OVERHEAD, true),
            new TopicRequirement("hooks.csm", 10_625 + OVERHEAD, false),
            new TopicRequirement("hooks.smartshape", 10_625 + OVERHEAD, false),
            new TopicRequirement("hooks.dead-letter", 5000 + OVERHEAD, false))
        .hasSize(2 + Providers.all().size());
  }

  @Test
  void anIngressNeedsTheLandingLogAlone() {
    assertThat(TopicRequirement.of(configuration(Set.of(Role.INGRESS), 1000), Providers.all()))
        .containsExactly(new TopicRequirement("hooks.inbound", 1000 + OVERHEAD, true));
  }

  @Test
  void theLargestConfigurableBodyOverflowsNothing() {
    // given
    int largest = 64 * 1024 * 1024;
    // then
    assertThat(TopicRequirement.eventBytes(largest)).isGreaterThan(2 * largest);
    assertThat(TopicRequirement.landingBytes(largest)).isGreaterThan(largest);
  }

  @Test
  void aCreatedLandingLogIsStampedByTheBroker() {
    assertThat(new TopicRequirement("t", 5_000_000, true).configuration(3))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "max.message.bytes", "5000000",
                "cleanup.policy", "delete",
                "message.timestamp.type", "LogAppendTime",
                "min.insync.replicas", "2"));
  }

  @Test
  void aCreatedTopicTakesNoLessThanKafkasDefault() {
    assertThat(new TopicRequirement("t", 1000, false).configuration(1))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "max.message.bytes", "1048588",
                "cleanup.policy", "delete",
                "message.timestamp.type", "CreateTime",
                "message.timestamp.after.max.ms", "9223372036854775807",
                "message.timestamp.before.max.ms", "9223372036854775807",
                "min.insync.replicas", "1"));
  }

  @Test
  void twoReplicasMayLoseOne() {
    assertThat(new TopicRequirement("t", 1000, false).configuration(2))
        .containsEntry("min.insync.replicas", "1");
  }

  @Test
  void namesAreMadeOfThePrefix() {
    // given
    Topics topics = new Topics("a.b");
    // then
    assertThat(topics.inbound()).isEqualTo("a.b.inbound");
    assertThat(topics.events(Providers.byName("csm").orElseThrow())).isEqualTo("a.b.csm");
    assertThat(topics.deadLetter()).isEqualTo("a.b.dead-letter");
    assertThat(Topics.subject(topics.deadLetter())).isEqualTo("a.b.dead-letter-value");
  }
}
