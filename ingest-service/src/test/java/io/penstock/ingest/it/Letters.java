package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.ingest.provider.EventSchemas;
import io.penstock.ingest.registry.WireFormat;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes dead letters as an older version would have, of deliveries that today are events. */
record Letters(Settings settings, String detail) {

  /** One for each file. */
  void write(String... files) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient();
        KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(
                Map.of("bootstrap.servers", settings.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
      String versions =
          settings.registryUrl() + "/subjects/" + settings.deadLetter() + "-value/versions/latest";
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(URI.create(versions)).build(),
              HttpResponse.BodyHandlers.ofString());
      int id = new ObjectMapper().readTree(answer.body()).path("id").asInt();
      List<Future<RecordMetadata>> written = new ArrayList<>();
      for (String file : files) {
        written.add(
            producer.send(
                new ProducerRecord<>(
                    settings.deadLetter(),
                    file.getBytes(UTF_8),
                    new WireFormat().encode(id, letter(file)))));
      }
      for (Future<RecordMetadata> each : written) {
        each.get(120, TimeUnit.SECONDS);
      }
    }
  }

  private GenericRecord letter(String file) {
    String uuid = UUID.randomUUID().toString();
    GenericRecord letter = new GenericData.Record(EventSchemas.deadLetter());
    letter.put("source", "shapes");
    letter.put("provider", "smartshape");
    letter.put("reason", "undecodable");
    letter.put("detail", detail);
    letter.put("receiptId", "receipt-" + uuid);
    letter.put("receivedAt", System.currentTimeMillis());
    letter.put("eventId", uuid.replace("-", ""));
    letter.put("entityKey", file);
    letter.put("inboundTopic", settings.inbound());
    letter.put("inboundPartition", 0);
    letter.put("inboundOffset", 0L);
    letter.put("headers", Map.of());
    letter.put("body", ByteBuffer.wrap(Sender.shape(file, uuid)));
    return letter;
  }
}
