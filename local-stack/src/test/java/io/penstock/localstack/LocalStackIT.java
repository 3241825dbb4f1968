package io.penstock.localstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

@EnabledIfSystemProperty(
    named = "penstock.thorough",
    matches = "true",
    disabledReason = "the integration tests need what this shows: mvn -Pthorough verify")
class LocalStackIT {

  @Test
  void comesUpAgainOnItsDirectory(@TempDir Path directory) throws Exception {
    String servers;
    try (LocalStack stack = kafkaOn(directory).start()) {
      servers = stack.kafka().bootstrapServers();
      KafkaTopic.create(stack.kafka(), "kept").write("first");
      assertThatIllegalStateException()
          .isThrownBy(() -> kafkaOn(directory).start())
          .withMessageContaining("Another stack uses");
    }

    try (LocalStack stack = kafkaOn(directory).start()) {
      assertThat(stack.kafka().bootstrapServers()).isEqualTo(servers);
      new KafkaTopic(stack.kafka(), "kept").assertHas("first");
    }
    assertThat(directory).isNotEmptyDirectory();
  }

  @Test
  void leavesNothingBehindUponClose() {
    LocalStack stack = LocalStack.builder().withoutSchemaRegistry().start();
    Broker broker = stack.kafka().broker(0);
    assertThat(stack.dataDirectory()).isNotEmptyDirectory();
    broker.pause();

    stack.close();
    stack.close();

    assertThat(broker.isRunning()).isFalse();
    assertThat(stack.dataDirectory()).doesNotExist();
    assertThatIllegalStateException().isThrownBy(broker::start);
    assertThatIllegalStateException().isThrownBy(stack::schemaRegistry);
  }

  @Test
  void tellsTheEndOfTheLogWhenAStartFails(@TempDir Path directory) {
    assertThatExceptionOfType(LocalStackException.class)
        .isThrownBy(() -> kafkaOn(directory).brokerProperty("num.io.threads", "none").start())
        .withMessageStartingWith("broker-0 ended with status")
        .withMessageContaining("num.io.threads");
    assertNothingUses(directory);
  }

  @Test
  void givesUpInTime(@TempDir Path directory) {
    assertThatExceptionOfType(LocalStackException.class)
        .isThrownBy(() -> kafkaOn(directory).startTimeout(Duration.ofMillis(300)).start())
        .withMessageStartingWith("broker-0 is not healthy in time");
    assertNothingUses(directory);
  }

  private static LocalStack.Builder kafkaOn(Path directory) {
    return LocalStack.builder().withoutSchemaRegistry().dataDirectory(directory);
  }

  private static void assertNothingUses(Path directory) {
    assertThat(ProcessHandle.current().descendants())
        .noneMatch(
            process -> process.info().commandLine().orElse("").contains(directory.toString()));
  }
}
