package io.penstock.ingest.json;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** A copy of a body in which some bytes are replaced, from its first byte to its last. */
final class RedactedCopy {

  /** ASCII's SUBSTITUTE. */
  static final byte UNREADABLE = 0x1A;

  private final byte[] body;
  private final ByteArrayOutputStream out;
  private int copied;
  private boolean changed;

  /**
   * Starts a copy.
   *
   * @param growth how many bytes larger than the body the copy may become
   */
  RedactedCopy(byte[] body, int growth) {
    this.body = body;
    this.out = new ByteArrayOutputStream(body.length + growth);
  }

  /** Some bytes of the body as text. */
  String original(int start, int end) {
    return new String(body, start, end - start, StandardCharsets.UTF_8);
  }

  /**
   * Replaces some bytes, which must be behind those that were replaced before.
   *
   * @param value ASCII
   */
  void replace(int start, int end, String value) {
    out.write(body, copied, start - copied);
    out.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
    copied = end;
    changed = true;
  }

  /** The finished copy; the body itself if nothing was replaced. */
  byte[] whole() {
    if (!changed) {
      return body;
    }
    out.write(body, copied, body.length - copied);
    return out.toByteArray();
  }

  /** The finished copy, with every byte from a place on masked that is not structure. */
  byte[] masked(int from) {
    int start = Math.max(from, copied);
    out.write(body, copied, start - copied);
    for (int i = start; i < body.length; i++) {
      boolean isPlain = " \t\r\n{}[]:,\"".indexOf(body[i]) >= 0;
      out.write(isPlain ? body[i] : UNREADABLE);
    }
    return out.toByteArray();
  }
}
