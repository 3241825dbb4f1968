package io.penstock.ingest.config;

import java.util.List;

/** What a sender asks before it sends deliveries, to find out whether the address is meant so. */
public sealed interface ChallengeConfig {

  /**
   * A GET with a text that is to be repeated, as of WebSub and Meta.
   *
   * @param parameter of the address, which has the text
   * @param tokenParameter of the address, which has what both sides know
   * @param tokens any of which may match
   */
  record Echo(String parameter, String tokenParameter, List<SecretRef> tokens)
      implements ChallengeConfig {
    public Echo {
      tokens = List.copyOf(tokens);
    }
  }

  /** An authentic delivery of the type {@code url_verification}, as of Slack. */
  record UrlVerification() implements ChallengeConfig {}

  /**
   * A request with a text that is to be repeated, before there is anything to authenticate it by,
   * as of Microsoft Graph.
   *
   * @param parameter of the address, which has the text
   */
  record ValidationToken(String parameter) implements ChallengeConfig {}
}
