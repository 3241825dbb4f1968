package io.penstock.ingest.registry;

import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The registry does not answer, or refuses, so the next value would fail in the same way. */
public final class RegistryUnavailableException extends UncheckedIOException {

  private static final long serialVersionUID = 1;

  RegistryUnavailableException(Exception cause) {
    super(
        (cause instanceof RestClientException
                ? "the registry refuses: "
                : "the registry does not answer: ")
            + SchemaIds.withoutCredentials(String.valueOf(cause.getMessage())),
        new IOException(cause));
  }
}
