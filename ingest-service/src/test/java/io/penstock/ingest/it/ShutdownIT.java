package io.penstock.ingest.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.ingest.Thorough;
import io.penstock.ingest.Timed;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * SIGTERM: requests in progress are answered, acknowledged deliveries are stored, and the process
 * ends with status 0.
 */
@ExtendWith(Stack.Shared.class)
class ShutdownIT {

  @Thorough(
      "`SuccessiveFaultsIT`: an instance is replaced under load; `whileLoadBalancersHaveNotNoticedEveryDeliveryIsTakenAndEveryAnswerIsTheLast`")
  @Test
  void anInstanceThatIsToldToStopEndsWellAndLosesNothing(Stack stack) {
    Settings settings = Settings.of(stack);
    try (Sender sender = new Sender();
        Outsider outsider = new Outsider(settings)) {
      List<CompletableFuture<String>> answers = new ArrayList<>();
      try (Instance instance = Instance.ready(settings)) {
        sender.send(Sender.shapes(instance, Sender.shape("f", "first")));
        for (int i = 0; i < 300; i++) {
          String uuid = UUID.randomUUID().toString();
          answers.add(
              sender
                  .sendAsync(Sender.shapes(instance, Sender.shape("f-" + i % 7, uuid)))
                  .handle((answer, failure) -> acknowledged(answer, failure) ? uuid : ""));
        }
        answers.getFirst().join();
        assertThat(instance.terminate()).isZero();
        assertThat(instance.log()).contains("Stopped");
      }
      List<String> acknowledged =
          answers.stream().map(CompletableFuture::join).filter(uuid -> !uuid.isEmpty()).toList();
      assertThat(acknowledged).isNotEmpty();
      try (Instance next = Instance.ready(settings)) {
        assertThat(next.metric("penstock_pipeline_running")).isEqualTo(1);
        assertThat(
                outsider.readAll(settings.smartshape()).stream()
                    .map(read -> read.value().get("uuid").toString()))
            .doesNotHaveDuplicates()
            .containsAll(acknowledged);
      }
    }
  }

  @Test
  void whileLoadBalancersHaveNotNoticedEveryDeliveryIsTakenAndEveryAnswerIsTheLast(Stack stack)
      throws Exception {
    Settings settings = Settings.of(stack).with("PENSTOCK_HTTP_SHUTDOWN_DELAY", "5s");
    try (Instance instance = Instance.ready(settings);
        Sender sender = new Sender()) {
      assertThat(answer(instance, sender).headers().firstValue("connection")).isEmpty();

      instance.askToStop();
      await()
          .pollInterval(Duration.ofMillis(10))
          .until(() -> instance.health("ready").statusCode() == 503);
      for (int i = 0; i < 5; i++) {
        HttpResponse<String> answer = answer(instance, sender);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.headers().firstValue("connection")).contains("close");
      }
      assertThat(instance.isRunning()).isTrue();

      assertThat(instance.waitForEnd()).isZero();
    }
  }

  @Test
  void withoutKafkaItEndsInTimeAndWell() {
    // no process listens there
    Settings settings =
        Settings.of("127.0.0.1:1", "http://127.0.0.1:1").with("PENSTOCK_HTTP_SHUTDOWN_DELAY", "1s");
    try (Instance instance = Instance.start(settings);
        Sender sender = new Sender()) {
      assertThat(answer(instance, sender).statusCode()).isEqualTo(503);
      long start = System.nanoTime();
      assertThat(instance.terminate()).isZero();
      Duration taken = Duration.ofNanos(System.nanoTime() - start);
      assertThat(taken).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
      if (Timed.Run.isTimed()) {
        assertThat(taken).isLessThanOrEqualTo(Duration.ofSeconds(1 + 20));
      }
      assertThat(instance.log()).contains("Stopped");
    }
  }

  private static HttpResponse<String> answer(Instance instance, Sender sender) {
    return sender.send(Sender.shapes(instance, Sender.shape("f", UUID.randomUUID().toString())));
  }

  private static boolean acknowledged(
      @org.jspecify.annotations.Nullable HttpResponse<String> answer,
      @org.jspecify.annotations.Nullable Throwable failure) {
    return failure == null && answer != null && answer.statusCode() == 200;
  }
}
