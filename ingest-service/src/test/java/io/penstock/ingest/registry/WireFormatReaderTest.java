package io.penstock.ingest.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpServer;
import io.penstock.ingest.config.Configuration;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WireFormatReaderTest {

  private static final Schema SCHEMA =
      SchemaBuilder.record("Text").fields().optionalString("text").endRecord();

  private HttpServer registry;
  private WireFormatReader reader;

  @BeforeEach
  void open() throws IOException {
    registry = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    byte[] answer = new JsonObject().put("schema", SCHEMA.toString()).encode().getBytes(UTF_8);
    registry.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    registry.start();
    reader =
        new WireFormatReader(
            new Configuration.SchemaRegistryConfig(
                "http://127.0.0.1:" + registry.getAddress().getPort(), false, Map.of()));
  }

  @AfterEach
  void close() throws IOException {
    reader.close();
    registry.stop(0);
  }

  @Test
  void readsWhatWasWritten() throws IOException {
    GenericRecord record = new GenericData.Record(SCHEMA);
    record.put("text", "t");

    assertThat(reader.read(new WireFormat().encode(7, record))).hasToString(record.toString());
  }

  /** A branch that does not exist in the union, a negative length, a length beyond the end. */
  @ParameterizedTest
  @ValueSource(strings = {"\u0008", "\u0005", "\u0002\u0003", "\u0002@a", ""})
  void whatDoesNotFitItsSchemaIsOneKindOfFailure(String avro) {
    byte[] text = avro.getBytes(UTF_8);
    byte[] value = new byte[5 + text.length];
    value[4] = 7;
    System.arraycopy(text, 0, value, 5, text.length);

    assertThatExceptionOfType(IOException.class).isThrownBy(() -> reader.read(value));
  }
}
