package io.penstock.ingest.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.provider.EventSchemas;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.Providers;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.yaml.snakeyaml.Yaml;

/** The AsyncAPI document in the schemas' jar says what this service does. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // set before all tests
class ContractDocumentTest {

  private static final Topics TOPICS = new Topics("webhooks");

  private Map<String, Object> document;

  @BeforeAll
  void read() throws IOException {
    try (InputStream in = getClass().getResourceAsStream("/io/penstock/asyncapi/penstock.yaml")) {
      document = new Yaml().load(Objects.requireNonNull(in));
    }
  }

  @SuppressWarnings("unchecked") // an object of YAML
  private Map<String, Object> at(String... path) {
    Map<String, Object> node = document;
    for (String name : path) {
      node = (Map<String, Object>) Objects.requireNonNull(node.get(name), name);
    }
    return node;
  }

  @Test
  void everyTopicIsAChannelAndEveryChannelATopic() {
    Set<String> topics = new HashSet<>(Set.of(TOPICS.inbound(), TOPICS.deadLetter()));
    Providers.all().forEach(provider -> topics.add(TOPICS.events(provider)));
    Providers.all().stream()
        .flatMap(provider -> provider.modelReadiness().stream())
        .forEach(readiness -> topics.add(TOPICS.modelReady(readiness)));
    topics.add("webhooks.{topic}"); // of a source of the generic provider

    List<Object> addresses = new ArrayList<>();
    at("channels").keySet().forEach(name -> addresses.add(at("channels", name).get("address")));

    assertThat(addresses).containsExactlyInAnyOrderElementsOf(topics);
  }

  @Test
  void everyTopicsSchemaIsTheOneThatIsRegistered() {
    for (Provider provider : Providers.selectable()) {
      assertThat(payload(provider.name())).isEqualTo(provider.schema());
    }
    assertThat(payload("matterportModelReady"))
        .isEqualTo(
            Providers.byName("matterport")
                .flatMap(Provider::modelReadiness)
                .orElseThrow()
                .schema());
    assertThat(payload("deadLetter")).isEqualTo(EventSchemas.deadLetter());
  }

  private Schema payload(String channel) {
    String message = at("channels", channel, "messages").keySet().iterator().next();
    return new Schema.Parser()
        .parse(
            new com.fasterxml.jackson.databind.ObjectMapper()
                .valueToTree(at("components", "messages", message, "payload").get("schema"))
                .toString());
  }

  @Test
  void everyHeaderIsDocumentedAndEveryRequiredOneIsThere() {
    Headers all = headers("subject", "00-a-b-01");
    Headers least = headers(null, null);

    Map<String, Object> documented = at("components", "schemas", "EventHeaders");

    assertThat(at("components", "schemas", "EventHeaders", "properties").keySet())
        .containsExactlyInAnyOrderElementsOf(names(all));
    assertThat((List<?>) documented.get("required"))
        .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.list(String.class))
        .containsExactlyInAnyOrderElementsOf(names(least));
  }

  private static Headers headers(@Nullable String subject, @Nullable String traceparent) {
    return new EventHeaders(null)
        .of(
            new EventHeaders.Attributes(
                "id", "source", "type", Instant.EPOCH, "schema", subject, "key", traceparent));
  }

  private static List<String> names(Headers headers) {
    List<String> names = new ArrayList<>();
    headers.forEach(header -> names.add(header.key()));
    return names;
  }
}
