package io.penstock.ingest.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.ingest.deploy.DocumentedDelivery;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The README's delivery against the configuration of {@code docker-compose.yml}, with processes
 * instead of containers.
 */
@ExtendWith(Stack.Shared.class)
class ComposeIT {

  private static final Path ROOT = Path.of("..");

  @Test
  void theDocumentedDeliveryIsAcknowledgedAndPublished(Stack stack) throws Exception {
    Settings settings =
        Settings.of(stack)
            .withFile(ROOT.resolve("deploy/compose/penstock.yaml"))
            .withText("kafka:19092", stack.bootstrapServers())
            .withText("http://schema-registry:8081", stack.registryUrl());
    settings
        .with("PENSTOCK_TOPICS_PREFIX", settings.prefix())
        .with("PENSTOCK_HTTP_PORT", "0")
        .with("PENSTOCK_HTTP_MANAGEMENT_PORT", "0");
    for (String line : Files.readAllLines(ROOT.resolve("deploy/compose/example-secrets.env"))) {
      if (!line.startsWith("#")) {
        String[] variable = line.split("=", 2);
        settings.with(variable[0], variable[1]);
      }
    }
    DocumentedDelivery delivery = DocumentedDelivery.ofReadme();
    byte[] body = Files.readAllBytes(ROOT.resolve(delivery.file()));
    try (Instance instance = Instance.ready(settings);
        Outsider outsider = new Outsider(settings);
        HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create(instance.url() + delivery.path()))
              .POST(HttpRequest.BodyPublishers.ofByteArray(body));
      delivery.headers().forEach(request::header);
      assertThat(http.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode())
          .isEqualTo(200);
      List<Outsider.Read> events = outsider.readAll(settings.csm());
      assertThat(events).hasSize(1);
      GenericRecord event = events.getFirst().value();
      ObjectMapper json = new ObjectMapper();
      assertThat(json.readTree(event.get("json").toString())).isEqualTo(json.readTree(body));
    }
  }
}
