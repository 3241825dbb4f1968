package io.penstock.ingest.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.junit.jupiter.api.Test;

class WireFormatTest {

  private static final Schema SCHEMA =
      SchemaBuilder.record("Text")
          .fields()
          .requiredString("before")
          .requiredString("text")
          .endRecord();

  private final WireFormat format = new WireFormat();

  private static GenericRecord text(Object text) {
    GenericRecord record = new GenericData.Record(SCHEMA);
    record.put("before", "");
    record.put("text", text);
    return record;
  }

  private static String decoded(byte[] bytes) throws IOException {
    byte[] avro = Arrays.copyOfRange(bytes, 5, bytes.length);
    return new GenericDatumReader<GenericRecord>(SCHEMA)
        .read(null, DecoderFactory.get().binaryDecoder(avro, null))
        .get("text")
        .toString();
  }

  @Test
  void startsWithAZeroByteAndTheIdInBigEndian() {
    assertThat(format.encode(0x01_02_03_F4, text("ab")))
        .containsExactly(0, 0x01, 0x02, 0x03, 0xF4, 0, 4, 'a', 'b');
  }

  @Test
  void keepsNothingOfTheValueBefore() throws IOException {
    // given
    format.encode(1, text("x".repeat(10_000)));
    // when
    byte[] next = format.encode(2, text("short"));
    // then
    assertThat(decoded(next)).isEqualTo("short");
    assertThat(ByteBuffer.wrap(next, 1, 4).getInt()).isEqualTo(2);
  }

  @Test
  void aLargeValueLeavesNoLargeBuffer() throws IOException {
    // given
    String large = "x".repeat(5_000_000);
    // when
    byte[] encoded = format.encode(1, text(large));
    // then
    assertThat(decoded(encoded)).isEqualTo(large);
    assertThat(format.capacity()).isLessThanOrEqualTo(256 * 1024);
    assertThat(decoded(format.encode(2, text("short")))).isEqualTo("short");
  }

  @Test
  void aLargeValueThatDoesNotFitItsSchemaLeavesNoLargeBufferEither() {
    // given
    GenericRecord record = text(42);
    record.put("before", "x".repeat(5_000_000));
    // then
    assertThatThrownBy(() -> format.encode(1, record)).isInstanceOf(RuntimeException.class);
    assertThat(format.capacity()).isLessThanOrEqualTo(256 * 1024);
  }
}
