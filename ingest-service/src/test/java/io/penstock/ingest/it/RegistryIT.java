package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.ingest.Thorough;
import io.penstock.ingest.provider.EventSchemas;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.Providers;
import io.penstock.localstack.LocalStack;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.Schema;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** The registry delays publication at most, and never an acknowledgement. */
@ExtendWith(Stack.Shared.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // set before all tests
class RegistryIT {

  private final ObjectMapper json = new ObjectMapper();
  private final HttpClient http = HttpClient.newHttpClient();
  private LocalStack stack;
  private Settings settings;

  @BeforeAll
  void startStack(LocalStack given) {
    stack = given;
  }

  @AfterAll
  void close() {
    http.close();
  }

  @BeforeEach
  void newTopics() {
    settings = Settings.of(stack);
  }

  @Test
  @Thorough(
      "`withoutAutoRegistrationThePipelineNamesWhatIsMissingAndWaitsForIt`, `whenTheRegistryGoesAwayLaterPublicationGoesOn`")
  void whileTheRegistryIsGoneFromTheStartDeliveriesAreAcknowledgedAndThenPublished() {
    stack.schemaRegistry().kill();
    String uuid = UUID.randomUUID().toString();
    try (Instance instance = Instance.start(settings).awaitServing();
        Sender sender = new Sender();
        Outsider outsider = new Outsider(settings)) {
      assertThat(sender.send(Sender.shapes(instance, Sender.shape("f", uuid))).statusCode())
          .isEqualTo(200);
      await()
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(
              () ->
                  assertThat(instance.health("ready").body())
                      .contains("waiting for the schema registry: ")
                      .contains("the schema registry at " + stack.schemaRegistry().url())
                      .contains("ConnectException"));
      assertThat(instance.metric("penstock_registry_resolved")).isZero();

      stack.schemaRegistry().start();

      assertThat(outsider.readAll(settings.smartshape()))
          .singleElement()
          .satisfies(read -> assertThat(read.value().get("uuid")).hasToString(uuid));
      assertThat(instance.metric("penstock_registry_resolved")).isEqualTo(1);
      assertThat(lines(instance, "Publication waits for the schema registry")).isEqualTo(1);
      assertThat(lines(instance, "\"The schema registry has all schemas\"")).isEqualTo(1);
    }
  }

  private static long lines(Instance instance, String text) {
    return instance.log().lines().filter(line -> line.contains(text)).count();
  }

  @Test
  void whenTheRegistryGoesAwayLaterPublicationGoesOn() {
    try (Instance instance = Instance.ready(settings);
        Sender sender = new Sender();
        Outsider outsider = new Outsider(settings)) {
      sender.send(Sender.shapes(instance, Sender.shape("f", "before")));
      // The outsider needs the registry itself, once.
      assertThat(outsider.readAll(settings.smartshape())).hasSize(1);

      stack.schemaRegistry().kill();
      sender.send(Sender.shapes(instance, Sender.shape("f", "after")));

      assertThat(
              outsider.readAll(settings.smartshape()).stream()
                  .map(read -> read.value().get("uuid").toString()))
          .containsExactly("before", "after");
    }
  }

  @Thorough("`PreparationIT`")
  @Test
  void registeredSubjectsAreFullTransitive() throws Exception {
    try (Instance instance = Instance.ready(settings)) {
      assertThat(instance.metric("penstock_pipeline_running")).isEqualTo(1);
      for (String topic : List.of(settings.smartshape(), settings.csm(), settings.deadLetter())) {
        assertThat(
                json.readTree(get("/config/" + topic + "-value"))
                    .path("compatibilityLevel")
                    .asText())
            .isEqualTo("FULL_TRANSITIVE");
        Schema registered =
            new Schema.Parser()
                .parse(
                    json.readTree(get("/subjects/" + topic + "-value/versions/latest"))
                        .path("schema")
                        .asText());
        assertThat(registered.toString()).doesNotContain("avro.java.string");
        assertThat(registered.getDoc()).isNotEmpty();
      }
    }
  }

  @Test
  void withoutAutoRegistrationThePipelineNamesWhatIsMissingAndWaitsForIt() throws Exception {
    settings.with("PENSTOCK_SCHEMA_REGISTRY_AUTO_REGISTER", "false");
    String uuid = UUID.randomUUID().toString();
    try (Instance instance = Instance.start(settings).awaitServing();
        Sender sender = new Sender();
        Outsider outsider = new Outsider(settings)) {
      assertThat(sender.send(Sender.shapes(instance, Sender.shape("f", uuid))).statusCode())
          .isEqualTo(200);
      await()
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(
              () ->
                  assertThat(instance.log())
                      .contains(
                          "no such schema under the subject " + settings.smartshape() + "-value")
                      .contains("schema-registry.auto-register"));
      assertThat(instance.health("ready").statusCode()).isEqualTo(200);
      assertThat(instance.health("ready").body())
          .contains("waiting for the schema registry: ")
          .contains(settings.smartshape() + "-value")
          .contains(settings.deadLetter() + "-value")
          .contains("schema-registry.auto-register");

      register(settings.deadLetter(), EventSchemas.deadLetter());
      for (Provider provider : Providers.all()) {
        register(settings.prefix() + "." + provider.name(), provider.schema());
      }

      assertThat(outsider.readAll(settings.smartshape())).hasSize(1);
    }
  }

  private void register(String topic, Schema schema) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(
                    URI.create(
                        stack.schemaRegistry().url() + "/subjects/" + topic + "-value/versions"))
                .header("content-type", "application/vnd.schemaregistry.v1+json")
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        json.writeValueAsString(Map.of("schema", schema.toString())), UTF_8))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }

  private String get(String path) throws IOException, InterruptedException {
    return http.send(
            HttpRequest.newBuilder(URI.create(stack.schemaRegistry().url() + path)).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }
}
