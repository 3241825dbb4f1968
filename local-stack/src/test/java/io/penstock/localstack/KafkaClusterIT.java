package io.penstock.localstack;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

@EnabledIfSystemProperty(
    named = "penstock.thorough",
    matches = "true",
    disabledReason = "the integration tests need what this shows: mvn -Pthorough verify")
class KafkaClusterIT {

  private static LocalStack stack;

  @BeforeAll
  static void startStack() {
    stack = LocalStack.builder().brokers(3).withoutSchemaRegistry().start();
  }

  @AfterAll
  static void closeStack() {
    stack.close();
  }

  @Test
  void worksOnWithoutOneOfThree() throws Exception {
    KafkaCluster kafka = stack.kafka();
    KafkaTopic topic = KafkaTopic.create(kafka, "one-lost");
    topic.write("by three");

    kafka.broker(1).kill();
    topic.write("by two");
    kafka.broker(1).start();

    assertThat(kafka.broker(1).aliveBrokers()).containsExactlyInAnyOrder(0, 1, 2);
    topic.assertHas("by three", "by two");
  }

  @Test
  void keepsRecordsOverTheDeathOfAll() throws Exception {
    KafkaCluster kafka = stack.kafka();
    KafkaTopic topic = KafkaTopic.create(kafka, "all-lost");
    topic.write("before");

    kafka.kill();
    assertThat(kafka.brokers()).noneMatch(Broker::isRunning);
    kafka.start();

    topic.write("after");
    topic.assertHas("before", "after");
  }
}
