package io.penstock.ingest.pipeline;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What the store holds of the first copy of an event: 17 bytes, of which the first says in which
 * form the rest is.
 *
 * @param offset of the first copy in its partition of the landing log; negative where unknown
 * @param contentDigest the first eight bytes of the digest of its body as it was landed
 */
record Seen(long offset, long contentDigest) {

  private static final byte FORM = 1;
  private static final int BYTES = 1 + 2 * Long.BYTES;

  static Seen of(long offset, byte[] contentDigest) {
    return new Seen(offset, ByteBuffer.wrap(contentDigest).getLong());
  }

  byte[] bytes() {
    return ByteBuffer.allocate(BYTES).put(FORM).putLong(offset).putLong(contentDigest).array();
  }

  /**
   * Whether a body is another one than that of which this was stored.
   *
   * @param stored what {@link #bytes} wrote; anything else, as another version may have written it,
   *     says nothing of the body
   */
  static boolean differs(byte[] stored, byte[] contentDigest) {
    return stored.length == BYTES
        && stored[0] == FORM
        && !Arrays.equals(stored, 1 + Long.BYTES, BYTES, contentDigest, 0, Long.BYTES);
  }

  /** The offset in what {@link #bytes} wrote; negative in anything else. */
  static long offset(byte[] stored) {
    return stored.length == BYTES && stored[0] == FORM ? ByteBuffer.wrap(stored).getLong(1) : -1;
  }
}
