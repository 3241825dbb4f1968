package io.penstock.ingest.source;

import io.penstock.ingest.auth.Place;
import io.penstock.ingest.auth.SharedSecret;
import io.penstock.ingest.auth.bcrypt.Bcrypt;
import io.penstock.ingest.auth.hmac.Hmac;
import io.penstock.ingest.auth.standardwebhooks.StandardWebhooks;
import io.penstock.ingest.config.AuthKind;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** The kinds of authentication that a configuration may name: the registration of each. */
public final class AuthKinds {

  /** All of them. A new kind is one line here. */
  public static final List<AuthKind> ALL =
      Stream.concat(
              Arrays.stream(Place.values()).map(SharedSecret::kind),
              Stream.of(
                  Bcrypt.KIND, //
                  StandardWebhooks.KIND,
                  Hmac.KIND))
          .toList();

  private AuthKinds() {}
}
