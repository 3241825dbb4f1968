package io.penstock.ingest.console.live;

/** A place in a topic, such as that of a landing record, which names a delivery. */
public record Position(String topic, int partition, long offset) {

  /** The address of the delivery's page, if this is a place in the landing log. */
  public String path() {
    return "/deliveries/" + topic + "/" + partition + "/" + offset;
  }

  /** As {@code TOPIC/PARTITION@OFFSET}. */
  @Override
  public String toString() {
    return topic + "/" + partition + "@" + offset;
  }
}
