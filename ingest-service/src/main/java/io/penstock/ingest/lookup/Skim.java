package io.penstock.ingest.lookup;

import java.nio.ByteBuffer;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.zip.CRC32C;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Passes over whole batches of records that have an id nowhere, without making records of them:
 * making one costs several microseconds, a look at its bytes a fraction of one.
 *
 * <p>Kafka's client hands a record's key out as a part of the buffer that it received, in which the
 * record's batch, and those behind it, stand as the broker stores them (the format of batches is
 * part of Kafka's protocol, version 2: https://kafka.apache.org/documentation/#recordbatch). A
 * batch is passed over only if it was recognized there by its first offset, its form and its
 * checksum, and if it is not compressed. In any other case, whatever a later client does, nothing
 * is passed over, and each record is looked at. For the one thread that reads.
 */
final class Skim {

  private static final int LENGTH = 8;

  /** Behind the first offset and the length. */
  private static final int BEHIND_LENGTH = 12;

  private static final int MAGIC = 16;
  private static final int CHECKSUM = 17;
  private static final int ATTRIBUTES = 21;
  private static final int LAST_OFFSET_DELTA = 23;

  /** Where the first record begins. */
  private static final int RECORDS = 61;

  /** What stands before a key in a record: five numbers of variable length. */
  private static final int LEAST_BEFORE_KEY = 5;

  private static final int MOST_BEFORE_KEY = 26;

  /** In the attributes: how the batch is compressed. */
  private static final int COMPRESSION = 7;

  private final IdentityHashMap<byte[], KeyPlace> places = new IdentityHashMap<>();
  private final CRC32C checksum = new CRC32C();

  /** Where a key was received: all that was received with it, and the place of the key in that. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record KeyPlace(byte[] received, int key) {

    /** The same bytes, as numbers. */
    ByteBuffer numbers() {
      return ByteBuffer.wrap(received);
    }
  }

  /** A key was received in this buffer. */
  void received(byte[] key, ByteBuffer data) {
    if (data.hasArray()) {
      places.put(key, new KeyPlace(data.array(), data.arrayOffset() + data.position()));
    }
  }

  /** The records that were received so far were handed out. */
  void clear() {
    places.clear();
  }

  /**
   * Offsets of records that have the id nowhere.
   *
   * @param from the first of them
   * @param until the first behind them
   */
  record Passed(long from, long until) {

    /** None. */
    static final Passed NONE = new Passed(0, 0);

    boolean contains(long offset) {
      return offset >= from && offset < until;
    }
  }

  /**
   * Looks at what was received together with some records and behind them.
   *
   * @param records of one partition, in their order, as one call has given them
   */
  Passed passes(List<ConsumerRecord<byte[], byte[]>> records, IdMatch match) {
    for (ConsumerRecord<byte[], byte[]> record : records) {
      KeyPlace place = record.key() == null ? null : places.get(record.key());
      int at = place == null ? -1 : start(place, record.offset());
      if (place != null && at >= 0) {
        long until = passes(place, at, record.offset(), match);
        if (until > record.offset()) {
          return new Passed(record.offset(), until);
        }
      }
    }
    return Passed.NONE;
  }

  /** Where the batch may begin whose first record has this key; -1 where none does. */
  private static int start(KeyPlace place, long offset) {
    ByteBuffer received = place.numbers();
    for (int before = LEAST_BEFORE_KEY; before <= MOST_BEFORE_KEY; before++) {
      int at = place.key() - before - RECORDS;
      if (at >= 0 && received.getLong(at) == offset && received.get(at + MAGIC) == 2) {
        return at;
      }
    }
    return -1;
  }

  /**
   * Where a batch ends that begins here; -1 where none does.
   *
   * @param offset which it has at least
   */
  private int end(KeyPlace place, ByteBuffer received, int at, long offset) {
    if (at + RECORDS > received.limit()
        || received.get(at + MAGIC) != 2
        || received.getLong(at) < offset) {
      return -1;
    }
    long end = (long) at + BEHIND_LENGTH + received.getInt(at + LENGTH);
    if (end < at + RECORDS || end > received.limit()) {
      return -1; // the last one of a response may be cut off
    }
    checksum.reset();
    checksum.update(place.received(), at + ATTRIBUTES, (int) end - at - ATTRIBUTES);
    return (int) checksum.getValue() == received.getInt(at + CHECKSUM) ? (int) end : -1;
  }

  private long passes(KeyPlace place, int start, long offset, IdMatch match) {
    ByteBuffer received = place.numbers();
    long passed = offset;
    int at = start;
    int end = end(place, received, at, passed);
    if (end < place.key()) {
      return offset; // it is not the batch of this record
    }
    while (end > 0
        && (received.getShort(at + ATTRIBUTES) & COMPRESSION) == 0
        && !match.isIn(place.received(), at, end)) {
      passed = received.getLong(at) + received.getInt(at + LAST_OFFSET_DELTA) + 1;
      at = end;
      end = end(place, received, at, passed);
    }
    return passed;
  }
}
