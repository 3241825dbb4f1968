package io.penstock.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.localstack.LocalStack;
import io.penstock.localstack.ServiceProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * Which models can be used, while pipelines are killed: shuffled, copied and late events of models,
 * two pipelines of which one is always there. What was published of the models is compared with
 * what follows from the events that were published, model by model and in order: exactly one record
 * for each readiness and each withdrawal, and none too early. The table is {@code
 * target/ledger/model-ready.md}.
 */
@EnabledIf(
    value = "io.penstock.ledger.Form#isThorough",
    disabledReason = "thorough or long; the gate has `ModelReadyIT`")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // set before all tests
class ModelReadyFaultsIT {

  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final int SOME = 60;

  private final Form form = Form.chosen();
  private final Report report = new Report(Path.of("target", "ledger", "model-ready.md"));
  private LocalStack stack;
  private Fleet fleet;
  private ServiceProcess first;
  private ServiceProcess second;

  @BeforeAll
  void start() {
    stack = LocalStack.builder().brokers(3).start();
    fleet =
        new Fleet(
            form,
            stack,
            report,
            List.of(new ModelSender()),
            Map.of("PENSTOCK_PIPELINE_MODEL_READY_ENABLED", "true"));
    fleet.add("ingress", "ingress");
    first = fleet.add("pipeline-1", "pipeline");
    second = fleet.add("pipeline-2", "pipeline");
    fleet.start();
  }

  @AfterAll
  void stop() {
    fleet.close();
    stack.close();
  }

  @Test
  void everyReadinessIsToldOnceAndNoneTooEarly() {
    fleet.check(
        "pipelines killed while models become ready",
        form.load().withCopies(0.3, 2),
        run -> {
          for (int i = 0; i < form.repetitions(); i++) {
            run.awaitAcknowledged(SOME, PATIENCE);
            first.kill();
            run.awaitAcknowledged(SOME, PATIENCE);
            first.launch();
            second.kill();
            run.awaitAcknowledged(SOME, PATIENCE);
            second.launch();
            List.of(first, second).forEach(ServiceProcess::awaitReady);
          }
        },
        () -> {});

    Map<String, List<String>> expected = new HashMap<>();
    models(fleet.values("matterport"))
        .forEach((model, events) -> expected.put(model, new Oracle().tell(events)));
    expected.values().removeIf(List::isEmpty);
    Map<String, List<String>> told = new HashMap<>();
    Set<String> ids = new HashSet<>();
    models(fleet.values("matterport-model-ready"))
        .forEach(
            (model, records) -> {
              told.put(model, records.stream().map(ModelReadyFaultsIT::line).toList());
              records.forEach(record -> assertThat(ids.add(metadata(record, "eventId"))).isTrue());
            });

    System.out.printf(
        "ModelReadyFaultsIT: %d records on %d models%n",
        told.values().stream().mapToInt(List::size).sum(), told.size());
    assertThat(told).isEqualTo(expected).hasSizeGreaterThan(form.acknowledged() / 20);
  }

  private static Map<String, List<GenericRecord>> models(List<GenericRecord> records) {
    Map<String, List<GenericRecord>> models = new HashMap<>();
    for (GenericRecord record : records) {
      models
          .computeIfAbsent(String.valueOf(record.get("modelId")), key -> new ArrayList<>())
          .add(record);
    }
    return models;
  }

  private static String metadata(GenericRecord record, String field) {
    return String.valueOf(((GenericRecord) record.get("metadata")).get(field));
  }

  private static String line(GenericRecord record) {
    return metadata(record, "type").equals("model_ready")
        ? "ready by " + record.get("processedEventId") + " and " + record.get("activationEventId")
        : "withdrawn by " + record.get("withdrawnByEventId");
  }

  /**
   * What follows from a model's events in the order in which they were published, by rules of its
   * own: of each kind the event with the highest version counts, and nothing below a deletion.
   */
  private static final class Oracle {

    private final List<String> told = new ArrayList<>();
    private long processedVersion;
    private String processedId = "";
    private long activeVersion;
    private String activeId = "";
    private long deletedVersion;
    private boolean isReady;

    List<String> tell(List<GenericRecord> events) {
      for (GenericRecord event : events) {
        long version = (Long) event.get("version");
        String id = metadata(event, "eventId");
        if (version < deletedVersion) {
          continue;
        }
        switch (metadata(event, "type")) {
          case "processed" -> processed(version, id, field(event, "processed", "status"));
          case "activation_state_changed" ->
              active(version, id, field(event, "activationStateChanged", "currentState"));
          case "deleted" -> deleted(version, id);
          default -> throw new AssertionError(event);
        }
      }
      return told;
    }

    private static String field(GenericRecord event, String record, String field) {
      return String.valueOf(((GenericRecord) event.get(record)).get(field));
    }

    private void processed(long version, String id, String status) {
      if (version > processedVersion) {
        processedVersion = version;
        processedId = status.equals("succeeded") ? id : "";
        if (!processedId.isEmpty() && !activeId.isEmpty()) {
          ready();
        }
      }
    }

    private void active(long version, String id, String state) {
      if (version > activeVersion) {
        activeVersion = version;
        activeId = state.equals("active") ? id : "";
        if (activeId.isEmpty()) {
          withdrawn(id);
        } else if (!isReady && !processedId.isEmpty()) {
          ready();
        }
      }
    }

    private void deleted(long version, String id) {
      deletedVersion = version;
      boolean isOlder = processedVersion > version && activeVersion > version;
      if (processedVersion < version) {
        processedId = "";
      }
      if (activeVersion < version) {
        activeId = "";
      }
      if (!isOlder) {
        withdrawn(id);
      }
    }

    private void ready() {
      isReady = true;
      told.add("ready by " + processedId + " and " + activeId);
    }

    private void withdrawn(String id) {
      if (isReady) {
        isReady = false;
        told.add("withdrawn by " + id);
      }
    }
  }
}
