package io.penstock.localstack;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The end of a log file, for messages. */
final class LogTail {

  private static final int MAX_BYTES = 8 * 1024;

  private LogTail() {}

  /** At most the last 8 KiB, in whole lines; a note of why if the file cannot be read. */
  static String of(Path log) {
    try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
      long skipped = Math.max(0, file.length() - MAX_BYTES);
      byte[] bytes = new byte[(int) (file.length() - skipped)];
      file.seek(skipped);
      file.readFully(bytes);
      String end = new String(bytes, StandardCharsets.UTF_8);
      return skipped == 0 ? end : end.substring(end.indexOf('\n') + 1);
    } catch (IOException e) {
      return "(unreadable: " + e + ")";
    }
  }
}
