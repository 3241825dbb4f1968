package io.penstock.benchmarks.jmh;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.auth.RequestHead;
import io.penstock.ingest.auth.SampleRequest;
import io.penstock.ingest.auth.Secret;
import io.penstock.ingest.config.SecretRef;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request that a way to authenticate completes, and which it accepts then. */
final class MadeRequest implements SampleRequest, RequestHead {

  private final Secret secret;
  private final Instant time;
  private final Map<String, List<String>> headers = new HashMap<>();
  private final Map<String, List<String>> queries = new HashMap<>();
  private @Nullable String segment;
  private byte[] body = AuthenticatorBenchmark.body("other", "none");

  MadeRequest(Secret secret, Instant time) {
    this.secret = secret;
    this.time = time;
    headers.put("content-type", List.of("application/json"));
    headers.put("host", List.of("penstock.example"));
  }

  byte[] body() {
    return body;
  }

  private static String text(Secret value) {
    return value.compute(bytes -> new String(bytes, UTF_8));
  }

  @Override
  public Secret secret(SecretRef reference) {
    return secret;
  }

  @Override
  public SecureRandom random() {
    return new SecureRandom();
  }

  @Override
  public void addSegment(Secret token) {
    segment = text(token);
  }

  @Override
  public void addQuery(String name, Secret value) {
    queries.put(name, List.of(text(value)));
  }

  @Override
  public void addHeader(String name, String value) {
    headers.put(name, List.of(value));
  }

  @Override
  public void addBodyField(String name, Secret value) {
    body = AuthenticatorBenchmark.body(name, text(value));
  }

  @Override
  public void addSignature(Signature signature) {
    signature.headers("msg_2b3c4d5e6f", time, body).forEach(this::addHeader);
  }

  @Override
  public void cannotBeMade() {
    throw new IllegalStateException("No request can be made");
  }

  @Override
  public @Nullable String header(String name) {
    List<String> values = headers.get(name);
    return values == null ? null : values.getFirst();
  }

  @Override
  public List<String> headers(String name) {
    return headers.getOrDefault(name, List.of());
  }

  @Override
  public @Nullable String urlToken() {
    return segment;
  }

  @Override
  public List<String> queries(String name) {
    return queries.getOrDefault(name, List.of());
  }

  @Override
  public String remoteAddress() {
    return "127.0.0.1";
  }
}
