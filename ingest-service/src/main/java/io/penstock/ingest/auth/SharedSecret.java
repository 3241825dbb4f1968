package io.penstock.ingest.auth;

import io.penstock.ingest.config.AuthKind;
import io.penstock.ingest.config.AuthSpec;
import io.penstock.ingest.config.SecretRef;
import java.util.List;
import java.util.Optional;

/**
 * A secret whose text stands somewhere in the request.
 *
 * @param place where
 * @param name of the header, parameter, member or user; empty where the place needs none
 * @param references any of which may match
 */
public record SharedSecret(Place place, String name, List<SecretRef> references)
    implements AuthMethod {

  public SharedSecret {
    references = List.copyOf(references);
  }

  /** One in a place that needs no name. */
  public SharedSecret(Place place, List<SecretRef> references) {
    this(place, "", references);
  }

  /** The kind of authentication for one place. */
  public static AuthKind kind(Place place) {
    return new AuthKind(place.type(), place::read);
  }

  @Override
  public String type() {
    return place.type();
  }

  @Override
  public List<String> places() {
    return List.of(place.description(name));
  }

  @Override
  public String label() {
    return place == Place.BASIC ? "" : name;
  }

  @Override
  public boolean isLike(AuthSpec other) {
    return other instanceof SharedSecret secret
        && List.of(place, name).equals(List.of(secret.place, secret.name));
  }

  @Override
  public SecretForm form() {
    return place.form();
  }

  @Override
  public Authenticator authenticator(
      SecretList secrets, MatchListener listener, Resources resources) {
    return place.authenticator(name, secrets, listener);
  }

  @Override
  public boolean takesUrlToken() {
    return place == Place.URL_TOKEN;
  }

  @Override
  public Optional<String> queryParameter() {
    return place == Place.QUERY ? Optional.of(name) : Optional.empty();
  }

  @Override
  public Optional<String> bodyMember() {
    return place == Place.BODY_FIELD ? Optional.of(name) : Optional.empty();
  }

  @Override
  public String hint() {
    return place == Place.BASIC ? "username: " + name : "";
  }

  @Override
  public void addTo(SampleRequest request) {
    place.add(request, name, request.secret(references.getFirst()));
  }
}
