package io.penstock.ingest.auth.hmac;

import java.util.Locale;

/** Where the time of a signature stands. */
sealed interface Timestamp {

  /** What the text of a place in a header begins with. */
  String IN_HEADER = "header:";

  /** What the text of a place in a member begins with. */
  String IN_MEMBER = "member:";

  /** The place that a text names: {@code header:NAME}, {@code member:NAME}, or nothing. */
  static Timestamp of(String text) {
    if (text.startsWith(IN_HEADER)) {
      return new Header(text.substring(IN_HEADER.length()).toLowerCase(Locale.ROOT));
    }
    return text.startsWith(IN_MEMBER) ? new Member(text.substring(IN_MEMBER.length())) : new None();
  }

  /** Nowhere: a captured request can be sent again at any time. */
  record None() implements Timestamp {}

  /**
   * In a header of its own.
   *
   * @param name in lower case
   */
  record Header(String name) implements Timestamp {}

  /** In a member of the signature's header, such as the {@code t} of {@code t=1,v1=…}. */
  record Member(String name) implements Timestamp {}
}
