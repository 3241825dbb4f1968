package io.penstock.ingest.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * What is stored of an event that waits: its landing record, from which the event is made again
 * when it is published. So it is half as large as the event; it is decoded by the rules, and
 * measured by the limits, that are in force by then; and if those make a dead letter of it, the
 * letter has the exact bytes.
 *
 * @param ordinal counts the events of one source and task that wait, without gaps
 * @param bytesBefore how many bytes those with lower ordinals took when they were stored
 * @param storeTime the time at which its ids are remembered
 * @param receivedAt in milliseconds since 1970, by the ingress's clock
 * @param ids what it is remembered by
 * @param landed its landing record
 */
record ParkedEvent(
    long ordinal,
    long bytesBefore,
    long storeTime,
    long receivedAt,
    List<byte[]> ids,
    Record<byte[], byte[]> landed) {

  /** The first byte says in which form the rest is. */
  private static final byte FORM = 2;

  /** The form that had no {@code bytesBefore}, which stands at the end of the numbers now. */
  private static final byte WITHOUT_BYTES = 1;

  private static final int FIXED_WITHOUT_BYTES = 1 + 4 * Long.BYTES;
  private static final int FIXED = FIXED_WITHOUT_BYTES + Long.BYTES;
  private static final int ABSENT = -1;

  ParkedEvent {
    ids = List.copyOf(ids);
  }

  /** The number of bytes that {@link #bytes} gives. */
  private int size() {
    int size = FIXED + Integer.BYTES;
    for (byte[] id : ids) {
      size += Integer.BYTES + id.length;
    }
    size += Integer.BYTES + landed.key().length + Integer.BYTES;
    for (Header header : landed.headers()) {
      size += 2 * Integer.BYTES + header.key().getBytes(UTF_8).length;
      size += header.value() == null ? 0 : header.value().length;
    }
    return size + Integer.BYTES + landed.value().length;
  }

  byte[] bytes() {
    ByteBuffer bytes = ByteBuffer.allocate(size());
    bytes.put(FORM);
    bytes.putLong(ordinal).putLong(storeTime).putLong(receivedAt).putLong(landed.timestamp());
    bytes.putLong(bytesBefore);
    bytes.putInt(ids.size());
    ids.forEach(id -> put(bytes, id));
    put(bytes, landed.key());
    bytes.putInt(landed.headers().toArray().length);
    for (Header header : landed.headers()) {
      put(bytes, header.key().getBytes(UTF_8));
      put(bytes, header.value());
    }
    put(bytes, landed.value());
    return bytes.array();
  }

  private static void put(ByteBuffer bytes, byte @Nullable [] value) {
    if (value == null) {
      bytes.putInt(ABSENT);
    } else {
      bytes.putInt(value.length).put(value);
    }
  }

  /**
   * Reads what {@link #bytes} wrote.
   *
   * @throws IllegalArgumentException if it is anything else, as a later version may have written it
   */
  static ParkedEvent read(byte[] stored) {
    ByteBuffer bytes = ByteBuffer.wrap(stored);
    try {
      if (!isReadable(stored)) {
        throw new IllegalArgumentException("an event that waits is in a form of another version");
      }
      byte form = bytes.get();
      long ordinal = bytes.getLong();
      long storeTime = bytes.getLong();
      long receivedAt = bytes.getLong();
      long timestamp = bytes.getLong();
      long bytesBefore = form == FORM ? bytes.getLong() : 0;
      List<byte[]> ids = new ArrayList<>();
      for (int left = bytes.getInt(); left > 0; left--) {
        ids.add(present(bytes));
      }
      byte[] key = present(bytes);
      Headers headers = new RecordHeaders();
      for (int left = bytes.getInt(); left > 0; left--) {
        headers.add(new String(present(bytes), UTF_8), take(bytes));
      }
      byte[] value = present(bytes);
      return new ParkedEvent(
          ordinal,
          bytesBefore,
          storeTime,
          receivedAt,
          ids,
          new Record<>(key, value, timestamp, headers));
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("an event that waits is cut off", e);
    }
  }

  /** The ordinal in what {@link #bytes} wrote; 0 in anything else. */
  static long ordinal(byte[] stored) {
    return isReadable(stored) ? ByteBuffer.wrap(stored).getLong(1) : 0;
  }

  /** What those before it took, in what {@link #bytes} wrote; 0 in anything else. */
  static long bytesBefore(byte[] stored) {
    return isReadable(stored) && stored[0] == FORM
        ? ByteBuffer.wrap(stored).getLong(FIXED_WITHOUT_BYTES)
        : 0;
  }

  /** The time of receipt in what {@link #bytes} wrote; 0 in anything else. */
  static long receivedAt(byte[] stored) {
    return isReadable(stored) ? ByteBuffer.wrap(stored).getLong(1 + 2 * Long.BYTES) : 0;
  }

  private static boolean isReadable(byte[] stored) {
    return stored.length > 0
        && (stored[0] == FORM
            ? stored.length > FIXED
            : stored[0] == WITHOUT_BYTES && stored.length > FIXED_WITHOUT_BYTES);
  }

  private static byte[] present(ByteBuffer bytes) {
    byte[] value = take(bytes);
    if (value == null) {
      throw new IllegalArgumentException("an event that waits lacks a part");
    }
    return value;
  }

  private static byte @Nullable [] take(ByteBuffer bytes) {
    int length = bytes.getInt();
    if (length == ABSENT) {
      return null;
    }
    if (length < 0 || length > bytes.remaining()) {
      throw new IllegalArgumentException("an event that waits is cut off");
    }
    byte[] value = new byte[length];
    bytes.get(value);
    return value;
  }
}
