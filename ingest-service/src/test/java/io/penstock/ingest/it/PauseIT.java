package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.ingest.Thorough;
import io.penstock.ingest.provider.Providers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code penstock sources}, as an operator calls it, beside two running instances. */
@ExtendWith(Stack.Shared.class)
class PauseIT {

  private static final int ENTITIES = 5;

  @TempDir private Path directory;

  private Command.Ended sources(Settings settings, String... arguments) {
    List<String> line = new ArrayList<>(List.of("sources"));
    line.addAll(List.of(arguments));
    return Command.run(settings, directory, line);
  }

  /** One delivery after the other, so that those of an entity have an order. */
  private static void sends(Sender sender, int from, int to, Instance... instances) {
    for (int i = from; i < to; i++) {
      byte[] body = Sender.shape("file-" + i % ENTITIES, "uuid-" + i);
      for (Instance instance : instances) {
        assertThat(sender.send(Sender.shapes(instance, body)).statusCode()).isEqualTo(200);
      }
    }
  }

  private static double sum(String metric, Instance... instances) {
    double sum = 0;
    for (Instance instance : instances) {
      sum += instance.metric(metric, "source=\"shapes\"");
    }
    return sum;
  }

  private static void awaitSum(double expected, String metric, Instance... instances) {
    await()
        .atMost(Duration.ofMinutes(2))
        .untilAsserted(() -> assertThat(sum(metric, instances)).as(metric).isEqualTo(expected));
  }

  private static List<String> uuids(Outsider outsider, Settings settings) {
    return outsider.readAll(settings.smartshape()).stream()
        .map(read -> read.value().get("uuid").toString())
        .toList();
  }

  /** The changelog was made for smaller ones: Kafka Streams never changes it, the start does. */
  @Test
  @Thorough(
      "`SourceParkingTest`; `aPausedSourceIsLandedAndWaitsAcrossAKillAndComesOutOnceInOrderWhenItIsResumed` with small events")
  void aLargeEventWaitsAndComesOutToo(Stack stack) throws Exception {
    Settings settings = Settings.of(stack).patient(2);
    byte[] body =
        new String(Sender.shape("file", "large"), UTF_8)
            .replace("a.scene", "x".repeat(20 * 1024 * 1024))
            .getBytes(UTF_8);
    try (Sender sender = new Sender();
        Outsider outsider = new Outsider(settings)) {
      try (Instance instance = Instance.ready(settings)) {
        assertThat(sources(settings, "pause", "shapes").status()).isZero();
        awaitSum(1, "penstock_source_paused", instance);
        sends(sender, 0, 1, instance);
        awaitSum(1, "penstock_parked_events", instance);
      }
      settings.with("PENSTOCK_SOURCES_0_MAX_BODY_SIZE", "24MiB");
      try (TopicSettings topics = new TopicSettings(stack.bootstrapServers())) {
        List<String> written = new ArrayList<>(List.of(settings.inbound(), settings.deadLetter()));
        Providers.all().forEach(each -> written.add(settings.prefix() + "." + each.name()));
        for (String topic : written) {
          topics.set(topic, "max.message.bytes", Integer.toString(64 * 1024 * 1024));
        }
      }
      try (Instance instance = Instance.ready(settings, "-Xmx1g")) {
        assertThat(sender.send(Sender.shapes(instance, body)).statusCode()).isEqualTo(200);
        awaitSum(2, "penstock_parked_events", instance);
        assertThat(sources(settings, "resume", "shapes").status()).isZero();
        awaitSum(0, "penstock_parked_events", instance);
        sends(sender, 1, 2, instance);
        assertThat(uuids(outsider, settings))
            .containsExactlyInAnyOrder("uuid-0", "large", "uuid-1");
      }
    }
  }

  @Test
  void aPausedSourceIsLandedAndWaitsAcrossAKillAndComesOutOnceInOrderWhenItIsResumed(Stack stack)
      throws Exception {
    Settings settings = Settings.of(stack).patient(2);
    try (Sender sender = new Sender();
        Outsider outsider = new Outsider(settings);
        Instance one = Instance.ready(settings)) {
      try (Instance other = Instance.ready(settings)) {
        sends(sender, 0, ENTITIES, one);
        assertThat(uuids(outsider, settings)).hasSize(ENTITIES);

        Command.Ended pause =
            sources(settings, "pause", "shapes", "--reason", "a \u001b[31mred one");
        assertThat(pause.out()).startsWith("shapes is paused.");
        assertThat(pause.err()).isEmpty();
        assertThat(pause.status()).isZero();
        awaitSum(2, "penstock_source_paused", one, other);
        sends(sender, ENTITIES, 40, one, other); // each twice: one is a copy
        sender.send(
            Sender.generations(
                one,
                "{\"type\":\"x\",\"payload\":{\"session_id\":\"s\",\"timestamp\":\"2026-11-26T00:00:00Z\"}}"
                    .getBytes(UTF_8)));

        assertThat(uuids(outsider, settings)).as("nothing of it").hasSize(ENTITIES);
        assertThat(outsider.readAll(settings.csm())).as("all of others").hasSize(1);
        assertThat(sum("penstock_parked_events", one, other)).isEqualTo(40.0 - ENTITIES);
        other.kill();
      }
      sends(sender, 40, 60, one);
      try (Instance other = Instance.ready(settings)) {
        assertThat(uuids(outsider, settings)).as("nothing of it").hasSize(ENTITIES);
        awaitSum(60.0 - ENTITIES, "penstock_parked_events", one, other);

        Command.Ended list = sources(settings, "list");
        assertThat(list.out().lines())
            .anySatisfy(
                line ->
                    assertThat(line)
                        .matches(
                            "shapes +smartshape +paused +since .* by .*: a \\\\u001b\\[31mred one"))
            .anySatisfy(line -> assertThat(line).matches("generations +csm +running *"));
        Command.Ended trace =
            Command.run(settings, directory, List.of("trace", "uuid-59", "--since", "1h"));
        assertThat(trace.status()).as(trace.err()).isZero();
        assertThat(trace.out()).contains("the publication of shapes is paused, since ");
        assertThat(sources(settings, "pause", "shapes").out()).contains("is paused already");
        assertThat(sources(settings, "pause", "sahpes").err())
            .contains("no source has this name; the configuration has: shapes, generations");

        assertThat(sources(settings, "resume", "shapes").status()).isZero();
        sends(sender, 60, 70, other);
        awaitSum(0, "penstock_parked_events", one, other);
        sends(sender, 70, 75, one);
        Command.Ended released =
            Command.run(settings, directory, List.of("trace", "uuid-59", "--since", "1h"));
        assertThat(released.status()).as(released.err()).isZero();
        assertThat(released.out())
            .contains("parked         from its landing on, since its source was paused")
            .containsPattern(
                "published      [-0-9T:.]+Z at " + settings.smartshape() + "/[0-9]@[0-9]+, schema");

        List<String> all = uuids(outsider, settings);
        assertThat(all).doesNotHaveDuplicates().hasSize(75);
        for (int entity = 0; entity < ENTITIES; entity++) {
          int remainder = entity;
          List<Integer> numbers =
              all.stream()
                  .map(uuid -> Integer.parseInt(uuid.substring("uuid-".length())))
                  .filter(number -> number % ENTITIES == remainder)
                  .toList();
          assertThat(numbers).as("of file-%s", entity).hasSize(75 / ENTITIES).isSorted();
        }
      }
    }
  }
}
