package io.penstock.ingest.registry;

import java.io.IOException;
import java.io.UncheckedIOException;

/** The registry does not answer, so the next value would fail in the same way. */
public final class RegistryUnavailableException extends UncheckedIOException {

  private static final long serialVersionUID = 1;

  RegistryUnavailableException(Exception cause) {
    super(
        "the registry does not answer: "
            + SchemaIds.withoutCredentials(String.valueOf(cause.getMessage())),
        new IOException(cause));
  }
}
