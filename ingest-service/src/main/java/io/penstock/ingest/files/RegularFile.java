package io.penstock.ingest.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

/** Reads a small file whole. Any thread; waits for the disk. */
public final class RegularFile {

  private static final int KIB = 1024;
  private static final int MIB = 1024 * KIB;

  private RegularFile() {}

  /**
   * The bytes of a file.
   *
   * @param most how many it may have
   * @throws UnusableException if it has more, cannot be read, or is something else than a regular
   *     file. A pipe in particular would block its reader for ever
   */
  public static byte[] read(Path file, int most) throws UnusableException {
    try {
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        throw new UnusableException("file " + file + " is not a regular file");
      }
      try (InputStream in = Files.newInputStream(file)) {
        byte[] bytes = in.readNBytes(most + 1);
        if (bytes.length > most) {
          Arrays.fill(bytes, (byte) 0);
          String size = most % MIB == 0 ? most / MIB + "MiB" : most / KIB + "KiB";
          throw new UnusableException("file " + file + " is larger than " + size);
        }
        return bytes;
      }
    } catch (IOException e) {
      throw new UnusableException("file " + file + " cannot be read: " + why(e), true);
    }
  }

  /** A copy without the last line break, which editors add. */
  public static byte[] withoutLineBreak(byte[] bytes) {
    int length = bytes.length;
    if (length > 0 && bytes[length - 1] == '\n') {
      length--;
      if (length > 0 && bytes[length - 1] == '\r') {
        length--;
      }
    }
    return Arrays.copyOf(bytes, length);
  }

  /** Why a file cannot be read, without the file's name, which the JDK's messages often are. */
  public static String why(IOException e) {
    return switch (e) {
      case NoSuchFileException none -> "there is no such file";
      case AccessDeniedException denied -> "permission denied";
      case CharacterCodingException coding -> "it is not UTF-8 text";
      default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    };
  }
}
