package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;

/** Settings with a source of Move's beside the usual ones: {@code captures}. */
final class MoveSettings {

  static final String SECRET =
      "whsec_" + Base64.getEncoder().encodeToString("a-key-of-twenty-four-b..".getBytes(UTF_8));

  private static final String USUAL = "auth: [{type: url-token, tokens: [{env: CSM_URL_TOKEN}]}]";

  private MoveSettings() {}

  static Settings of(Stack stack) {
    return of(stack, "{env: MOVE_SECRET}").with("MOVE_SECRET", SECRET);
  }

  /**
   * @param secrets references, with commas between
   */
  static Settings of(Stack stack, String secrets) {
    return Settings.of(stack)
        .withText(
            USUAL,
            USUAL
                + "\n  - name: captures"
                + "\n    provider: move"
                + "\n    auth: [{type: standard-webhooks, secrets: ["
                + secrets
                + "]}]");
  }

  static String topic(Settings settings) {
    return settings.prefix() + ".move";
  }
}
