package io.penstock.ingest.ingress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledHeapByteBuf;
import java.util.concurrent.atomic.AtomicLong;

/** Buffers that count how many of their bytes are looked at. Bytes that are copied do not count. */
final class CountedBytes extends AbstractByteBufAllocator {

  private final AtomicLong looks = new AtomicLong();

  CountedBytes() {
    super(false);
  }

  long looks() {
    return looks.get();
  }

  ByteBuf of(String text) {
    ByteBuf bytes = heapBuffer(text.length());
    bytes.writeBytes(text.getBytes(ISO_8859_1));
    return bytes;
  }

  @Override
  protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
    return new Counted(initialCapacity, maxCapacity);
  }

  @Override
  protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
    return new Counted(initialCapacity, maxCapacity);
  }

  @Override
  public boolean isDirectBufferPooled() {
    return false;
  }

  private final class Counted extends UnpooledHeapByteBuf {

    Counted(int initialCapacity, int maxCapacity) {
      super(CountedBytes.this, initialCapacity, maxCapacity);
    }

    @Override
    protected byte _getByte(int index) {
      looks.incrementAndGet();
      return super._getByte(index);
    }

    @Override
    public byte getByte(int index) {
      looks.incrementAndGet();
      return super.getByte(index);
    }

    @Override
    protected long _getLong(int index) {
      looks.addAndGet(8);
      return super._getLong(index);
    }

    @Override
    protected long _getLongLE(int index) {
      looks.addAndGet(8);
      return super._getLongLE(index);
    }

    @Override
    protected int _getInt(int index) {
      looks.addAndGet(4);
      return super._getInt(index);
    }

    @Override
    protected int _getIntLE(int index) {
      looks.addAndGet(4);
      return super._getIntLE(index);
    }
  }
}
