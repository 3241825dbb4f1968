package io.penstock.ingest.sample;

import io.penstock.ingest.auth.AuthMethod;
import io.penstock.ingest.auth.SampleRequest;
import io.penstock.ingest.auth.Secret;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.SecretRef;
import io.penstock.ingest.json.JsonScan;
import io.vertx.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What a request must carry to be authenticated. Made from the first secret of each list; hidden by
 * {@link #toString}.
 *
 * @param pathSuffix what follows the source's name in the address, encoded; empty where nothing
 *     does
 * @param headers by their lower-case names
 * @param bodyFields strings at the root of the body
 * @param signatures make more headers of each delivery: see {@link #headersFor}
 * @param suffice whether deliveries can be made: only the provider can sign for a public key
 */
public record SampleCredentials(
    String pathSuffix,
    Map<String, String> headers,
    Map<String, String> bodyFields,
    List<SampleRequest.Signature> signatures,
    boolean suffice) {

  public SampleCredentials {
    headers = Map.copyOf(headers);
    signatures = List.copyOf(signatures);
    bodyFields = Map.copyOf(bodyFields);
  }

  /**
   * Makes those for one source.
   *
   * @param secrets resolves a reference
   * @param random makes salts
   */
  public static SampleCredentials of(
      Configuration.SourceConfig source, Function<SecretRef, Secret> secrets, SecureRandom random) {
    Gathering gathering = new Gathering(secrets, random);
    source.auth().forEach(spec -> AuthMethod.of(spec).addTo(gathering));
    return gathering.credentials();
  }

  /** What the methods of a source have added so far. */
  private static final class Gathering implements SampleRequest {

    private final Function<SecretRef, Secret> secrets;
    private final SecureRandom random;
    private final StringBuilder path = new StringBuilder();
    private final StringBuilder query = new StringBuilder();
    private final Map<String, String> headers = new HashMap<>();
    private final Map<String, String> bodyFields = new HashMap<>();
    private final List<Signature> signatures = new ArrayList<>();
    private boolean suffice = true;

    Gathering(Function<SecretRef, Secret> secrets, SecureRandom random) {
      this.secrets = secrets;
      this.random = random;
    }

    SampleCredentials credentials() {
      return new SampleCredentials(
          path.append(query).toString(), headers, bodyFields, signatures, suffice);
    }

    @Override
    public Secret secret(SecretRef reference) {
      return secrets.apply(reference);
    }

    @Override
    public SecureRandom random() {
      return random;
    }

    @Override
    public void addSegment(Secret token) {
      path.append('/').append(token.compute(SampleCredentials::percentEncoded));
    }

    @Override
    public void addQuery(String name, Secret value) {
      query
          .append(query.isEmpty() ? '?' : '&')
          .append(percentEncoded(name.getBytes(StandardCharsets.UTF_8)))
          .append('=')
          .append(value.compute(SampleCredentials::percentEncoded));
    }

    @Override
    public void addHeader(String name, String value) {
      headers.put(name, value);
    }

    @Override
    public void addBodyField(String name, Secret value) {
      bodyFields.put(name, value.compute(bytes -> new String(bytes, StandardCharsets.UTF_8)));
    }

    @Override
    public void addSignature(Signature signature) {
      signatures.add(signature);
    }

    @Override
    public void cannotBeMade() {
      suffice = false;
    }
  }

  /**
   * All headers of one delivery: those that go with any, and its signatures.
   *
   * @param messageId what the signatures call it
   * @param now when they are made
   */
  public Map<String, String> headersFor(String messageId, Instant now, byte[] body) {
    Map<String, String> all = new HashMap<>(headers);
    for (SampleRequest.Signature signature : signatures) {
      all.putAll(signature.headers(messageId, now, body));
    }
    return all;
  }

  /**
   * A sample with the fields that it must have.
   *
   * @param sample a JSON object; not changed
   */
  byte[] body(byte[] sample) {
    byte[] body = sample;
    for (Map.Entry<String, String> field : bodyFields.entrySet()) {
      body = withField(body, field.getKey(), quoted(field.getValue()));
    }
    return body;
  }

  private static byte[] withField(byte[] body, String name, String value) {
    String text = new String(body, StandardCharsets.ISO_8859_1); // a char for each byte
    String bytes = new String(value.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    if (JsonScan.of(name).scan(body) instanceof JsonScan.Members members
        && members.kind(name) != null) {
      text = text.substring(0, members.start(name)) + bytes + text.substring(members.end(name));
    } else {
      int start = text.indexOf('{') + 1;
      boolean isEmpty = text.substring(start).strip().equals("}");
      String member =
          new String(
              (quoted(name) + ":").getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
      text =
          text.substring(0, start) + member + bytes + (isEmpty ? "" : ",") + text.substring(start);
    }
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String quoted(String text) {
    return Json.encode(text);
  }

  /** One path segment, with everything encoded that RFC 3986 does not call unreserved. */
  private static String percentEncoded(byte[] bytes) {
    StringBuilder encoded = new StringBuilder(bytes.length);
    for (char c : new String(bytes, StandardCharsets.ISO_8859_1).toCharArray()) {
      boolean unreserved =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || "-._~".indexOf(c) >= 0;
      if (unreserved) {
        encoded.append(c);
      } else {
        encoded.append('%');
        encoded.append(Character.toUpperCase(Character.forDigit(c >> 4, 16)));
        encoded.append(Character.toUpperCase(Character.forDigit(c & 0xf, 16)));
      }
    }
    return encoded.toString();
  }

  @Override
  public String toString() {
    return "SampleCredentials[redacted]";
  }
}
