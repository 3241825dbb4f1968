package io.penstock.ledger;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * How one provider sends, by its own documentation and with code of the ledger's own. Made with
 * secrets of its own, which {@link #sourceYaml()} and {@link #environment()} tell the service. Safe
 * for use by several threads.
 */
public interface Sender {

  /** One sender of each provider, all with new secrets. */
  static List<Sender> all() {
    return all(Duration.ofMinutes(5));
  }

  /**
   * The same.
   *
   * @param tolerance how far the service lets the time of a signature be from its own, in whole
   *     seconds
   */
  static List<Sender> all(Duration tolerance) {
    return List.of(
        new MatterportSender(false),
        new SmartShapeSender(false),
        new CsmSender(),
        new Echo3dSender(),
        new MoveSender(tolerance));
  }

  /**
   * One sender of each provider, whose events are told apart by as little as their providers tell
   * them apart by: one {@code uuid} of SmartShape for events of several files, and events of
   * Matterport of one model, second and version that differ in their bodies alone.
   */
  static List<Sender> colliding() {
    return List.of(
        new MatterportSender(true),
        new SmartShapeSender(true),
        new CsmSender(),
        new Echo3dSender(),
        new MoveSender(Duration.ofMinutes(5)));
  }

  /** What precedes a delivery's id in its body, wherever the provider leaves room for it. */
  String MARK = "ledger:";

  /** The provider's name, which its topic has too. */
  String provider();

  /** The service's source for it: an item of {@code sources}. */
  String sourceYaml();

  /** The secrets that the source refers to. */
  Map<String, String> environment();

  /** What it does when it is not answered as it likes. */
  Retries retries();

  /** Whether the service can recognize a copy: only then may one be sent. */
  boolean hasIds();

  /**
   * The entity that a delivery is about.
   *
   * @param run tells apart the entities of different runs, where there is no fixed number of them
   */
  default String entity(int run, int index) {
    return provider() + "-entity-" + run + "-" + index;
  }

  /**
   * The body of a new event. No two are equal.
   *
   * @param id stands in it after {@link #MARK}
   * @param number grows from event to event
   * @param text stands in it too: what may stand between the quotation marks of a JSON text
   */
  String body(String id, String entity, long number, String text);

  /**
   * Whose events an event keeps its order with, where one thread sends events of several.
   *
   * @param entity as {@link #entity} names it
   */
  default String orderedWithin(String entity, String body) {
    return entity;
  }

  /** Where on the service it is posted to. */
  String path();

  /**
   * The headers of one attempt, but for the content type.
   *
   * @param number of the event
   * @param now by the provider's clock
   */
  default Map<String, String> headers(String body, long number, Instant now) {
    return Map.of();
  }

  /**
   * What must come out as it went in: a body without what the service is supposed to take out of
   * it. The same for the body that was sent and for the JSON that was published.
   */
  default String comparable(String json) {
    return json;
  }
}
