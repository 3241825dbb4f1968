package io.penstock.ingest.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Writes lines in UTF-8, and notices when their reader has gone, as {@code head} does when it has
 * enough. For one thread.
 */
final class LineOutput {

  private static final int BUFFER = 64 * 1024;

  private final OutputStream out;
  private boolean gone;

  LineOutput(OutputStream out) {
    this.out = new BufferedOutputStream(out, BUFFER);
  }

  /** Whether nobody reads any more, as far as is known: a write that fails tells. */
  boolean isGone() {
    return gone;
  }

  /** Writes a line, which is seen after {@link #flush} at the latest. */
  void line(String line) {
    try {
      out.write(line.getBytes(UTF_8));
      out.write('\n');
    } catch (IOException e) {
      gone = true;
    }
  }

  void flush() {
    try {
      out.flush();
    } catch (IOException e) {
      gone = true;
    }
  }
}
