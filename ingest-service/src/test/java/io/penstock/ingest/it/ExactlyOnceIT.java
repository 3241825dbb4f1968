package io.penstock.ingest.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.Thorough;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Promises 1 and 3: acknowledged deliveries are published once, whichever process is killed. */
@ExtendWith(Stack.Shared.class)
class ExactlyOnceIT {

  private static final int COPIES = 50;
  private static final int DELIVERIES = 2000;

  @Thorough(
      "`SuccessiveFaultsIT`: one delivery in five goes to two instances at once, and both are killed")
  @Test
  void fiftyConcurrentCopiesToTwoInstancesComeOutOnceAlsoAcrossAKillOfBoth(Stack stack) {
    Settings settings = Settings.of(stack).patient(2);
    byte[] body = Sender.shape("file-1", UUID.randomUUID().toString());
    try (Sender sender = new Sender();
        Outsider outsider = new Outsider(settings)) {
      try (Instance one = Instance.ready(settings);
          Instance other = Instance.ready(settings)) {
        assertThat(copies(sender, body, one, other))
            .hasSize(COPIES)
            .allMatch(ExactlyOnceIT::isAcknowledged);
        assertThat(outsider.readAll(settings.smartshape())).hasSize(1);

        assertThat(copies(sender, body, one, other)).allMatch(ExactlyOnceIT::isAcknowledged);
        one.kill();
        other.kill();
      }
      try (Instance one = Instance.ready(settings);
          Instance other = Instance.ready(settings)) {
        assertThat(copies(sender, body, one, other)).allMatch(ExactlyOnceIT::isAcknowledged);
        assertThat(outsider.readAll(settings.smartshape())).hasSize(1);
      }
    }
  }

  private static List<HttpResponse<String>> copies(
      Sender sender, byte[] body, Instance one, Instance other) {
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < COPIES; i++) {
      answers.add(sender.sendAsync(Sender.shapes(i % 2 == 0 ? one : other, body)));
    }
    return answers.stream().map(CompletableFuture::join).toList();
  }

  private static boolean isAcknowledged(HttpResponse<String> response) {
    return response.statusCode() == 200
        && response.body().equals("{\"success\": true}")
        && response.headers().firstValue("content-type").orElse("").equals("application/json");
  }

  @Test
  @Thorough("`SuccessiveFaultsIT`: both instances are killed")
  void everyDeliveryThatWasAcknowledgedBeforeAKillIsPublishedOnceAfterTheRestart(Stack stack) {
    Settings settings = Settings.of(stack).patient(2);
    List<String> uuids =
        IntStream.range(0, DELIVERIES).mapToObj(i -> UUID.randomUUID().toString()).toList();
    List<String> acknowledged = new ArrayList<>();
    try (Sender sender = new Sender();
        Outsider outsider = new Outsider(settings)) {
      try (Instance instance = Instance.ready(settings)) {
        // Verified before the load: the first request with a token costs a hash, later ones do not.
        sender.send(Sender.shapes(instance, Sender.shape("file-0", "first")));
        List<CompletableFuture<String>> answers = new ArrayList<>();
        for (int i = 0; i < DELIVERIES; i++) {
          String uuid = uuids.get(i);
          answers.add(
              sender
                  .sendAsync(Sender.shapes(instance, Sender.shape("file-" + i % 20, uuid)))
                  .handle(
                      (answer, failure) ->
                          failure == null && answer.statusCode() == 200 ? uuid : ""));
          if (i == DELIVERIES / 2) {
            // In the middle: some are acknowledged, some are in progress, some are not sent yet.
            answers.get(i / 2).join();
          }
          if (i == 3 * DELIVERIES / 4) {
            instance.kill();
          }
        }
        answers.stream()
            .map(CompletableFuture::join)
            .filter(uuid -> !uuid.isEmpty())
            .forEach(acknowledged::add);
      }
      assertThat(acknowledged).hasSizeBetween(100, DELIVERIES - 1);
      try (Instance instance = Instance.ready(settings)) {
        List<String> published =
            outsider.readAll(settings.smartshape()).stream()
                .map(read -> read.value().get("uuid").toString())
                .toList();

        assertThat(published).doesNotHaveDuplicates().containsAll(acknowledged);
        // The senders' retries of all of them change nothing but to bring those that were not
        // acknowledged.
        List<CompletableFuture<HttpResponse<String>>> retries =
            uuids.stream()
                .map(
                    uuid ->
                        sender.sendAsync(
                            Sender.shapes(
                                instance, Sender.shape("file-" + uuids.indexOf(uuid) % 20, uuid))))
                .toList();
        assertThat(retries.stream().map(CompletableFuture::join))
            .allMatch(ExactlyOnceIT::isAcknowledged);
        List<String> afterwards =
            outsider.readAll(settings.smartshape()).stream()
                .map(read -> read.value().get("uuid").toString())
                .toList();
        assertThat(afterwards).doesNotHaveDuplicates().containsAll(uuids).hasSize(DELIVERIES + 1);
      }
    }
  }

  /** With an interval that no test waits for, only what {@code CommitPace} requests commits. */
  @Test
  void anEventIsCommittedLongBeforeTheIntervalWhereThereIsNothingElseToDo(Stack stack) {
    Settings settings =
        Settings.of(stack)
            .patient(2)
            .with("PENSTOCK_KAFKA_PROPERTIES_COMMIT_INTERVAL_MS", "800000")
            .with("PENSTOCK_KAFKA_PROPERTIES_PRODUCER_TRANSACTION_TIMEOUT_MS", "900000");
    try (Sender sender = new Sender();
        Outsider outsider = new Outsider(settings);
        Instance instance = Instance.ready(settings)) {
      for (int i = 1; i <= 5; i++) {
        byte[] body = Sender.shape("file-" + i, UUID.randomUUID().toString());
        assertThat(isAcknowledged(sender.send(Sender.shapes(instance, body)))).isTrue();
        assertThat(outsider.readAll(settings.smartshape())).hasSize(i);
      }
    }
  }
}
