package io.penstock.ingest.console.live;

import java.util.List;

/**
 * What the instances say of requests and deliveries that are not in Kafka.
 *
 * @param instances how many were asked; 0 where none is known
 * @param silent the names of those that did not answer
 * @param unkept how many of them keep no refusals
 * @param refusals what the others keep, alike ones of one instance together
 * @param spools those in which deliveries wait
 */
public record Unlanded(
    int instances, List<String> silent, int unkept, List<Refused> refusals, List<Spooled> spools) {

  public Unlanded {
    silent = List.copyOf(silent);
    refusals = List.copyOf(refusals);
    spools = List.copyOf(spools);
  }

  /**
   * Requests that one instance refused, and that are alike.
   *
   * @param instance its address
   * @param source {@code unknown} where the address named none
   * @param reason its code
   * @param why the reason in words for the rightful owner
   * @param address of the client
   * @param count how many, since the instance took the first of them down
   * @param lastMillis when the last was, since 1970, by the instance's clock
   */
  public record Refused(
      String instance,
      String source,
      String reason,
      String why,
      String address,
      long count,
      long lastMillis) {

    /** What those that are alike have in common. */
    record Kind(String instance, String source, String reason, String why, String address) {}

    Kind kind() {
      return new Kind(instance, source, reason, why, address);
    }
  }

  /**
   * The spool of one instance.
   *
   * @param deliveries how many wait in it; at least 1
   */
  public record Spooled(String instance, long deliveries) {}
}
