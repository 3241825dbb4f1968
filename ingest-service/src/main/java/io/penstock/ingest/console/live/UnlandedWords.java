package io.penstock.ingest.console.live;

import java.util.Locale;

/** What the page says, in a line above the table, of what is not in Kafka. */
final class UnlandedWords {

  /** How many silent instances are named. */
  private static final int MOST_NAMES = 3;

  private UnlandedWords() {}

  /** Sentences; empty where there is nothing to say. */
  static String of(Unlanded seen) {
    if (seen.instances() == 0) {
      return "Refusals and spools are not shown: console.instances names no instance.";
    }
    StringBuilder words = new StringBuilder();
    long waiting = seen.spools().stream().mapToLong(Unlanded.Spooled::deliveries).sum();
    if (waiting > 0) {
      words
          .append("▮ ")
          .append(grouped(waiting))
          .append(waiting == 1 ? " delivery waits" : " deliveries wait")
          .append(" in the ")
          .append(
              seen.spools().size() == 1
                  ? "spool of " + seen.spools().getFirst().instance()
                  : "spools of " + seen.spools().size() + " instances")
          .append(waiting == 1 ? ". It is" : ". They are")
          .append(" not in Kafka yet, and shown here once landed. ");
    }
    if (!seen.silent().isEmpty()) {
      words
          .append(seen.silent().size() == 1 ? "The instance " : "The instances ")
          .append(
              String.join(
                  ", ", seen.silent().subList(0, Math.min(MOST_NAMES, seen.silent().size()))))
          .append(seen.silent().size() > MOST_NAMES ? " and others" : "")
          .append(seen.silent().size() == 1 ? " does" : " do")
          .append(" not answer: refusals and spools there are not known. ");
    }
    if (seen.unkept() > 0) {
      words.append("Refusals are only counted: http.refusals-kept is 0. ");
    }
    return words.toString().strip();
  }

  private static String grouped(long number) {
    return String.format(Locale.ROOT, "%,d", number).replace(',', '\u202f');
  }
}
