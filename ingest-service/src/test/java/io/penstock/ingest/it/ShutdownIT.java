package io.penstock.ingest.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * SIGTERM: what is in flight is answered, what was acknowledged is there, and the process ends
 * well.
 */
@ExtendWith(Stack.Shared.class)
class ShutdownIT {

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

  private static boolean acknowledged(
      @org.jspecify.annotations.Nullable HttpResponse<String> answer,
      @org.jspecify.annotations.Nullable Throwable failure) {
    return failure == null && answer != null && answer.statusCode() == 200;
  }
}
