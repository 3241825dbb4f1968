package io.penstock.ingest.lookup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.provider.ProviderCatalog;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/** Batches are written here as Kafka's protocol says, and not by Kafka's own classes. */
class SkimTest {

  private final Skim skim = new Skim();
  private final List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();

  /** A batch of records whose keys are {@code k} and whose values are given. */
  private static byte[] batch(long firstOffset, int attributes, String... values) {
    ByteBuffer records = ByteBuffer.allocate(10_000);
    for (int i = 0; i < values.length; i++) {
      byte[] value = values[i].getBytes(UTF_8);
      ByteBuffer record = ByteBuffer.allocate(1000);
      record.put((byte) 0).put((byte) 0).put((byte) (2 * i)); // attributes, time and offset
      record.put((byte) 2).put((byte) 'k');
      record.put((byte) (2 * value.length)).put(value).put((byte) 0); // no headers
      records.put((byte) (2 * record.position())).put(record.flip());
    }
    records.flip();
    ByteBuffer batch = ByteBuffer.allocate(61 + records.limit());
    batch.putLong(firstOffset).putInt(batch.limit() - 12).putInt(0).put((byte) 2).putInt(0);
    batch.putShort((short) attributes).putInt(values.length - 1).putLong(0).putLong(0);
    batch.putLong(-1).putShort((short) -1).putInt(-1).putInt(values.length).put(records);
    CRC32C checksum = new CRC32C();
    checksum.update(batch.array(), 21, batch.limit() - 21);
    return batch.putInt(17, (int) checksum.getValue()).array();
  }

  /** What a consumer makes of a response's buffer: the records of its first batch. */
  private void received(byte[] received, int firstBatch, long offset, int count) {
    int at = firstBatch + 61;
    for (int i = 0; i < count; i++) {
      byte[] key = {'k'};
      skim.received(key, ByteBuffer.wrap(received, at + 5, 1).slice());
      records.add(new ConsumerRecord<>("t", 0, offset + i, key, new byte[0]));
      at += 1 + received[at] / 2;
    }
  }

  private static byte[] response(byte[]... parts) {
    ByteBuffer response = ByteBuffer.allocate(20_000);
    response.put("some bytes before it".getBytes(UTF_8));
    for (byte[] part : parts) {
      response.put(part);
    }
    return java.util.Arrays.copyOf(response.array(), response.position());
  }

  private static final int BEFORE = "some bytes before it".length();

  private Skim.Passed passes(String id) {
    return skim.passes(records, new IdMatch(ProviderCatalog.known(), id));
  }

  @Test
  void batchesWithoutTheIdArePassedOver() {
    received(response(batch(10, 0, "a", "b"), batch(12, 0, "c", "d", "e")), BEFORE, 10, 2);
    assertThat(passes("x-id")).isEqualTo(new Skim.Passed(10, 15));
    skim.clear();
    assertThat(passes("x-id")).isEqualTo(Skim.Passed.NONE);
  }

  @Test
  void theFirstBatchWithTheIdIsNot() {
    byte[] response =
        response(batch(10, 0, "a"), batch(11, 0, "b", "x-id"), batch(13, 0, "c", "d"));
    received(response, BEFORE, 10, 1);
    assertThat(passes("x-id")).isEqualTo(new Skim.Passed(10, 11));
    assertThat(passes("a")).as("in the first one").isEqualTo(Skim.Passed.NONE);
  }

  @Test
  void gapsBetweenBatchesAreNoneOfItsBusiness() {
    received(response(batch(10, 0, "a"), batch(20, 0, "b", "c")), BEFORE, 10, 1);
    assertThat(passes("x-id")).isEqualTo(new Skim.Passed(10, 22));
  }

  @Test
  void aReadThatBeginsAmidABatchGoesOnAtTheNext() {
    byte[] first = batch(10, 0, "a", "b");
    byte[] response = response(first, batch(12, 0, "c"));
    received(response, BEFORE, 10, 2);
    records.removeFirst();
    byte[] next = {'k'};
    skim.received(next, ByteBuffer.wrap(response, BEFORE + first.length + 61 + 5, 1).slice());
    records.add(new ConsumerRecord<>("t", 0, 12, next, new byte[0]));
    assertThat(passes("x-id")).isEqualTo(new Skim.Passed(12, 13));
  }

  @Test
  void whatIsNotRecognizedIsNotPassedOver() {
    byte[] whole = batch(10, 0, "a", "b");
    byte[] second = batch(12, 0, "c");
    byte[] damaged = second.clone();
    damaged[damaged.length - 1]++;
    byte[] old = second.clone();
    old[16] = 1;
    byte[] cutOff = java.util.Arrays.copyOf(second, second.length - 1);
    for (byte[] behind :
        List.of(damaged, old, cutOff, batch(12, 1, "c"), batch(3, 0, "c"), new byte[100])) {
      records.clear();
      received(response(whole, behind), BEFORE, 10, 2);
      assertThat(passes("x-id")).isEqualTo(new Skim.Passed(10, 12));
    }
    records.clear();
    received(response(batch(10, 1, "a", "b")), BEFORE, 10, 2);
    assertThat(passes("x-id")).as("compressed").isEqualTo(Skim.Passed.NONE);
    records.clear();
    received(response(whole), BEFORE, 11, 2);
    assertThat(passes("x-id")).as("another offset").isEqualTo(Skim.Passed.NONE);
    records.clear();
    byte[] key = {'k'};
    skim.received(key, ByteBuffer.wrap(key));
    records.add(new ConsumerRecord<>("t", 0, 10, key, new byte[0]));
    assertThat(passes("x-id")).as("a key in a buffer of its own").isEqualTo(Skim.Passed.NONE);
  }
}
