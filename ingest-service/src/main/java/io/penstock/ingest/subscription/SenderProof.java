package io.penstock.ingest.subscription;

import io.penstock.ingest.auth.AuthMethod;
import io.penstock.ingest.auth.Place;
import io.penstock.ingest.auth.Secret;
import io.penstock.ingest.auth.SharedSecret;
import io.penstock.ingest.auth.bcrypt.Bcrypt;
import io.penstock.ingest.config.AuthSpec;
import io.penstock.ingest.config.References;
import io.penstock.ingest.config.SecretRef;
import io.penstock.ingest.files.UnusableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the provider has to send so that a source accepts it: made of the source's own
 * authentication, so that both sides agree. Of several secrets in a list it is the last one, since
 * a new secret is listed behind the old one. Its text form hides the values.
 *
 * @param urlToken the last segment of the address
 * @param basic a user and the password
 * @param bearer a token
 * @param headers other headers
 * @param query parameters of the address
 * @param hashed what the provider is to send a bcrypt hash of
 */
public record SenderProof(
    Optional<Secret> urlToken,
    Optional<Named> basic,
    Optional<Secret> bearer,
    List<Named> headers,
    List<Named> query,
    Optional<Secret> hashed) {

  /** The largest file that is taken for a secret, in bytes. */
  private static final int MOST_BYTES = 64 * 1024;

  public SenderProof {
    headers = List.copyOf(headers);
    query = List.copyOf(query);
  }

  /**
   * A secret with a name.
   *
   * @param name of a header, a parameter or a user
   */
  public record Named(String name, Secret value) {}

  /**
   * Follows the references of a source's authentication.
   *
   * @param environment the environment variables
   * @throws UnusableException if one leads nowhere; the sentence holds no value
   */
  public static SenderProof of(List<AuthSpec> auth, Map<String, String> environment)
      throws UnusableException {
    Optional<Secret> urlToken = Optional.empty();
    Optional<Named> basic = Optional.empty();
    Optional<Secret> bearer = Optional.empty();
    List<Named> headers = new ArrayList<>();
    List<Named> query = new ArrayList<>();
    Optional<Secret> hashed = Optional.empty();
    for (AuthSpec spec : auth) {
      AuthMethod method = AuthMethod.of(spec);
      if (method instanceof Bcrypt) {
        hashed = Optional.of(newest(method, environment));
      } else if (method instanceof SharedSecret shared && shared.place() != Place.BODY_FIELD) {
        Secret value = newest(method, environment);
        switch (shared.place()) {
          case URL_TOKEN -> urlToken = Optional.of(value);
          case BASIC -> basic = Optional.of(new Named(shared.name(), value));
          case BEARER -> bearer = Optional.of(value);
          case HEADER -> headers.add(new Named(shared.name(), value));
          case QUERY -> query.add(new Named(shared.name(), value));
          case BODY_FIELD -> {} // the provider has it by itself
        }
      }
    }
    return new SenderProof(urlToken, basic, bearer, headers, query, hashed);
  }

  private static Secret newest(AuthMethod method, Map<String, String> environment)
      throws UnusableException {
    SecretRef reference = method.references().getLast();
    Secret secret = secret(reference, environment);
    String complaint = method.form().complaint(secret);
    if (complaint != null) {
      throw new UnusableException(References.name(reference) + " " + complaint);
    }
    return secret;
  }

  /**
   * The value that a reference leads to.
   *
   * @throws UnusableException if it leads nowhere; the sentence holds no value
   */
  static Secret secret(SecretRef reference, Map<String, String> environment)
      throws UnusableException {
    try {
      return Secret.of(References.read(reference, environment, MOST_BYTES));
    } catch (IllegalArgumentException e) {
      throw new UnusableException(References.name(reference) + " is empty");
    }
  }

  /** All values. */
  List<Secret> secrets() {
    List<Secret> all = new ArrayList<>();
    urlToken.ifPresent(all::add);
    basic.ifPresent(named -> all.add(named.value()));
    bearer.ifPresent(all::add);
    headers.forEach(named -> all.add(named.value()));
    query.forEach(named -> all.add(named.value()));
    hashed.ifPresent(all::add);
    return all;
  }

  /** What it is made of, in words for an operator; empty where there is no proof. */
  public List<String> words() {
    List<String> words = new ArrayList<>();
    urlToken.ifPresent(value -> words.add("a token in the address"));
    basic.ifPresent(named -> words.add("basic as " + named.name()));
    bearer.ifPresent(value -> words.add("a bearer token"));
    headers.forEach(named -> words.add("the header " + named.name()));
    query.forEach(named -> words.add("the parameter " + named.name()));
    hashed.ifPresent(value -> words.add("the secret of the hash"));
    return words;
  }
}
