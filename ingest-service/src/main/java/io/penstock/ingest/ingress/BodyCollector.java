package io.penstock.ingest.ingress;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Gathers a body's chunks: into one array where its length is trusted, otherwise into blocks that
 * are copied once, at the end. Says beforehand what it is going to hold: the length where that is
 * trusted, and twice what has come otherwise.
 */
final class BodyCollector {

  /**
   * In bytes: the least that is allocated at once, and so the most that a growing one allocates and
   * does not count. It is part of what a delivery costs beside its body.
   */
  static final int SMALLEST_BLOCK = 1024;

  private final List<byte[]> full = new ArrayList<>(0);
  private final boolean trusted;
  private byte[] block;
  private int used;
  private int length;

  private BodyCollector(int firstBlock, boolean trusted) {
    this.block = new byte[firstBlock];
    this.trusted = trusted;
  }

  /** For a body of this length, for which there is room: no copy will be made of it. */
  static BodyCollector exactly(int length) {
    return new BodyCollector(length, true);
  }

  /** For a body of unknown length, or of one that is not to be taken on its sender's word. */
  static BodyCollector growing() {
    return new BodyCollector(SMALLEST_BLOCK, false);
  }

  /**
   * How many bytes it holds in all, its result included, once it has so many more: the declared
   * length, or twice that of what has come, once in pieces and once in one.
   */
  long cost(int more) {
    long then = (long) length + more;
    return trusted && then <= block.length ? block.length : 2 * then;
  }

  /** How many bytes its pieces take. */
  long allocated() {
    return full.stream().mapToLong(piece -> piece.length).sum() + block.length;
  }

  void add(Buffer chunk) {
    int here = Math.min(chunk.length(), block.length - used);
    chunk.getBytes(0, here, block, used);
    used += here;
    length = Math.addExact(length, here);
    int rest = chunk.length() - here;
    if (rest > 0) {
      full.add(block);
      // No larger than it must be: what is allocated ahead would be held and not counted.
      block = new byte[Math.max(rest, SMALLEST_BLOCK)];
      chunk.getBytes(here, chunk.length(), block, 0);
      used = rest;
      length = Math.addExact(length, rest);
    }
  }

  /** The body; ends this collector's use. */
  byte[] body() {
    if (full.isEmpty()) {
      return used == block.length ? block : Arrays.copyOf(block, used);
    }
    byte[] body = new byte[length];
    int at = 0;
    for (byte[] each : full) {
      System.arraycopy(each, 0, body, at, each.length);
      at += each.length;
    }
    System.arraycopy(block, 0, body, at, used);
    return body;
  }
}
