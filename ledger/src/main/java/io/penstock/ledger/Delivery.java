package io.penstock.ledger;

import java.util.ArrayList;
import java.util.List;

/**
 * One event, with all answers that its requests got. Safe for use by several threads.
 *
 * <p>Deliveries of one entity follow each other: the next is made when all requests of the one
 * before have ended.
 */
public final class Delivery {

  private final long number;
  private final String provider;
  private final String entity;
  private final String digest;
  private final List<Answer> answers = new ArrayList<>();

  /**
   * @param number grows from delivery to delivery of an entity
   * @param digest of the body, as {@link Sender#comparable} has it
   */
  public Delivery(long number, String provider, String entity, String digest) {
    this.number = number;
    this.provider = provider;
    this.entity = entity;
    this.digest = digest;
  }

  static String id(String provider, long number) {
    return provider + "-" + number;
  }

  /** Stands in its body, and names it in a report. */
  public String id() {
    return id(provider, number);
  }

  /** Tells the order within an entity. */
  public long number() {
    return number;
  }

  /** Whose topic it belongs into. */
  public String provider() {
    return provider;
  }

  /** Whose order it must keep. */
  public String entity() {
    return entity;
  }

  String digest() {
    return digest;
  }

  /** Notes how one request for it ended. */
  public synchronized Delivery answered(Answer answer) {
    answers.add(answer);
    return this;
  }

  /** How its requests ended, so far. */
  public synchronized List<Answer> answers() {
    return List.copyOf(answers);
  }

  /** Whether its sender believes that it has arrived. */
  public boolean isAcknowledged() {
    return answers().stream().anyMatch(Answer::isAcknowledged);
  }

  /** Whether its sender does not know. */
  public boolean isUnknown() {
    return !isAcknowledged() && answers().stream().anyMatch(Answer::mayHaveArrived);
  }
}
