package io.penstock.ingest.config;

import org.jspecify.annotations.Nullable;

/**
 * Something about a configuration that its operator has to know. Never contains a value that could
 * be a secret.
 *
 * @param path the setting, as {@code sources[1].auth[0].secrets[0]}; empty for the file as a whole
 * @param line in the file, from 1; null where the file has no such line, as for a value that an
 *     environment variable gives
 * @param message what is wrong and what would be right; names the variable where one gave the value
 */
public record Problem(String path, @Nullable Integer line, String message) {

  /** One line for people: {@code sources[1].name: is required (line 12)}. */
  @Override
  public String toString() {
    return (path.isEmpty() ? "" : path + ": ")
        + message
        + (line == null ? "" : " (line " + line + ")");
  }
}
