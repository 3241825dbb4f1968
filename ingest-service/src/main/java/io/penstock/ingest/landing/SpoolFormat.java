package io.penstock.ingest.landing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * A delivery as bytes: version 1, the CRC32C of all other bytes, the entity key, the headers as the
 * landing log has them, the body. Lengths and the checksum are big-endian integers.
 */
final class SpoolFormat {

  private static final byte VERSION = 1;
  private static final int PREFIX = 1 + Integer.BYTES;

  private SpoolFormat() {}

  /** Bytes that are no delivery, or none that this version can read. */
  static final class UnreadableException extends Exception {
    private static final long serialVersionUID = 1;

    UnreadableException(String message) {
      super(message);
    }
  }

  static byte[] encode(LandingRecord record) {
    List<byte[]> texts = new ArrayList<>();
    texts.add(record.key().getBytes(UTF_8));
    LandingHeaders.write(
        record,
        (name, value) -> {
          texts.add(name.getBytes(UTF_8));
          texts.add(value.getBytes(UTF_8));
        });
    int size = PREFIX + Integer.BYTES + record.body().length;
    for (byte[] text : texts) {
      size = Math.addExact(size, Integer.BYTES + text.length);
    }
    ByteBuffer bytes = ByteBuffer.allocate(size).position(PREFIX).putInt(texts.size() / 2);
    for (byte[] text : texts) {
      bytes.putInt(text.length).put(text);
    }
    bytes.put(record.body());
    return bytes.put(0, VERSION).putInt(1, checksum(bytes.array())).array();
  }

  /** An upper bound for the bytes that a delivery takes, without encoding it. */
  static long estimate(LandingRecord record) {
    long[] size = {PREFIX + 2 * Integer.BYTES + 3L * record.key().length() + record.body().length};
    LandingHeaders.write(
        record,
        (name, value) ->
            size[0] += 2 * Integer.BYTES + 3L * ((long) name.length() + value.length()));
    return size[0];
  }

  static LandingRecord decode(byte[] value) throws UnreadableException {
    if (!isIntact(value)) {
      throw new UnreadableException("damaged");
    }
    if (value[0] != VERSION) {
      throw new UnreadableException("written in version " + value[0] + " of the format");
    }
    try {
      ByteBuffer bytes = ByteBuffer.wrap(value).position(PREFIX);
      int headers = bytes.getInt();
      byte[] key = text(bytes);
      RecordHeaders read = new RecordHeaders();
      for (int i = 0; i < headers; i++) {
        read.add(new String(text(bytes), UTF_8), text(bytes));
      }
      byte[] body = new byte[bytes.remaining()];
      bytes.get(body);
      return LandingHeaders.read(key, body, read);
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new UnreadableException("not a delivery: " + e.getMessage());
    }
  }

  /** Whether the bytes are as they were written, by whatever version. */
  static boolean isIntact(byte[] value) {
    return value.length >= PREFIX && ByteBuffer.wrap(value).getInt(1) == checksum(value);
  }

  private static byte[] text(ByteBuffer bytes) {
    int length = bytes.getInt();
    if (length < 0 || length > bytes.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] text = new byte[length];
    bytes.get(text);
    return text;
  }

  private static int checksum(byte[] value) {
    CRC32C checksum = new CRC32C();
    checksum.update(value, 0, 1);
    checksum.update(value, PREFIX, value.length - PREFIX);
    return (int) checksum.getValue();
  }
}
