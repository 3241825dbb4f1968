package io.penstock.ingest.config;

import io.penstock.ingest.files.RegularFile;
import io.penstock.ingest.files.UnusableException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Follows references to the values that they stand for. */
public final class References {

  /** A bundle of certificates is the largest thing that a reference leads to. */
  private static final int MAX_BYTES = 1024 * 1024;

  private References() {}

  /** A reference in a sentence. */
  public static String name(SecretRef reference) {
    return switch (reference) {
      case SecretRef.Env variable -> "environment variable " + variable.name();
      case SecretRef.File file -> "file " + file.path();
    };
  }

  /**
   * The bytes that a reference leads to; of a file without its last line break.
   *
   * @param most how many a file may have
   * @throws UnusableException if it leads nowhere; the sentence never holds a value
   */
  public static byte[] read(SecretRef reference, Map<String, String> environment, int most)
      throws UnusableException {
    return switch (reference) {
      case SecretRef.File file -> RegularFile.withoutLineBreak(RegularFile.read(file.path(), most));
      case SecretRef.Env variable -> {
        String value = environment.get(variable.name());
        if (value == null) {
          throw new UnusableException(name(reference) + " is not set", true);
        }
        yield value.getBytes(StandardCharsets.UTF_8);
      }
    };
  }

  /** The text that a reference leads to, not blank. */
  static String follow(SecretRef reference, Map<String, String> environment)
      throws UnusableException {
    try {
      String value = utf8(read(reference, environment, MAX_BYTES));
      if (value.isBlank()) {
        throw new UnusableException(name(reference) + " is empty");
      }
      return value;
    } catch (UnusableException e) {
      throw new UnusableException("the " + e.sentence(), e.isAbsent());
    } catch (CharacterCodingException e) {
      throw new UnusableException(
          "the " + name(reference) + " cannot be read: " + RegularFile.why(e));
    }
  }

  /**
   * The text of a file.
   *
   * @throws CharacterCodingException if it is not UTF-8
   */
  static String utf8(byte[] bytes) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }
}
