package io.penstock.ingest.console.live;

/** Gets what a {@link LiveFeed} meets, on the feed's thread: every method must be short. */
public interface LiveListener {

  /** One that wants nothing. */
  LiveListener NONE = new LiveListener() {};

  /** A dead letter was read. */
  default void letter() {}

  /** An event was read. */
  default void published(String eventId) {}

  /** So many deliveries have landed and are not read, since the feed was too far behind. */
  default void leftOut(long deliveries) {}

  /** Events or dead letters are not read, since the feed was too far behind, or began anew. */
  default void unread() {}

  /**
   * How many records there are that the feed has not read; about once a second.
   *
   * @param landing of the landing log
   * @param others of the providers' topics and the dead letters
   */
  default void behind(long landing, long others) {}
}
