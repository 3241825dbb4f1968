package io.penstock.ingest.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.provider.Decoding;
import io.penstock.ingest.provider.Identification;
import io.penstock.ingest.provider.Identification.Identified;
import io.penstock.ingest.provider.Identification.Malformed;
import io.penstock.ingest.provider.Identification.Missing;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.Sample;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;

/**
 * A provider that does what a body asks for: {@code malformed}, {@code missing}, {@code same} (an
 * event without an identity of its own), {@code throw} (or {@code error}); any other text is an
 * event's entity and its id.
 */
final class ScriptedIdentity implements Provider {

  @Override
  public String name() {
    return "scripted";
  }

  @Override
  public Schema schema() {
    throw new UnsupportedOperationException("the pipeline's part");
  }

  @Override
  public List<String> headers() {
    return List.of("svix-id", "x-kept");
  }

  @Override
  public Map<String, String> headersOfFinalRefusals() {
    return Map.of("x-give-up", "yes");
  }

  @Override
  public Identification identify(byte[] body, Map<String, String> headers) {
    String text = new String(body, UTF_8);
    return switch (text.strip()) {
      case "malformed" -> new Malformed("line 1 is no JSON");
      case "missing", "" -> new Missing("uuid is missing");
      case "same" -> new Identified("entity", List.of());
      case "error" -> throw new NoClassDefFoundError("a class of a provider's rules");
      case "throw" -> throw new IllegalStateException("a bug in a provider's rules");
      default -> new Identified(text.length() > 100 ? "large" : text, List.of(text));
    };
  }

  @Override
  public byte[] redact(byte[] body) {
    String text = new String(body, UTF_8);
    return text.contains("secret") ? text.replace("secret", "******").getBytes(UTF_8) : body;
  }

  @Override
  public Decoding decode(byte[] body, Map<String, String> headers) {
    throw new UnsupportedOperationException("the pipeline's part");
  }

  @Override
  public List<Sample> samples() {
    return List.of();
  }
}
