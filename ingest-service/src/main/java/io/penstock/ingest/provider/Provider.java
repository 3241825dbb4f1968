package io.penstock.ingest.provider;

import java.util.List;
import org.apache.avro.Schema;

/**
 * One provider of webhooks: the rules that turn its requests into events.
 *
 * <p>Implementations are stateless and safe for use by any number of threads at once. They never
 * throw for anything that a body contains: what they cannot read is a value of {@link
 * Identification} or {@link Decoding}.
 */
public interface Provider {

  /**
   * The name by which configuration selects this provider, and the last part of its topic's name:
   * lower case letters and digits, starting with a letter.
   */
  String name();

  /**
   * The Avro schema of the values in this provider's topic, as registered: without properties of
   * one language.
   */
  Schema schema();

  /**
   * Reads the few fields that tell one event from another. Called on an event loop, for authentic
   * bodies only: costs one pass over the bytes and needs no other state.
   *
   * @param body the exact bytes received
   */
  Identification identify(byte[] body);

  /**
   * Turns a body that {@link #identify} has accepted (perhaps an older version of it: landing
   * records outlive releases) into the provider's event record.
   *
   * @param body the exact bytes received
   */
  Decoding decode(byte[] body);

  /**
   * Sample deliveries, at least one. The first is one that the provider publishes, and the one that
   * {@code dev} sends.
   */
  List<Sample> samples();
}
