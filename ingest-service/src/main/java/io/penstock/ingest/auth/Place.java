package io.penstock.ingest.auth;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.config.Section;
import java.util.Base64;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Where in a request the text of a shared secret stands. */
@SuppressWarnings("ImmutableEnumChecker") // the functions have no state
public enum Place {

  /** An unguessable last segment of the address, for senders that can do nothing else. */
  URL_TOKEN(
      "url-token",
      "tokens",
      CarriedSecret.URL_TOKEN,
      "the last segment of the address",
      section -> "",
      (name, secrets, listener) -> HeadAuthenticator.ofUrlToken(secrets, listener),
      (request, name, secret) -> request.addSegment(secret)),

  /** {@code Authorization: Basic} (RFC 7617) with a user's name, both as the bytes of UTF-8. */
  BASIC(
      "basic",
      "passwords",
      CarriedSecret.PASSWORD,
      "the header authorization",
      section ->
          section
              .required("username")
              .matching(Names.USERNAME, "must be 1 to 255 characters, without a colon", ""),
      BasicAuthenticator::new,
      (request, name, secret) ->
          request.addHeader(
              "authorization",
              "Basic "
                  + Base64.getEncoder()
                      .encodeToString(
                          (new String((name + ":").getBytes(UTF_8), ISO_8859_1) + chars(secret))
                              .getBytes(ISO_8859_1)))),

  /** {@code Authorization: Bearer TOKEN} (RFC 6750). */
  BEARER(
      "bearer",
      "tokens",
      CarriedSecret.BEARER,
      "the header authorization",
      section -> "",
      (name, secrets, listener) -> new BearerAuthenticator(secrets, listener),
      (request, name, secret) -> request.addHeader("authorization", "Bearer " + chars(secret))),

  /** A header, which must stand there once. */
  HEADER(
      "header",
      "values",
      CarriedSecret.HEADER,
      "the header ",
      section -> HeaderName.read(section.required("name"), ""),
      HeadAuthenticator::ofHeader,
      (request, name, secret) -> request.addHeader(name, chars(secret))),

  /** A parameter of the address's query, which must stand there once. */
  QUERY(
      "query",
      "values",
      CarriedSecret.QUERY,
      "the parameter ",
      section ->
          section
              .required("parameter")
              .matching(Names.PARAMETER, "must be 1 to 100 visible characters, not encoded", ""),
      HeadAuthenticator::ofQuery,
      SampleRequest::addQuery),

  /** A string at the root of the JSON body, for providers that send a key of theirs along. */
  BODY_FIELD(
      "body-field",
      "values",
      CarriedSecret.BODY_FIELD,
      "the member ",
      section ->
          section
              .required("field")
              .matching(Names.FIELD, "must be the name of a member at the root, without dots", ""),
      BodyFieldAuthenticator::new,
      SampleRequest::addBodyField);

  private static final class Names {
    /** RFC 7617, section 2. */
    static final Pattern USERNAME = Pattern.compile("(?=.*\\S)[^:\\p{Cntrl}]{1,255}");

    static final Pattern PARAMETER = Pattern.compile("[\\x21-\\x7E]{1,100}");
    static final Pattern FIELD = Pattern.compile("[^.\\p{Cntrl}]{1,100}");
  }

  private interface Factory {
    Authenticator make(String name, SecretList secrets, MatchListener listener);
  }

  private interface SampleWriter {
    void add(SampleRequest request, String name, Secret secret);
  }

  private final String type;
  private final String secretsKey;
  private final CarriedSecret form;
  private final String description;
  private final Function<Section, String> nameReader;
  private final Factory factory;
  private final SampleWriter sample;

  Place(
      String type,
      String secretsKey,
      CarriedSecret form,
      String description,
      Function<Section, String> nameReader,
      Factory factory,
      SampleWriter sample) {
    this.type = type;
    this.secretsKey = secretsKey;
    this.form = form;
    this.description = description;
    this.nameReader = nameReader;
    this.factory = factory;
    this.sample = sample;
  }

  /** The {@code type} that selects it in the file. */
  public String type() {
    return type;
  }

  /** What the text must look like. */
  CarriedSecret form() {
    return form;
  }

  /** It in words, such as "the header x-key". */
  String description(String name) {
    return description.endsWith(" ") ? description + name : description;
  }

  /** Reads its keys. */
  SharedSecret read(Section section) {
    return new SharedSecret(this, nameReader.apply(section), section.secrets(secretsKey));
  }

  /** What compares the text with every entry of a list. */
  Authenticator authenticator(String name, SecretList secrets, MatchListener listener) {
    return factory.make(name, secrets, listener);
  }

  /** Adds a secret to a sample. */
  void add(SampleRequest request, String name, Secret secret) {
    sample.add(request, name, secret);
  }

  /** A char for each byte, as headers are written. */
  private static String chars(Secret secret) {
    return secret.compute(bytes -> new String(bytes, ISO_8859_1));
  }
}
