package io.penstock.ingest.config;

import java.util.List;

/**
 * The rules of a source of the generic provider: where its sender writes what every event has.
 *
 * @param type where the name of the event's type stands: the first place that has one; empty: all
 *     events have the type {@value #ONLY_TYPE}
 * @param id what tells an event from another, and is the same in all its copies
 * @param entity what keeps its order
 * @param time where the time stands at which it happened; empty: nowhere
 * @param headers the request headers that are published with the event, by their lower-case names
 */
public record WebhookConfig(
    List<ValuePlace> type, Id id, Entity entity, List<ValuePlace> time, List<String> headers) {

  /** The type of all events of a source without a place for it. */
  public static final String ONLY_TYPE = "event";

  /** For a sender of which nothing is known: copies are equal to the byte. */
  public static final WebhookConfig DEFAULT =
      new WebhookConfig(List.of(), new Id.Digest(), new Entity.OfEvent(), List.of(), List.of());

  public WebhookConfig {
    type = List.copyOf(type);
    time = List.copyOf(time);
    headers = List.copyOf(headers);
  }

  /** Where in a request a value stands. */
  public sealed interface ValuePlace {

    /**
     * In the body.
     *
     * @param path a JSON Pointer (RFC 6901)
     */
    record Pointer(String path) implements ValuePlace {}

    /**
     * In a header.
     *
     * @param name in lower case
     */
    record Header(String name) implements ValuePlace {}
  }

  /** What identifies an event. */
  public sealed interface Id {

    /** The sender's own id: the first place that has one. A delivery without one is no event. */
    record At(List<ValuePlace> places) implements Id {
      public At {
        places = List.copyOf(places);
      }
    }

    /** A digest of the body: retries repeat every byte. */
    record Digest() implements Id {}

    /** Nothing: each delivery is an event. */
    record None() implements Id {}
  }

  /** What an event is about; all copies of an event must say the same. */
  public sealed interface Entity {

    /** What some place has: the first that has a value. Where none has, the event is on its own. */
    record At(List<ValuePlace> places) implements Entity {
      public At {
        places = List.copyOf(places);
      }
    }

    /** Each event is on its own: events have no order among them. */
    record OfEvent() implements Entity {}

    /** All events of the topic keep one order, in one partition. */
    record All() implements Entity {}
  }
}
