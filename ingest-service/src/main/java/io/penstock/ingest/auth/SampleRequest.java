package io.penstock.ingest.auth;

import io.penstock.ingest.config.SecretRef;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Map;

/** A request that is made up for development and tests, and is to pass a source's methods. */
public interface SampleRequest {

  /** The value that a reference leads to. */
  Secret secret(SecretRef reference);

  /** Makes salts. */
  SecureRandom random();

  /** Adds a segment to the address. */
  void addSegment(Secret token);

  /** Adds a parameter to the address. */
  void addQuery(String name, Secret value);

  /**
   * Adds a header.
   *
   * @param name in lower case
   * @param value a char for each byte
   */
  void addHeader(String name, String value);

  /** Adds a member at the body's root. */
  void addBodyField(String name, Secret value);

  /** Adds headers that depend on the delivery. */
  void addSignature(Signature signature);

  /** Says that no request can be made, since only the provider has the key. */
  void cannotBeMade();

  /** Signs deliveries. */
  @FunctionalInterface
  interface Signature {

    /**
     * The headers of one delivery, by their lower-case names.
     *
     * @param messageId visible ASCII without a dot
     */
    Map<String, String> headers(String messageId, Instant time, byte[] body);
  }
}
