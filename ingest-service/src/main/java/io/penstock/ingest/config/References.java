package io.penstock.ingest.config;

import io.penstock.ingest.files.RegularFile;
import io.penstock.ingest.files.UnusableException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/** Follows references to the values that they stand for. */
final class References {

  /** A bundle of certificates is the largest thing that a reference leads to. */
  private static final int MAX_BYTES = 1024 * 1024;

  private References() {}

  /**
   * The value of a reference, not blank; a file's without its last line break.
   *
   * @throws UnusableException if it leads nowhere; the sentence never holds a value
   */
  static String follow(SecretRef reference, Map<String, String> environment)
      throws UnusableException {
    return switch (reference) {
      case SecretRef.Env variable -> {
        String name = "the environment variable " + variable.name();
        String value = environment.get(variable.name());
        if (value == null) {
          throw new UnusableException(name + " is not set", true);
        }
        yield notBlank(name, value);
      }
      case SecretRef.File file -> notBlank("the file " + file.path(), contentOf(file.path()));
    };
  }

  private static String contentOf(Path file) throws UnusableException {
    try {
      return utf8(RegularFile.withoutLineBreak(RegularFile.read(file, MAX_BYTES)));
    } catch (CharacterCodingException e) {
      throw new UnusableException("the file " + file + " cannot be read: " + RegularFile.why(e));
    } catch (UnusableException e) {
      throw new UnusableException("the " + e.sentence(), e.isAbsent());
    }
  }

  private static String notBlank(String name, String value) throws UnusableException {
    if (value.isBlank()) {
      throw new UnusableException(name + " is empty");
    }
    return value;
  }

  /**
   * The text of a file.
   *
   * @throws CharacterCodingException if it is none
   */
  static String utf8(byte[] bytes) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }
}
