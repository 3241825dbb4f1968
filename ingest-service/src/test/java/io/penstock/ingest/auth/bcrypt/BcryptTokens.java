package io.penstock.ingest.auth.bcrypt;

import io.penstock.ingest.auth.FakeHead;
import io.penstock.ingest.auth.Secret;
import java.security.SecureRandom;

/** Tokens, real and made up, and the heads that carry them. */
final class BcryptTokens {

  static final String HEADER = "x-smartshape-token";

  private static final SecureRandom RANDOM = new SecureRandom();

  private BcryptTokens() {}

  /** A hash of the secret, as cheap as can be. */
  static String of(Secret secret) {
    return BcryptHash.token(secret, 4, RANDOM);
  }

  /** Something of the right form, different for every number. */
  static String lookalike(int cost, int number) {
    return "$2b$%02d$%053d".formatted(cost, number);
  }

  static FakeHead head(String... tokens) {
    return FakeHead.withHeader(HEADER, tokens);
  }
}
