package io.penstock.ingest.lookup;

import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Gives records their bytes; during a search, only those that may be looked for get their value.
 * Kafka's client has the bytes of a whole response in one buffer: a record is told apart there,
 * before anything of it is copied. For the one thread that reads, and for one consumer.
 */
final class Sieve {

  private final Skim skim = new Skim();
  private @Nullable IdMatch match;

  /** Whether the key of the record whose value comes next is the id. */
  private boolean isKey;

  private long passed;

  /** From now on, only records that may be of an id get their value. */
  void lets(IdMatch wanted) {
    match = wanted;
    isKey = false;
  }

  /** From now on, each record gets its value. */
  void letsAll() {
    match = null;
    skim.clear();
  }

  /**
   * What need not be looked at, from some of these records on.
   *
   * @param records of one partition, which were read last
   */
  Skim.Passed passes(List<ConsumerRecord<byte[], byte[]>> records) {
    IdMatch wanted = match;
    return wanted == null ? Skim.Passed.NONE : skim.passes(records, wanted);
  }

  /** What was read last was handed out. */
  void handedOut() {
    skim.clear();
  }

  /** How many records got their value in all searches so far. */
  long passed() {
    return passed;
  }

  /** To be given to the consumer together with {@link #values}. */
  Deserializer<byte[]> keys() {
    return new Deserializer<>() {
      @Override
      @SuppressWarnings("NullAway") // Kafka's interface has no annotations
      public byte @Nullable [] deserialize(String topic, byte @Nullable [] data) {
        return data;
      }

      @Override
      @SuppressWarnings("NullAway")
      public byte @Nullable [] deserialize(
          String topic, Headers headers, @Nullable ByteBuffer data) {
        byte[] key = data == null ? null : copy(data);
        IdMatch wanted = match;
        if (wanted != null && key != null) {
          isKey = wanted.isKey(key);
          skim.received(key, data);
        }
        return key;
      }
    };
  }

  /** Gives null in place of a value that the search does not want. */
  Deserializer<byte[]> values() {
    return new Deserializer<>() {
      @Override
      @SuppressWarnings("NullAway")
      public byte @Nullable [] deserialize(String topic, byte @Nullable [] data) {
        return data;
      }

      @Override
      @SuppressWarnings("NullAway")
      public byte @Nullable [] deserialize(
          String topic, Headers headers, @Nullable ByteBuffer data) {
        if (data == null) {
          return null;
        }
        IdMatch wanted = match;
        if (wanted == null) {
          return copy(data);
        }
        boolean isWanted =
            isKey || IdMatch.hasHeader(headers, wanted.bytes()) || isIn(wanted, data);
        // A record without a key has no call of the other one.
        isKey = false;
        if (!isWanted) {
          return null;
        }
        passed++;
        return copy(data);
      }
    };
  }

  private static boolean isIn(IdMatch wanted, ByteBuffer data) {
    if (data.hasArray()) {
      int from = data.arrayOffset() + data.position();
      return wanted.isIn(data.array(), from, from + data.remaining());
    }
    return wanted.isIn(copy(data));
  }

  private static byte[] copy(ByteBuffer data) {
    byte[] bytes = new byte[data.remaining()];
    data.duplicate().get(bytes);
    return bytes;
  }
}
