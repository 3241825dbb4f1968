package io.penstock.ingest.ingress;

import io.vertx.core.buffer.Buffer;
import java.util.Arrays;

/**
 * Gathers a body's chunks into one array, which a body of declared and modest length fills exactly:
 * no copy is made of it.
 */
final class BodyCollector {

  /** How much is allocated on a sender's word alone. */
  private static final int TRUSTED = 64 * 1024;

  private byte[] bytes;
  private int length;

  /**
   * @param declared the declared length, or a negative number where there is none
   */
  BodyCollector(long declared) {
    this.bytes = new byte[declared < 0 ? 1024 : (int) Math.min(declared, TRUSTED)];
  }

  void add(Buffer chunk) {
    int needed = Math.addExact(length, chunk.length());
    if (needed > bytes.length) {
      bytes =
          Arrays.copyOf(
              bytes, (int) Math.max(needed, Math.min(2L * bytes.length, Integer.MAX_VALUE - 8)));
    }
    chunk.getBytes(bytes, length);
    length = needed;
  }

  /** The body; ends this collector's use. */
  byte[] body() {
    return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
  }
}
