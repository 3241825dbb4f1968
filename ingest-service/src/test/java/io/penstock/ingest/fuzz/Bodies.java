package io.penstock.ingest.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.ingest.provider.Decoding;
import io.penstock.ingest.provider.Identification;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.registry.WireFormat;
import java.io.IOException;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;

/** What must hold for a body, whatever it is, on its way from its receipt to the wire format. */
final class Bodies {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Long enough that it stands nowhere by chance. */
  private static final int KEY = 12;

  private Bodies() {}

  /**
   * Whatever the bytes: they are identified or refused with words of ours; what is identified ends
   * as an event that fits its schema, or as a dead letter with words of ours; and no credential is
   * left in what is kept.
   */
  static void assertThatNothingEscapes(Provider provider, byte[] body) {
    Map<String, String> headers = Map.of("svix-id", "msg_1", "webhook-id", "msg_1");
    byte[] before = body.clone();
    Identification identification = provider.identify(body, headers);
    byte[] kept = provider.redact(body);
    assertThat(body).as("the bytes received").isEqualTo(before);
    switch (identification) {
      case Identification.Identified identified -> {
        assertThat(identified.entityKey()).isNotEmpty();
        assertThat(provider.identify(body, headers)).as("twice").isEqualTo(identified);
        decode(provider, kept, headers);
      }
      case Identification.Malformed malformed -> assertThat(malformed.detail()).isNotBlank();
      case Identification.Missing missing -> assertThat(missing.detail()).isNotBlank();
    }
    for (String member : provider.credentialMembers()) {
      assertThatNoCredentialIsLeft(member, body, kept);
    }
  }

  private static void decode(Provider provider, byte[] kept, Map<String, String> headers) {
    switch (provider.decode(kept, headers)) {
      case Decoding.Undecodable undecodable -> assertThat(undecodable.detail()).isNotBlank();
      case Decoding.Decoded decoded -> {
        assertThat(decoded.type()).isNotNull();
        Schema schema = provider.schema();
        GenericRecord metadata = new GenericData.Record(schema.getField("metadata").schema());
        metadata.put("eventId", "0");
        metadata.put("source", "source");
        metadata.put("provider", provider.name());
        metadata.put("type", decoded.type());
        metadata.put(
            "occurredAt",
            decoded.occurredAt() == null ? null : decoded.occurredAt().toEpochMilli());
        metadata.put("receivedAt", 0L);
        metadata.put("entityKey", "entity");
        metadata.put("receiptId", "receipt");
        GenericRecord event = decoded.event();
        event.put("metadata", metadata);
        event.put("json", new String(kept, UTF_8));
        byte[] value = new WireFormat().encode(1, event);
        try {
          GenericRecord read =
              new GenericDatumReader<GenericRecord>(schema)
                  .read(null, DecoderFactory.get().binaryDecoder(value, 5, value.length - 5, null));
          assertThat(read.get("json")).hasToString(new String(kept, UTF_8));
        } catch (IOException e) {
          throw new AssertionError("an event that was written can be read", e);
        }
      }
    }
  }

  private static void assertThatNoCredentialIsLeft(String member, byte[] body, byte[] kept) {
    JsonNode tree;
    try {
      tree = JSON.readTree(body);
    } catch (IOException | StackOverflowError e) {
      return;
    }
    for (JsonNode key : tree == null ? java.util.List.<JsonNode>of() : tree.findValues(member)) {
      if (key.isTextual() && key.asText().length() >= KEY) {
        assertThat(new String(kept, UTF_8)).doesNotContain("\"" + key.asText() + "\"");
      }
    }
  }
}
