package io.penstock.ingest.auth;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.config.Section;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/** Where in a request the text of a shared secret stands. */
public enum Place {

  /** An unguessable last segment of the address, for senders that can do nothing else. */
  URL_TOKEN("url-token", "tokens", CarriedSecret.URL_TOKEN, "the last segment of the address") {
    @Override
    Authenticator authenticator(String name, SecretList secrets, MatchListener listener) {
      return new HeadAuthenticator(secrets, listener, Authenticator.CHALLENGE) {
        @Override
        public Verdict screen(RequestHead head) {
          String token = head.urlToken();
          return compare((token == null ? "" : token).getBytes(UTF_8));
        }
      };
    }

    @Override
    void add(SampleRequest request, String name, Secret secret) {
      request.addSegment(secret);
    }
  },

  /** {@code Authorization: Basic} (RFC 7617) with a user's name, both as the bytes of UTF-8. */
  BASIC("basic", "passwords", CarriedSecret.PASSWORD, "the header authorization") {
    @Override
    String readName(Section section) {
      return section
          .required("username")
          .matching(USERNAME, "must be 1 to 255 characters, without a colon", "");
    }

    @Override
    Authenticator authenticator(String name, SecretList secrets, MatchListener listener) {
      return new BasicAuthenticator(name, secrets, listener);
    }

    @Override
    void add(SampleRequest request, String name, Secret secret) {
      String user = new String(name.getBytes(UTF_8), ISO_8859_1);
      String both = user + ":" + secret.compute(Place::chars);
      request.addHeader(
          AUTHORIZATION, "Basic " + Base64.getEncoder().encodeToString(both.getBytes(ISO_8859_1)));
    }
  },

  /** {@code Authorization: Bearer TOKEN} (RFC 6750). */
  BEARER("bearer", "tokens", CarriedSecret.BEARER, "the header authorization") {
    @Override
    Authenticator authenticator(String name, SecretList secrets, MatchListener listener) {
      // RFC 6750, section 3, without an error: all that fail are told the same.
      return new HeadAuthenticator(secrets, listener, "Bearer realm=\"penstock\"") {
        @Override
        public Verdict screen(RequestHead head) {
          return compare(authorization(head, "Bearer"));
        }
      };
    }

    @Override
    void add(SampleRequest request, String name, Secret secret) {
      request.addHeader(AUTHORIZATION, "Bearer " + secret.compute(Place::chars));
    }
  },

  /** A header, which must stand there once. */
  HEADER("header", "values", CarriedSecret.HEADER, "the header ") {
    @Override
    String readName(Section section) {
      return HeaderName.read(section.required("name"), "");
    }

    @Override
    Authenticator authenticator(String name, SecretList secrets, MatchListener listener) {
      return new HeadAuthenticator(secrets, listener, Authenticator.CHALLENGE) {
        @Override
        public Verdict screen(RequestHead head) {
          return compare(only(head, name));
        }
      };
    }

    @Override
    void add(SampleRequest request, String name, Secret secret) {
      request.addHeader(name, secret.compute(Place::chars));
    }
  },

  /** A parameter of the address's query, which must stand there once. */
  QUERY("query", "values", CarriedSecret.QUERY, "the parameter ") {
    @Override
    String readName(Section section) {
      return section
          .required("parameter")
          .matching(PARAMETER, "must be 1 to 100 visible characters, not encoded", "");
    }

    @Override
    Authenticator authenticator(String name, SecretList secrets, MatchListener listener) {
      return new HeadAuthenticator(secrets, listener, Authenticator.CHALLENGE) {
        @Override
        public Verdict screen(RequestHead head) {
          List<String> values = head.queries(name);
          return compare((values.size() == 1 ? values.getFirst() : "").getBytes(UTF_8));
        }
      };
    }

    @Override
    void add(SampleRequest request, String name, Secret secret) {
      request.addQuery(name, secret);
    }
  },

  /** A string at the root of the JSON body, for providers that send a key of theirs along. */
  BODY_FIELD("body-field", "values", CarriedSecret.BODY_FIELD, "the member ") {
    @Override
    String readName(Section section) {
      return section
          .required("field")
          .matching(FIELD, "must be the name of a member at the root, without dots", "");
    }

    @Override
    Authenticator authenticator(String name, SecretList secrets, MatchListener listener) {
      return new BodyFieldAuthenticator(name, secrets, listener);
    }

    @Override
    void add(SampleRequest request, String name, Secret secret) {
      request.addBodyField(name, secret);
    }
  };

  private static final String AUTHORIZATION = "authorization";

  /** RFC 7617, section 2. */
  private static final Pattern USERNAME = Pattern.compile("(?=.*\\S)[^:\\p{Cntrl}]{1,255}");

  private static final Pattern PARAMETER = Pattern.compile("[\\x21-\\x7E]{1,100}");
  private static final Pattern FIELD = Pattern.compile("[^.\\p{Cntrl}]{1,100}");

  private final String type;
  private final String secretsKey;
  private final CarriedSecret form;
  private final String description;

  Place(String type, String secretsKey, CarriedSecret form, String description) {
    this.type = type;
    this.secretsKey = secretsKey;
    this.form = form;
    this.description = description;
  }

  /** The {@code type} that selects it in the file. */
  public String type() {
    return type;
  }

  /** The key of the list of secrets in the file. */
  String secretsKey() {
    return secretsKey;
  }

  /** What the text must look like. */
  CarriedSecret form() {
    return form;
  }

  /** It in words, such as "the header x-key". */
  String description(String name) {
    return description.endsWith(" ") ? description + name : description;
  }

  /** Reads the name from the file; empty where the place needs none. */
  String readName(Section section) {
    return "";
  }

  /** What compares the text with every entry of a list. */
  abstract Authenticator authenticator(String name, SecretList secrets, MatchListener listener);

  /** Adds a secret to a sample. */
  abstract void add(SampleRequest request, String name, Secret secret);

  /** A char for each byte, as headers are written. */
  private static String chars(byte[] bytes) {
    return new String(bytes, ISO_8859_1);
  }
}
