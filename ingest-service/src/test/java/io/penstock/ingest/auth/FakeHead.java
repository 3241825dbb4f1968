package io.penstock.ingest.auth;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request's head, made up.
 *
 * @param byName headers, and query parameters with a question mark before their names
 */
public record FakeHead(
    Map<String, List<String>> byName, @Nullable String urlToken, String remoteAddress)
    implements RequestHead {

  /** Nothing but an address. */
  public static FakeHead bare() {
    return new FakeHead(Map.of(), null, "192.0.2.1");
  }

  /** A URL token. */
  public static FakeHead withUrlToken(@Nullable String token) {
    return new FakeHead(Map.of(), token, "192.0.2.1");
  }

  /** One header with these values. */
  public static FakeHead withHeader(String name, String... values) {
    return new FakeHead(Map.of(name, List.of(values)), null, "192.0.2.1");
  }

  /** One query parameter with these values. */
  public static FakeHead withQuery(String name, String... values) {
    return new FakeHead(Map.of("?" + name, List.of(values)), null, "192.0.2.1");
  }

  /** The same from elsewhere. */
  public FakeHead from(String address) {
    return new FakeHead(byName, urlToken, address);
  }

  @Override
  public @Nullable String header(String name) {
    List<String> values = headers(name);
    return values.isEmpty() ? null : values.getFirst();
  }

  @Override
  public List<String> headers(String name) {
    return byName.getOrDefault(name, List.of());
  }

  @Override
  public List<String> queries(String name) {
    return byName.getOrDefault("?" + name, List.of());
  }
}
