package io.penstock.ingest.source;

import io.penstock.ingest.auth.Authenticator;
import io.penstock.ingest.auth.BasicAuthenticator;
import io.penstock.ingest.auth.BearerAuthenticator;
import io.penstock.ingest.auth.BodyFieldAuthenticator;
import io.penstock.ingest.auth.CarriedSecret;
import io.penstock.ingest.auth.HeaderAuthenticator;
import io.penstock.ingest.auth.MatchListener;
import io.penstock.ingest.auth.QueryAuthenticator;
import io.penstock.ingest.auth.SecretForm;
import io.penstock.ingest.auth.SecretList;
import io.penstock.ingest.auth.UrlTokenAuthenticator;
import io.penstock.ingest.config.AuthSpec;
import io.penstock.ingest.auth.standardwebhooks.StandardWebhooksAuthenticator;
import io.penstock.ingest.auth.bcrypt.BcryptPool;
import io.penstock.ingest.auth.bcrypt.BcryptTokenAuthenticator;
import java.time.InstantSource;

/** Makes authenticators as configured: a new kind is one branch in each of these. */
final class AuthenticatorFactory {

  private final BcryptPool pool;
  private final InstantSource clock;

  AuthenticatorFactory(BcryptPool pool, InstantSource clock) {
    this.pool = pool;
    this.clock = clock;
  }

  /** What an authenticator's secrets must look like. */
  static SecretForm form(AuthSpec spec) {
    return switch (spec) {
      case AuthSpec.UrlToken url -> CarriedSecret.URL_TOKEN;
      case AuthSpec.Basic basic -> CarriedSecret.PASSWORD;
      case AuthSpec.Bearer bearer -> CarriedSecret.BEARER;
      case AuthSpec.Header header -> CarriedSecret.HEADER;
      case AuthSpec.Query query -> CarriedSecret.QUERY;
      case AuthSpec.BodyField field -> CarriedSecret.BODY_FIELD;
      case AuthSpec.BcryptToken bcrypt -> CarriedSecret.HASHED;
      case AuthSpec.StandardWebhooks webhooks -> StandardWebhooksAuthenticator.SECRET_FORM;
    };
  }

  /** The place of an authenticator among a source's: what may have to wait is asked last. */
  static int order(AuthSpec spec) {
    return switch (spec) {
      case AuthSpec.UrlToken url -> 0;
      case AuthSpec.Basic basic -> 0;
      case AuthSpec.Bearer bearer -> 0;
      case AuthSpec.Header header -> 0;
      case AuthSpec.Query query -> 0;
      case AuthSpec.BodyField field -> 0;
      case AuthSpec.StandardWebhooks webhooks -> 1;
      case AuthSpec.BcryptToken bcrypt -> 2;
    };
  }

  /** Makes the authenticator. */
  Authenticator create(AuthSpec spec, SecretList secrets, MatchListener listener) {
    return switch (spec) {
      case AuthSpec.UrlToken url -> new UrlTokenAuthenticator(secrets, listener);
      case AuthSpec.Basic basic -> new BasicAuthenticator(basic.username(), secrets, listener);
      case AuthSpec.Bearer bearer -> new BearerAuthenticator(secrets, listener);
      case AuthSpec.Header header -> new HeaderAuthenticator(header.name(), secrets, listener);
      case AuthSpec.Query query -> new QueryAuthenticator(query.parameter(), secrets, listener);
      case AuthSpec.BodyField field -> new BodyFieldAuthenticator(field.field(), secrets, listener);
      case AuthSpec.BcryptToken bcrypt ->
          new BcryptTokenAuthenticator(bcrypt.header(), secrets, bcrypt.maxCost(), pool, listener);
      case AuthSpec.StandardWebhooks webhooks ->
          new StandardWebhooksAuthenticator(secrets, webhooks.tolerance(), clock, listener);
    };
  }
}
