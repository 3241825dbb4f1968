package io.penstock.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import at.favre.lib.crypto.bcrypt.BCrypt;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * SmartShape: one bcrypt hash, sent with every delivery. That it tries again is documented, how
 * often and how long it waits are not: both are the ledger's choice.
 */
final class SmartShapeSender implements Sender {

  private final boolean collides;
  private final Counters counters = new Counters();
  private final String secret = Texts.secret();
  private final String token =
      new String(BCrypt.withDefaults().hash(6, secret.getBytes(UTF_8)), UTF_8);

  /**
   * @param collides whether events of several files have one {@code uuid}: each file counts its own
   */
  SmartShapeSender(boolean collides) {
    this.collides = collides;
  }

  @Override
  public String provider() {
    return "smartshape";
  }

  @Override
  public String sourceYaml() {
    return "{name: shapes, provider: smartshape,"
        + " auth: [{type: bcrypt-token, secrets: [{env: SHAPES_SECRET}]}]}";
  }

  @Override
  public Map<String, String> environment() {
    return Map.of("SHAPES_SECRET", secret);
  }

  @Override
  public Retries retries() {
    return new Retries(
        Duration.ofSeconds(10),
        List.of(
            Duration.ofSeconds(1),
            Duration.ofSeconds(2),
            Duration.ofSeconds(5),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofMinutes(1),
            Duration.ofMinutes(2)),
        false);
  }

  @Override
  public boolean hasIds() {
    return true;
  }

  @Override
  public String body(String id, String entity, long number, String text) {
    return """
    {"file":"%s","event":"attribute_updated","data":{"user":{"email":"test@smartshape.io"},\
    "nodeIdToAttributes":{"7":{"note":"%s","opacity":1.50e-3,"mark":"%s"}}},\
    "owner":"test@smartshape.io","runTimestamp":%d,"uuid":"%s"}"""
        .formatted(entity, text, MARK + id, 1_550_824_906_016L + number, uuid(id, entity, number));
  }

  private UUID uuid(String id, String entity, long number) {
    return collides ? new UUID(0, counters.next(entity)) : new UUID(id.hashCode(), number);
  }

  @Override
  public String path() {
    return "/webhooks/shapes";
  }

  @Override
  public Map<String, String> headers(String body, long number, Instant now) {
    return Map.of("X-Smartshape-Token", token);
  }
}
