package io.penstock.ingest.ingress;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.TooLongHttpHeaderException;

/**
 * How far the lines of one connection's requests have been looked at, so that each byte is looked
 * at a few times at most, however a request is cut into segments. Lives on one event loop.
 */
final class HeadScan {

  private final int longestLine;
  private boolean afterRequestLine;
  private boolean folded;
  private int headers;

  /** How many bytes of a line that has not ended yet have been looked at. */
  private int scanned;

  /**
   * @param longestLine in bytes: a longer one is decoded without its end, to be refused
   */
  HeadScan(int longestLine) {
    this.longestLine = longestLine;
  }

  /** Forgets the request that has been decoded. */
  void reset() {
    afterRequestLine = false;
    folded = false;
    headers = 0;
  }

  /** The request line has been decoded. */
  void requestLine() {
    afterRequestLine = true;
  }

  /** A header is decoded. */
  void header() {
    if (++headers > HeadRules.MAX_HEADERS) {
      throw new TooLongHttpHeaderException("more than " + HeadRules.MAX_HEADERS + " headers");
    }
  }

  /** So many bytes of an unended line are left, and have been looked at. */
  void left(int bytes) {
    scanned = bytes;
  }

  /** Whether a line has ended, or is too long; looks at new bytes alone. */
  boolean hasWholeLine(ByteBuf in) {
    int feed = in.indexOf(in.readerIndex() + scanned, in.writerIndex(), (byte) '\n');
    if (feed < 0 && in.readableBytes() <= longestLine) {
      scanned = in.readableBytes();
      return false;
    }
    return true;
  }

  /** Whether a line of this head began with a space, so far. */
  boolean isFolded() {
    return folded;
  }

  /** Looks for a line that begins with a space in what has come, which begins with a line. */
  void lookForFoldedLine(ByteBuf in) {
    folded |= hasFoldedLine(in);
  }

  private boolean hasFoldedLine(ByteBuf in) {
    int end = in.writerIndex();
    boolean first = !afterRequestLine;
    for (int line = in.readerIndex(); line < end; ) {
      byte start = in.getByte(line);
      if (!first && (start == ' ' || start == '\t')) {
        return true;
      }
      if (!first && (start == '\r' || start == '\n')) {
        return false; // the head's end
      }
      // Before a request line there may be empty ones.
      first &= start == '\r' || start == '\n';
      int feed = in.indexOf(line, end, (byte) '\n');
      line = feed < 0 ? end : feed + 1;
    }
    return false;
  }
}
