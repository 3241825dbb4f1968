package io.penstock.ingest.source;

import io.penstock.ingest.auth.SecretList;

/** What a source's sender may ask before it sends deliveries. */
public sealed interface Challenge {

  /** Nothing: every request is a delivery. */
  Challenge NONE = new None();

  /** The name of a kind as a configuration writes it; {@code none} for none. */
  static String kind(Challenge challenge) {
    return switch (challenge) {
      case None none -> "none";
      case Echo echo -> "echo";
      case UrlVerification verification -> "url-verification";
      case ValidationToken token -> "validation-token";
    };
  }

  /** The type of {@link #NONE}. */
  record None() implements Challenge {}

  /**
   * A GET with a text that is to be repeated to the one who knows a token.
   *
   * @param parameter of the address, which has the text
   * @param tokenParameter of the address, which has the token
   * @param tokens any of which may match
   */
  record Echo(String parameter, String tokenParameter, SecretList tokens) implements Challenge {}

  /** An authentic delivery of the type {@code url_verification} with a text to be repeated. */
  record UrlVerification() implements Challenge {}

  /**
   * A GET or POST with a text that is to be repeated, without a proof.
   *
   * @param parameter of the address, which has the text
   */
  record ValidationToken(String parameter) implements Challenge {}
}
