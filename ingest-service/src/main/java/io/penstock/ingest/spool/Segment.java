package io.penstock.ingest.spool;

import java.nio.file.Path;

/**
 * A file with the values of one lane from a number on. Safe for use by any number of threads; the
 * writer alone changes it.
 */
final class Segment {

  private static final String ENDING = ".seg";

  private final Path path;
  private final long first;
  private final long salt;

  /** Set before {@link #end}, read after it: what is below the end is below the length. */
  private volatile long length;

  private volatile long end;

  /** Whether what is missing in it was reported, and could not be replaced by a gap. */
  private volatile boolean reported;

  /**
   * A segment that is on the disk.
   *
   * @param first the number of its first value
   * @param end the number behind its last value
   * @param length how many of its bytes hold these, its header included
   */
  Segment(Path path, long first, long salt, long end, long length) {
    this.path = path;
    this.first = first;
    this.salt = salt;
    this.length = length;
    this.end = end;
  }

  /** The name of a segment that begins with a number. */
  static String name(long first) {
    return "%019d".formatted(first) + ENDING;
  }

  static boolean isSegment(Path file) {
    return String.valueOf(file.getFileName()).matches("\\d{19}\\" + ENDING);
  }

  static long first(Path file) {
    String name = String.valueOf(file.getFileName());
    return Long.parseLong(name.substring(0, name.length() - ENDING.length()));
  }

  Path path() {
    return path;
  }

  long first() {
    return first;
  }

  long salt() {
    return salt;
  }

  long end() {
    return end;
  }

  long length() {
    return length;
  }

  boolean isReported() {
    return reported;
  }

  void report() {
    reported = true;
  }

  /** More of it is on the disk. */
  void grow(long newEnd, long newLength) {
    length = newLength;
    end = newEnd;
  }
}
