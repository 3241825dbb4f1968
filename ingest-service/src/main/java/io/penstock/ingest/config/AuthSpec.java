package io.penstock.ingest.config;

import java.time.Duration;
import java.util.List;

/** One way in which a source proves who sends, as configured. */
public sealed interface AuthSpec {

  /** The {@code type} that selects it in the file. */
  String type();

  /** Where its secrets are to be found, any of which may match. */
  default List<SecretRef> references() {
    return switch (this) {
      case UrlToken url -> url.tokens();
      case Basic basic -> basic.passwords();
      case Bearer bearer -> bearer.tokens();
      case Header header -> header.values();
      case Query query -> query.values();
      case BodyField field -> field.values();
      case BcryptToken bcrypt -> bcrypt.secrets();
      case StandardWebhooks webhooks -> webhooks.secrets();
    };
  }

  /**
   * An unguessable last segment of the address, for senders that can do nothing else.
   *
   * @param tokens any of which may match
   */
  record UrlToken(List<SecretRef> tokens) implements AuthSpec {
    public UrlToken {
      tokens = List.copyOf(tokens);
    }

    @Override
    public String type() {
      return "url-token";
    }
  }

  /**
   * {@code Authorization: Basic} with a name and a password.
   *
   * @param username not empty, and without a colon
   * @param passwords any of which may match
   */
  record Basic(String username, List<SecretRef> passwords) implements AuthSpec {
    public Basic {
      passwords = List.copyOf(passwords);
    }

    @Override
    public String type() {
      return "basic";
    }
  }

  /**
   * {@code Authorization: Bearer} with a token.
   *
   * @param tokens any of which may match
   */
  record Bearer(List<SecretRef> tokens) implements AuthSpec {
    public Bearer {
      tokens = List.copyOf(tokens);
    }

    @Override
    public String type() {
      return "bearer";
    }
  }

  /**
   * A header with a value that nobody else knows.
   *
   * @param name in lower case
   * @param values any of which may match
   */
  record Header(String name, List<SecretRef> values) implements AuthSpec {
    public Header {
      values = List.copyOf(values);
    }

    @Override
    public String type() {
      return "header";
    }
  }

  /**
   * A parameter of the address's query with a value that nobody else knows.
   *
   * @param parameter its name, decoded
   * @param values any of which may match
   */
  record Query(String parameter, List<SecretRef> values) implements AuthSpec {
    public Query {
      values = List.copyOf(values);
    }

    @Override
    public String type() {
      return "query";
    }
  }

  /**
   * A string at the root of the JSON body that nobody else knows.
   *
   * @param field the member's name, without dots
   * @param values any of which may match
   */
  record BodyField(String field, List<SecretRef> values) implements AuthSpec {
    public BodyField {
      values = List.copyOf(values);
    }

    @Override
    public String type() {
      return "body-field";
    }
  }

  /**
   * A header that holds the bcrypt hash of a shared secret.
   *
   * @param header its name, in lower case
   * @param secrets any of which may match
   * @param maxCost the highest cost parameter that is computed: 4 to 16; each step doubles what one
   *     request can cost
   */
  record BcryptToken(String header, List<SecretRef> secrets, int maxCost) implements AuthSpec {
    public BcryptToken {
      secrets = List.copyOf(secrets);
    }

    @Override
    public String type() {
      return "bcrypt-token";
    }
  }

  /**
   * A signature over the request's id, time and body, as Standard Webhooks and Svix make it.
   *
   * @param secrets any of which may match
   * @param tolerance how far the time of the signature may be from ours, either way
   */
  record StandardWebhooks(List<SecretRef> secrets, Duration tolerance) implements AuthSpec {
    public StandardWebhooks {
      secrets = List.copyOf(secrets);
    }

    @Override
    public String type() {
      return "standard-webhooks";
    }
  }
}
