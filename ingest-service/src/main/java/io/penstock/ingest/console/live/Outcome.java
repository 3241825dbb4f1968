package io.penstock.ingest.console.live;

import io.penstock.ingest.lookup.RecordPosition;
import java.util.Optional;

/** What became of a delivery, as far as the console has seen. */
public sealed interface Outcome {

  /** The outcome's name in addresses and in the page: lower case, with dashes. */
  String code();

  /** It is in the landing log, and the pipeline has not come to it. */
  record Waiting() implements Outcome {
    @Override
    public String code() {
      return "waiting";
    }
  }

  /** It waits, since an operator has paused its source. */
  record Paused() implements Outcome {
    @Override
    public String code() {
      return "paused";
    }
  }

  /**
   * It is an event.
   *
   * @param at in the provider's topic
   */
  record Published(RecordPosition at) implements Outcome {
    @Override
    public String code() {
      return "published";
    }
  }

  /**
   * It is a copy of an event that had been received before.
   *
   * @param first the landing record of the first; empty where the console no longer has it in
   *     memory
   */
  record Copy(Optional<RecordPosition> first) implements Outcome {
    @Override
    public String code() {
      return "copy";
    }
  }

  /**
   * The pipeline could not make an event of it.
   *
   * @param at in the dead-letter topic
   */
  record Letter(RecordPosition at, String reason) implements Outcome {
    @Override
    public String code() {
      return "dead-letter";
    }
  }

  /** The ingress refused it although it is authentic, and its sender got no 200. */
  record Refused(String reason) implements Outcome {
    @Override
    public String code() {
      return "refused";
    }
  }

  /**
   * The ingress refused the request, and it is not in Kafka.
   *
   * @param reason its code
   * @param why in words, with where the request came from
   * @param count how many requests alike the row stands for
   */
  record NotTaken(String reason, String why, long count) implements Outcome {
    @Override
    public String code() {
      return "refused";
    }
  }

  /** The pipeline has passed it, and the console did not see what it did: its page says. */
  record Passed() implements Outcome {
    @Override
    public String code() {
      return "passed";
    }
  }

  /** Whether nothing more is to come. */
  default boolean isFinal() {
    return !(this instanceof Waiting) && !(this instanceof Paused);
  }
}
