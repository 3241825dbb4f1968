package io.penstock.ingest.subscription;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.ingest.cli.ConfigFile;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.ConfigurationReader.Result;
import io.penstock.ingest.subscription.FakeApi.Reply;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The service sees that a registration is not what it should be. */
class SubscriptionWatchTest {

  private final FakeMatterport matterport = new FakeMatterport();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @AfterEach
  void close() {
    matterport.close();
  }

  private Configuration configuration(Map<String, String> environment, String reconcile) {
    String yaml =
        """
        kafka: {bootstrap-servers: '127.0.0.1:1'}
        schema-registry: {url: 'http://127.0.0.1:1'}
        sources:
        - name: twins
          provider: matterport
          auth: [{type: bearer, tokens: [{env: BEARER}]}]
          subscription:
            callback-url: https://hooks.example.com/webhooks/twins
            events: [created, processed]
            api: {url: '%s', credentials: [{env: ID}, {env: SECRET}]}
            %s
        """
            .formatted(matterport.url(), reconcile);
    return switch (ConfigFile.reader(environment).read(yaml, Path.of("."))) {
      case Result.Valid valid -> valid.configuration();
      case Result.Invalid invalid -> throw new AssertionError(invalid.problems());
    };
  }

  private Set<String> faults() {
    Set<String> faults = new TreeSet<>();
    for (Gauge gauge : registry.find("penstock.subscription.fault").gauges()) {
      if (gauge.value() > 0) {
        faults.add(String.valueOf(gauge.getId().getTag("reason")));
      }
    }
    return faults;
  }

  private void awaitFaults(String... expected) {
    await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> faults().equals(new TreeSet<>(Arrays.asList(expected))));
  }

  @Test
  void eachFaultIsSeenAndItsEndToo() {
    Map<String, String> environment =
        new HashMap<>(
            Map.of(
                "BEARER",
                "a-bearer-token",
                "ID",
                FakeMatterport.TOKEN_ID,
                "SECRET",
                FakeMatterport.TOKEN_SECRET));
    SubscriptionWatch watch =
        SubscriptionWatch.start(
            configuration(environment, "reconcile: 1s"),
            environment,
            registry,
            InstantSource.system(),
            System::nanoTime);
    try (watch) {
      assertThat(registry.find("penstock.subscription.fault").gauges())
          .hasSize(SubscriptionFault.values().length);
      awaitFaults("missing");

      String id =
          matterport.register(
              List.of("created", "processed"), "hooks.example.com", "webhooks/twins");
      awaitFaults();
      matterport.change(id, "eventTypes", List.of("created"));
      matterport.change(id, "version", 1);
      awaitFaults("events", "version");
      String other =
          matterport.register(
              List.of("created", "processed"), "hooks.example.com", "webhooks/twins");
      awaitFaults("surplus");
      matterport.forget(id);
      awaitFaults();
      matterport.change(
          other,
          "callback",
          Map.of("scheme", "https", "host", "hooks.example.com", "path", "webhooks/else"));
      awaitFaults("address");
      for (int i = 0; i < 3; i++) {
        matterport.answerNext(Reply.of(401, "{}"));
      }
      awaitFaults("address", "unchecked");
      awaitFaults("address");
      assertThat(matterport.callbacks()).containsOnlyKeys(other);
    }
    int asked = matterport.asked().size();
    assertThat(matterport.faults()).isEmpty();
    assertThat(matterport.asked()).hasSize(asked);
  }

  private SubscriptionWatch start(Configuration configuration) {
    return SubscriptionWatch.start(
        configuration, Map.of(), registry, InstantSource.system(), System::nanoTime);
  }

  @Test
  void nothingIsAskedWithoutReconcile() {
    start(configuration(Map.of(), "")).close();
    assertThat(registry.getMeters()).isEmpty();
    assertThat(matterport.asked()).isEmpty();
  }

  @Test
  void aSecretThatIsNotThereLeavesItUnchecked() {
    SubscriptionWatch watch = start(configuration(Map.of(), "reconcile: 1h"));
    try (watch) {
      awaitFaults("unchecked");
    }
  }
}
