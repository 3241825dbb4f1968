package io.penstock.ingest.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.cluster.ClusterWatch.Sight;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.Test;

/** Remarks name the partitions and the setting. */
class ClusterWatchTest {

  private static final String TOPIC = "webhooks.inbound";

  private static TopicPartitionInfo partition(int number, boolean led, int replicas, int inSync) {
    List<Node> nodes = IntStream.range(0, replicas).mapToObj(i -> new Node(i, "b" + i, 1)).toList();
    return new TopicPartitionInfo(
        number, led ? nodes.get(0) : Node.noNode(), nodes, nodes.subList(0, inSync));
  }

  private static Sight sight(int min, TopicPartitionInfo... partitions) {
    return ClusterWatch.sight(TOPIC, List.of(partitions), OptionalInt.of(min));
  }

  @Test
  void aTopicInOrderHasNoRemark() {
    assertThat(sight(2, partition(0, true, 3, 2), partition(1, true, 3, 3)))
        .isEqualTo(new Sight.Led(true, List.of()));
    assertThat(ClusterWatch.sight(TOPIC, List.of(partition(0, true, 1, 1)), OptionalInt.empty()))
        .isEqualTo(new Sight.Led(true, List.of()));
  }

  @Test
  void moreReplicasInSyncThanThereAreReplicasAreARemarkAndNoObstacle() {
    assertThat(sight(2, partition(0, true, 1, 1)))
        .isEqualTo(
            new Sight.Led(
                true,
                List.of(
                    "partition 0 of webhooks.inbound has fewer replicas than"
                        + " min.insync.replicas=2 asks for; Kafka asks for as many as there are,"
                        + " and takes records on so few disks: add replicas, or lower the"
                        + " setting")));
  }

  @Test
  void aPartitionThatIsShortOfReplicasIsNamed() {
    assertThat(sight(2, partition(0, true, 3, 3), partition(1, true, 3, 1)))
        .isEqualTo(
            new Sight.Led(
                true,
                List.of(
                    "partition 1 of webhooks.inbound has fewer replicas in sync than"
                        + " min.insync.replicas=2 asks for, and takes no records: bring its"
                        + " replicas back"),
                Set.of(1)));
    assertThat(sight(2, partition(0, true, 3, 1)))
        .isInstanceOfSatisfying(Sight.Led.class, led -> assertThat(led.takesRecords()).isFalse());
  }

  @Test
  void aPartitionWithoutALeaderIsNamedAndTheOthersCount() {
    assertThat(sight(1, partition(0, true, 1, 1), partition(3, false, 1, 1)))
        .isEqualTo(
            new Sight.Led(
                true,
                List.of("partition 3 of webhooks.inbound has no leader: give it one"),
                Set.of(3)));
    assertThat(sight(1, partition(0, false, 1, 1)))
        .isEqualTo(new Sight.Leaderless("no partition of webhooks.inbound has a leader"));
  }

  @Test
  void manyPartitionsAreNotAllNamed() {
    List<TopicPartitionInfo> partitions = new ArrayList<>();
    partitions.add(partition(0, true, 1, 1));
    IntStream.rangeClosed(1, 100).forEach(i -> partitions.add(partition(i, false, 1, 1)));
    assertThat(ClusterWatch.sight(TOPIC, partitions, OptionalInt.of(1)))
        .isInstanceOfSatisfying(
            Sight.Led.class,
            led -> {
              assertThat(led.findings())
                  .containsExactly(
                      "each of the partitions 1, 2, 3, 4, 5, 6, 7, 8 and 92 more of"
                          + " webhooks.inbound has no leader: give it one");
              assertThat(led.refusing()).hasSize(100);
            });
  }

  @Test
  void whyAQuestionFailedDecidesWhatItSays() {
    assertThat(ClusterWatch.failed(TOPIC, new TimeoutException("late")))
        .isEqualTo(new Sight.Unanswered("TimeoutException"));
    assertThat(ClusterWatch.failed(TOPIC, new TopicAuthorizationException(TOPIC)))
        .isEqualTo(new Sight.Untold("TopicAuthorizationException"));
    assertThat(ClusterWatch.failed(TOPIC, new UnknownTopicOrPartitionException("gone")))
        .isEqualTo(new Sight.Leaderless("the topic webhooks.inbound does not exist"));
  }
}
