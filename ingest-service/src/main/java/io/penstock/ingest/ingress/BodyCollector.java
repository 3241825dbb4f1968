package io.penstock.ingest.ingress;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Gathers a body's chunks: into one array where its length is trusted, otherwise into blocks that
 * are copied once, at the end. Says beforehand what it is going to allocate.
 */
final class BodyCollector {

  /** In bytes. */
  static final int LARGEST_BLOCK = 64 * 1024;

  private static final int FIRST_BLOCK = 1024;

  private final List<byte[]> full = new ArrayList<>(0);
  private byte[] block;
  private int used;
  private int length;
  private long allocated;

  private BodyCollector(int firstBlock) {
    block = new byte[firstBlock];
    allocated = firstBlock;
  }

  /** For a body of this length, for which there is room: no copy will be made of it. */
  static BodyCollector exactly(int length) {
    return new BodyCollector(length);
  }

  /** For a body of unknown length, or of one that is not to be taken on its sender's word. */
  static BodyCollector growing() {
    return new BodyCollector(FIRST_BLOCK);
  }

  /** How many bytes it has allocated in all, its result included, once it has so many more. */
  long cost(int more) {
    int free = block.length - used;
    boolean isOneArray = full.isEmpty() && more == free;
    long result = isOneArray || isToBeFilled(more) ? 0 : (long) length + more;
    return allocated + (more > free ? nextBlock(more - free) : 0) + result;
  }

  /** The first block of a trusted length is the result itself, when it is full. */
  private boolean isToBeFilled(int more) {
    return full.isEmpty() && block.length != FIRST_BLOCK && used + more <= block.length;
  }

  private int nextBlock(int atLeast) {
    return (int) Math.max(atLeast, Math.min(allocated, LARGEST_BLOCK));
  }

  void add(Buffer chunk) {
    int here = Math.min(chunk.length(), block.length - used);
    chunk.getBytes(0, here, block, used);
    used += here;
    length = Math.addExact(length, here);
    int rest = chunk.length() - here;
    if (rest > 0) {
      full.add(block);
      block = new byte[nextBlock(rest)];
      allocated += block.length;
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
