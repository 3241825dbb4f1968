package io.penstock.ingest.config;

import java.nio.file.Path;

/** Where a secret is to be found; never the secret. */
public sealed interface SecretRef {

  /** The value of an environment variable, fixed for the life of the process. */
  record Env(String name) implements SecretRef {}

  /** The content of a file, without its last line break; read again when it changes. */
  record File(Path path) implements SecretRef {}
}
