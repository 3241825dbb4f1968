package io.penstock.ingest.auth.standardwebhooks;

import io.penstock.ingest.auth.AuthMethod;
import io.penstock.ingest.auth.Authenticator;
import io.penstock.ingest.auth.MatchListener;
import io.penstock.ingest.auth.SampleRequest;
import io.penstock.ingest.auth.SecretForm;
import io.penstock.ingest.auth.SecretList;
import io.penstock.ingest.config.AuthKind;
import io.penstock.ingest.config.SecretRef;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * A signature over the request's id, time and body, as Standard Webhooks and Svix make it.
 *
 * @param references any of which may match
 * @param tolerance how far the time of the signature may be from this machine's, before or after
 */
public record StandardWebhooks(List<SecretRef> references, Duration tolerance)
    implements AuthMethod {

  private static final String TYPE = "standard-webhooks";

  /** How it is configured. */
  public static final AuthKind KIND =
      new AuthKind(
          TYPE,
          section ->
              new StandardWebhooks(
                  section.secrets("secrets"),
                  section
                      .value("tolerance")
                      .duration(
                          Duration.ofSeconds(1), Duration.ofHours(1), Duration.ofMinutes(5))));

  public StandardWebhooks {
    references = List.copyOf(references);
  }

  @Override
  public String type() {
    return TYPE;
  }

  /** What a signature needs, and changes with each delivery. */
  @Override
  public List<String> places() {
    return Stream.of(SignedHead.SVIX, SignedHead.STANDARD)
        .flatMap(
            set ->
                Stream.of(SignedHead.ID, SignedHead.SIGNATURE, SignedHead.TIMESTAMP)
                    .map(name -> "the header " + set + name))
        .toList();
  }

  @Override
  public boolean takesSeveralProofs() {
    return true;
  }

  @Override
  public SecretForm form() {
    return StandardWebhooksAuthenticator.SECRET_FORM;
  }

  /** A signature is computed over the whole body. */
  @Override
  public int order() {
    return 1;
  }

  @Override
  public Authenticator authenticator(
      SecretList secrets, MatchListener listener, Resources resources) {
    return new StandardWebhooksAuthenticator(secrets, tolerance, resources.clock(), listener);
  }

  @Override
  public void addTo(SampleRequest request) {
    references.stream()
        .map(request::secret)
        .filter(StandardWebhooksSignature::canSign)
        .findFirst()
        .ifPresentOrElse(
            secret ->
                request.addSignature(
                    (id, time, body) ->
                        StandardWebhooksSignature.headers(secret, id, time, body).orElseThrow()),
            request::cannotBeMade);
  }
}
