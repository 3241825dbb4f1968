package io.penstock.ingest.dev;

import io.penstock.ingest.auth.Secret;
import io.penstock.ingest.config.AuthSpec;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.SecretRef;
import io.penstock.ingest.json.JsonScan;
import io.penstock.ingest.auth.standardwebhooks.StandardWebhooksSignature;
import io.penstock.ingest.auth.bcrypt.BcryptHash;
import io.vertx.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What a request must carry to pass as authentic. Made from the first secret of each list; shown to
 * nobody by {@link #toString}.
 *
 * @param pathSuffix what follows the source's name in the address, encoded; empty where nothing
 *     does
 * @param headers by their lower-case names
 * @param bodyFields strings at the root of the body
 * @param signing the secrets that sign each delivery; their headers are made by {@link #headersFor}
 */
public record SampleCredentials(
    String pathSuffix,
    Map<String, String> headers,
    Map<String, String> bodyFields,
    List<Secret> signing) {

  private static final int COST = 10;

  public SampleCredentials {
    headers = Map.copyOf(headers);
    signing = List.copyOf(signing);
    bodyFields = Map.copyOf(bodyFields);
  }

  /**
   * Makes those for one source.
   *
   * @param secrets resolves a reference
   * @param random makes salts
   */
  public static SampleCredentials of(
      Configuration.Source source, Function<SecretRef, Secret> secrets, SecureRandom random) {
    StringBuilder path = new StringBuilder();
    StringBuilder query = new StringBuilder();
    Map<String, String> headers = new HashMap<>();
    List<Secret> signing = new ArrayList<>();
    Map<String, String> bodyFields = new HashMap<>();
    for (AuthSpec spec : source.auth()) {
      switch (spec) {
        case AuthSpec.UrlToken url ->
            path.append('/')
                .append(
                    secrets
                        .apply(url.tokens().getFirst())
                        .compute(SampleCredentials::percentEncoded));
        case AuthSpec.Basic basic ->
            headers.put(
                "authorization",
                "Basic " + basic(basic.username(), secrets.apply(basic.passwords().getFirst())));
        case AuthSpec.Bearer bearer ->
            headers.put(
                "authorization", "Bearer " + latin1(secrets.apply(bearer.tokens().getFirst())));
        case AuthSpec.Header header ->
            headers.put(header.name(), latin1(secrets.apply(header.values().getFirst())));
        case AuthSpec.Query parameter ->
            query
                .append(query.isEmpty() ? '?' : '&')
                .append(percentEncoded(parameter.parameter().getBytes(StandardCharsets.UTF_8)))
                .append('=')
                .append(
                    secrets
                        .apply(parameter.values().getFirst())
                        .compute(SampleCredentials::percentEncoded));
        case AuthSpec.BodyField field ->
            bodyFields.put(
                field.field(),
                secrets
                    .apply(field.values().getFirst())
                    .compute(bytes -> new String(bytes, StandardCharsets.UTF_8)));
        case AuthSpec.BcryptToken bcrypt ->
            headers.put(
                bcrypt.header(),
                BcryptHash.token(
                    secrets.apply(bcrypt.secrets().getFirst()),
                    Math.min(COST, bcrypt.maxCost()),
                    random));
        case AuthSpec.StandardWebhooks webhooks ->
            signing.add(signing(webhooks.secrets().stream().map(secrets).toList()));
      }
    }
    return new SampleCredentials(path.append(query).toString(), headers, bodyFields, signing);
  }

  /** The first that can sign, or else the first. */
  private static Secret signing(List<Secret> secrets) {
    return secrets.stream()
        .filter(StandardWebhooksSignature::canSign)
        .findFirst()
        .orElseGet(secrets::getFirst);
  }

  /** Whether deliveries can be made to pass: only the provider can sign for a public key. */
  public boolean suffice() {
    return signing.stream().allMatch(StandardWebhooksSignature::canSign);
  }

  /**
   * All headers of one delivery: those that go with any, and its signatures.
   *
   * @param messageId what the signatures call it
   * @param now when they are made
   */
  public Map<String, String> headersFor(String messageId, Instant now, byte[] body) {
    Map<String, String> all = new HashMap<>(headers);
    for (Secret secret : signing) {
      StandardWebhooksSignature.headers(secret, messageId, now, body).ifPresent(all::putAll);
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

  private static String basic(String username, Secret password) {
    return password.compute(
        bytes -> {
          byte[] name = (username + ":").getBytes(StandardCharsets.UTF_8);
          byte[] both = Arrays.copyOf(name, name.length + bytes.length);
          System.arraycopy(bytes, 0, both, name.length, bytes.length);
          return Base64.getEncoder().encodeToString(both);
        });
  }

  /** A char for each byte, as headers are written. */
  private static String latin1(Secret secret) {
    return secret.compute(bytes -> new String(bytes, StandardCharsets.ISO_8859_1));
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
