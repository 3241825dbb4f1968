package io.penstock.ingest.auth.hmac;

import io.penstock.ingest.auth.AuthMethod;
import io.penstock.ingest.auth.Authenticator;
import io.penstock.ingest.auth.MatchListener;
import io.penstock.ingest.auth.SampleRequest;
import io.penstock.ingest.auth.Secret;
import io.penstock.ingest.auth.SecretForm;
import io.penstock.ingest.auth.SecretList;
import io.penstock.ingest.config.AuthKind;
import io.penstock.ingest.config.AuthSpec;
import io.penstock.ingest.config.SecretRef;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A signature by HMAC in a header.
 *
 * @param references any of which may match
 * @param scheme how the sender signs
 * @param allowed how far the time of a signature may be from this machine's, before or after; null
 *     where a signature has no time
 */
public record Hmac(List<SecretRef> references, Scheme scheme, @Nullable Duration allowed)
    implements AuthMethod {

  /** The {@code type} that selects it. */
  static final String TYPE = "hmac";

  /** How it is configured. */
  public static final AuthKind KIND = new AuthKind(TYPE, HmacSettings::read);

  /**
   * In the way of a sender that signs no address, with the usual tolerance.
   *
   * @param preset its name in the file
   * @throws IllegalArgumentException if there is no such preset, or its sender signs an address
   */
  public static Hmac of(String preset, List<SecretRef> references) {
    Preset known = Preset.valueOf(preset.toUpperCase(Locale.ROOT));
    Scheme scheme = known.scheme();
    return new Hmac(
        references,
        scheme,
        scheme.timestamp() instanceof Timestamp.None ? null : Duration.ofMinutes(5));
  }

  public Hmac {
    references = List.copyOf(references);
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public List<String> places() {
    return List.of("the header " + scheme.header());
  }

  @Override
  public String label() {
    return scheme.header();
  }

  /** Another that reads the same header in the same way. */
  @Override
  public boolean isLike(AuthSpec other) {
    return other instanceof Hmac hmac && scheme.equals(hmac.scheme);
  }

  /** Where the header is a list, a sender may sign with several secrets. */
  @Override
  public boolean takesSeveralProofs() {
    return scheme.isList();
  }

  @Override
  public @Nullable Duration tolerance() {
    return allowed;
  }

  @Override
  public SecretForm form() {
    return SigningKey.FORM;
  }

  /** A signature is computed over the whole body. */
  @Override
  public int order() {
    return 1;
  }

  @Override
  public Authenticator authenticator(
      SecretList secrets, MatchListener listener, Resources resources) {
    return new HmacAuthenticator(secrets, scheme, allowed, resources.clock(), listener);
  }

  @Override
  public void addTo(SampleRequest request) {
    Secret secret = request.secret(references.getFirst());
    request.addSignature(
        (id, time, body) -> headers(secret, Long.toString(time.getEpochSecond()), body));
  }

  /** The headers by which a sender with this secret would sign a body. */
  Map<String, String> headers(Secret secret, String seconds, byte[] body) {
    byte[] signature =
        SigningKey.of(secret, scheme.algorithm()).sign(scheme.signs(), seconds, scheme.url(), body);
    String text = scheme.prefix() + scheme.encoding().write(signature);
    Map<String, String> headers = new HashMap<>();
    String value = scheme.isList() ? scheme.member() + "=" + text : text;
    switch (scheme.timestamp()) {
      case Timestamp.None none -> {}
      case Timestamp.Header header -> headers.put(header.name(), seconds);
      case Timestamp.Member member -> value = member.name() + "=" + seconds + "," + value;
    }
    headers.put(scheme.header(), value);
    return headers;
  }
}
