package io.penstock.ingest.provider;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
   * How long a delivery may wait for its answer after it has arrived, unless the operator
   * configures another time: somewhat less than the provider's own timeout. Four seconds if that is
   * not documented, because the shortest documented one is five.
   */
  default Duration acknowledgementDeadline() {
    return Duration.ofSeconds(4);
  }

  /**
   * The request headers that this provider's rules read, by lower-case name: kept with the delivery
   * in the landing log. None may contain a credential.
   */
  default List<String> headers() {
    return List.of();
  }

  /**
   * Headers, by lower-case name, of the answer to an authentic delivery that is refused and kept as
   * a dead letter, because no retry can succeed. For senders that stop their retries when they get
   * such a header.
   */
  default Map<String, String> headersOfFinalRefusals() {
    return Map.of();
  }

  /**
   * Reads the few fields that tell one event from another. Called for authentic requests only, on
   * an event loop unless the body is large: costs one pass over the bytes and needs no other state.
   *
   * @param body the exact bytes received; not to be changed
   * @param headers those of {@link #headers} that the request had
   */
  Identification identify(byte[] body, Map<String, String> headers);

  /**
   * Takes credentials out of a body before it is written anywhere. Called after {@link #identify},
   * whatever its result, on the same thread.
   *
   * @param body the exact bytes received; not to be changed
   * @return the same array where there is nothing to take out; never more than {@value
   *     io.penstock.ingest.json.JsonRedaction#MAX_GROWTH} bytes larger than the body, for which the
   *     limits of landing log and topics have room; well-formed exactly where the body is
   */
  default byte[] redact(byte[] body) {
    return body;
  }

  /** The members at a body's root that {@link #redact} takes out, by the provider's names. */
  default Set<String> credentialMembers() {
    return Set.of();
  }

  /**
   * Turns a body that {@link #identify} has accepted (perhaps an older version of it: landing
   * records outlive releases) into the provider's event record.
   *
   * @param body the exact bytes of the landing record
   * @param headers those of {@link #headers} that the request had
   */
  Decoding decode(byte[] body, Map<String, String> headers);

  /** How its events tell whether a model can be used; empty where they do not. */
  default Optional<ModelReadiness> modelReadiness() {
    return Optional.empty();
  }

  /**
   * Sample deliveries, at least one. The first is one that the provider publishes, and the one that
   * {@code dev} sends.
   */
  List<Sample> samples();
}
