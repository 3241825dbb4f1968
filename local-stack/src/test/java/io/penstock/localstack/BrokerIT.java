package io.penstock.localstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

@EnabledIfSystemProperty(
    named = "penstock.thorough",
    matches = "true",
    disabledReason = "the integration tests need what this shows: mvn -Pthorough verify")
class BrokerIT {

  private static LocalStack stack;
  private Broker broker;

  @BeforeAll
  static void startStack() {
    stack = LocalStack.builder().withoutSchemaRegistry().start();
  }

  @AfterAll
  static void closeStack() {
    stack.close();
  }

  @BeforeEach
  void startBroker() {
    broker = stack.kafka().broker(0);
    broker.start();
  }

  @Test
  void keepsRecordsAndPortOverSigkill() throws Exception {
    KafkaTopic topic = KafkaTopic.create(stack.kafka(), "killed");
    topic.write("before");
    int port = broker.port();
    long pid = broker.pid();

    broker.kill();
    assertThat(broker.isRunning()).isFalse();
    broker.start();

    assertThat(broker.isRunning()).isTrue();
    assertThat(broker.port()).isEqualTo(port);
    assertThat(broker.pid()).isNotEqualTo(pid);
    topic.write("after");
    topic.assertHas("before", "after");
  }

  @Test
  void shutsDownInOrderUponStop() {
    broker.stop();

    assertThat(broker.isRunning()).isFalse();
    assertThat(stack.dataDirectory().resolve("broker-0/log"))
        .content()
        .contains("[BrokerServer id=0] shut down completed");
  }

  @Test
  void answersNothingWhilePaused() {
    broker.pause();

    assertThat(broker.isRunning()).isTrue();
    assertThat(broker.aliveBrokers()).isEmpty();

    broker.resume();

    broker.start();
    assertThat(broker.aliveBrokers()).containsExactly(0);
  }

  @Test
  void stopsAlsoWhilePaused() {
    broker.pause();

    broker.stop();

    assertThat(broker.isRunning()).isFalse();
    assertThatIllegalStateException().isThrownBy(broker::pause);
  }

  @Test
  void isNotReachableFromOutside() throws Exception {
    Optional<InetAddress> outside =
        NetworkInterface.networkInterfaces()
            .flatMap(NetworkInterface::inetAddresses)
            .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
            .findFirst();
    assumeThat(outside).isPresent();

    assertThatIOException()
        .isThrownBy(() -> new Socket(outside.orElseThrow(), broker.port()).close());
  }
}
