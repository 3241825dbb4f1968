package io.penstock.ingest.console.live;

/** What the page says of whether the console sees what lands. */
final class FollowingWords {

  private FollowingWords() {}

  /** A sentence; empty where all is well. */
  static String of(Following following) {
    if (following instanceof Following.Broken broken) {
      return "The console cannot read from Kafka ("
          + broken.why()
          + ") since "
          + java.time.Instant.ofEpochMilli(broken.sinceMillis())
          + ". It tries again by itself; deliveries are taken in all the same.";
    }
    return following instanceof Following.Starting
        ? "The console reads the newest deliveries."
        : "";
  }
}
