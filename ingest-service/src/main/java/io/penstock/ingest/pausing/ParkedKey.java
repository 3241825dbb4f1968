package io.penstock.ingest.pausing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The keys of the store in which events of paused sources wait, and of its changelog: the source's
 * name, a zero and the offset of the landing record. The store's partition is that of the landing
 * log. So a source's keys are in the order in which its events wait.
 */
public final class ParkedKey {

  private static final int BEHIND_NAME = 1 + Long.BYTES;

  private ParkedKey() {}

  /** The key of an event. */
  public static byte[] of(String source, long offset) {
    byte[] name = source.getBytes(UTF_8);
    return ByteBuffer.allocate(name.length + BEHIND_NAME)
        .put(name)
        .put((byte) 0)
        .putLong(offset)
        .array();
  }

  /** Whether a key is one of a source's events. */
  public static boolean isOf(String source, byte[] key) {
    byte[] name = source.getBytes(UTF_8);
    return key.length == name.length + BEHIND_NAME
        && key[name.length] == 0
        && Arrays.equals(key, 0, name.length, name, 0, name.length);
  }

  /** The name of a key's source. */
  public static String source(byte[] key) {
    return new String(Arrays.copyOf(key, key.length - BEHIND_NAME), UTF_8);
  }

  /** The offset in a key. */
  public static long offset(byte[] key) {
    return ByteBuffer.wrap(key).getLong(key.length - Long.BYTES);
  }
}
