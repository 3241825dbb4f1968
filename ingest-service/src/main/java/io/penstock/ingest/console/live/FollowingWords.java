package io.penstock.ingest.console.live;

import java.util.Locale;

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
    if (following instanceof Following.Behind behind) {
      return "The console is "
          + String.format(Locale.ROOT, "%,d", behind.records()).replace(',', '\u202f')
          + " records behind the end of the topics: what is shown is late.";
    }
    return following instanceof Following.Starting
        ? "The console reads the newest deliveries."
        : "";
  }
}
