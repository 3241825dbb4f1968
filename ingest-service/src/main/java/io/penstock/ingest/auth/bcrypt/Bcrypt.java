package io.penstock.ingest.auth.bcrypt;

import io.penstock.ingest.auth.AuthMethod;
import io.penstock.ingest.auth.Authenticator;
import io.penstock.ingest.auth.CarriedSecret;
import io.penstock.ingest.auth.HeaderName;
import io.penstock.ingest.auth.MatchListener;
import io.penstock.ingest.auth.SampleRequest;
import io.penstock.ingest.auth.SecretForm;
import io.penstock.ingest.auth.SecretList;
import io.penstock.ingest.config.AuthKind;
import io.penstock.ingest.config.SecretRef;
import java.util.List;

/**
 * A header that holds the bcrypt hash of a shared secret.
 *
 * @param header its name, in lower case
 * @param references any of which may match
 * @param maxCost the highest cost parameter that is computed: 4 to 16; each step doubles what one
 *     request can cost
 */
public record Bcrypt(String header, List<SecretRef> references, int maxCost) implements AuthMethod {

  private static final String TYPE = "bcrypt-token";

  /** Enough for development. */
  private static final int SAMPLE_COST = 10;

  /** How it is configured. */
  public static final AuthKind KIND =
      new AuthKind(
          TYPE,
          section ->
              new Bcrypt(
                  HeaderName.read(section.value("header"), "x-smartshape-token"),
                  section.secrets("secrets"),
                  section.value("max-cost").integer(4, 16, 12)));

  public Bcrypt {
    references = List.copyOf(references);
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public List<String> places() {
    return List.of("the header " + header);
  }

  @Override
  public String label() {
    return header;
  }

  @Override
  public SecretForm form() {
    return CarriedSecret.HASHED;
  }

  /** A token may have to wait for its hash: last of all. */
  @Override
  public int order() {
    return 2;
  }

  @Override
  public Authenticator authenticator(
      SecretList secrets, MatchListener listener, Resources resources) {
    return new BcryptTokenAuthenticator(header, secrets, maxCost, resources.slowWork(), listener);
  }

  @Override
  public void addTo(SampleRequest request) {
    request.addHeader(
        header,
        BcryptHash.token(
            request.secret(references.getFirst()),
            Math.min(SAMPLE_COST, maxCost),
            request.random()));
  }
}
