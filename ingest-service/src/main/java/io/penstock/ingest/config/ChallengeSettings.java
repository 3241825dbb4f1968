package io.penstock.ingest.config;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the section {@code challenge} of a source. */
final class ChallengeSettings {

  private static final List<String> TYPES = List.of("echo", "url-verification", "validation-token");

  private static final Pattern PARAMETER = Pattern.compile("[\\x21-\\x7E]{1,100}");

  private static final int LEAST_TOKEN_BYTES = 8;

  private ChallengeSettings() {}

  /** Reads what the sender asks; null where it asks nothing. */
  static @Nullable ChallengeConfig read(Section challenge) {
    Value type = challenge.value("type");
    if (!challenge.isGiven() && !type.isPresent()) {
      challenge.toleratesUnknownKeys();
      return null;
    }
    if (!type.isPresent()) {
      challenge.required("type");
    }
    return switch (type.oneOf(TYPES, "type", "")) {
      case "echo" -> {
        List<SecretRef> tokens = challenge.secrets("tokens");
        challenge.noteSecrets(LEAST_TOKEN_BYTES);
        yield new ChallengeConfig.Echo(
            parameter(challenge, "parameter", "hub.challenge"),
            parameter(challenge, "token-parameter", "hub.verify_token"),
            tokens);
      }
      case "validation-token" ->
          new ChallengeConfig.ValidationToken(parameter(challenge, "parameter", "validationToken"));
      case "url-verification" -> new ChallengeConfig.UrlVerification();
      default -> {
        challenge.toleratesUnknownKeys();
        yield null;
      }
    };
  }

  private static String parameter(Section challenge, String key, String fallback) {
    return challenge
        .value(key)
        .matching(PARAMETER, "must be 1 to 100 visible characters, not encoded", fallback);
  }
}
