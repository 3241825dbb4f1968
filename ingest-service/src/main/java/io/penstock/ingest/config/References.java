package io.penstock.ingest.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;

/** Follows references to the values that they stand for. */
final class References {

  /** A bundle of certificates is the largest thing that a reference leads to. */
  private static final int MAX_BYTES = 1024 * 1024;

  /** A reference leads nowhere. The message says why, and never holds a value. */
  static final class Unresolved extends Exception {
    private static final long serialVersionUID = 1L;
    private final String reason;

    private Unresolved(String reason) {
      super(reason);
      this.reason = reason;
    }

    String reason() {
      return reason;
    }
  }

  private References() {}

  /** The value of a reference, not blank; a file's without its last line break. */
  static String follow(SecretRef reference, Map<String, String> environment) throws Unresolved {
    return switch (reference) {
      case SecretRef.Env variable -> valueOf(variable.name(), environment);
      case SecretRef.File file -> contentOf(file.path());
    };
  }

  private static String valueOf(String variable, Map<String, String> environment)
      throws Unresolved {
    String value = environment.get(variable);
    if (value == null || value.isBlank()) {
      String trouble = value == null ? " is not set" : " is empty";
      throw new Unresolved("the environment variable " + variable + trouble);
    }
    return value;
  }

  private static String contentOf(Path file) throws Unresolved {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      // Above all not a pipe, which would hold up whoever opens it.
      throw new Unresolved("the file " + file + " is not a regular file");
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new Unresolved("the file " + file + " is larger than " + Units.format(MAX_BYTES));
      }
      String value = withoutLastLineBreak(utf8(bytes));
      if (value.isBlank()) {
        throw new Unresolved("the file " + file + " is empty");
      }
      return value;
    } catch (IOException e) {
      throw new Unresolved("the file " + file + " cannot be read: " + why(e));
    }
  }

  private static String withoutLastLineBreak(String text) {
    if (text.endsWith("\r\n")) {
      return text.substring(0, text.length() - 2);
    }
    return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
  }

  /**
   * The text of a file.
   *
   * @throws CharacterCodingException if it is none
   */
  static String utf8(byte[] bytes) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }

  /** Why a file cannot be read, without the file's name, which the JDK's messages mostly are. */
  static String why(IOException e) {
    return switch (e) {
      case NoSuchFileException none -> "there is no such file";
      case AccessDeniedException denied -> "permission denied";
      case CharacterCodingException coding -> "it is not UTF-8 text";
      default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    };
  }
}
