package io.penstock.ingest.auth.hmac;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How well-known senders sign, after their own documentation:
 *
 * <ul>
 *   <li>GitHub: docs.github.com, "Validating webhook deliveries"
 *   <li>Stripe: docs.stripe.com/webhooks, "Verify webhook signatures manually"
 *   <li>Shopify: shopify.dev, "Deliver webhooks through HTTPS"
 *   <li>Slack: docs.slack.dev, "Verifying requests from Slack"
 *   <li>Twilio: www.twilio.com/docs/usage/security, of forms; not of bodies in JSON, for which it
 *       signs a digest in the address
 * </ul>
 */
enum Preset {
  GITHUB("x-hub-signature-256", Algorithm.SHA256, Encoding.HEX, "sha256=", "", "{body}", ""),
  STRIPE(
      "stripe-signature",
      Algorithm.SHA256,
      Encoding.HEX,
      "",
      "v1",
      "{timestamp}.{body}",
      "member:t"),
  SHOPIFY("x-shopify-hmac-sha256", Algorithm.SHA256, Encoding.BASE64, "", "", "{body}", ""),
  SLACK(
      "x-slack-signature",
      Algorithm.SHA256,
      Encoding.HEX,
      "v0=",
      "",
      "v0:{timestamp}:{body}",
      "header:x-slack-request-timestamp"),
  TWILIO("x-twilio-signature", Algorithm.SHA1, Encoding.BASE64, "", "", "{url}{form}", "");

  /** All, by what the file calls them. */
  static final Map<String, Preset> BY_KEY =
      Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(Preset::key, each -> each));

  private final String header;
  private final Algorithm algorithm;
  private final Encoding encoding;
  private final String prefix;
  private final String member;
  private final String signs;
  private final String timestamp;

  Preset(
      String header,
      Algorithm algorithm,
      Encoding encoding,
      String prefix,
      String member,
      String signs,
      String timestamp) {
    this.header = header;
    this.algorithm = algorithm;
    this.encoding = encoding;
    this.prefix = prefix;
    this.member = member;
    this.signs = signs;
    this.timestamp = timestamp;
  }

  /** The names of all. */
  static List<String> keys() {
    return Arrays.stream(values()).map(Preset::key).toList();
  }

  /** What the file calls it. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The whole way.
   *
   * @throws IllegalArgumentException if an address is signed, which only a configuration knows
   */
  Scheme scheme() {
    if (SignedText.read(signs) instanceof SignedText.Template.Usable usable
        && !usable.text().has(SignedText.Kind.URL)) {
      return new Scheme(
          header, algorithm, encoding, prefix, member, usable.text(), Timestamp.of(timestamp), "");
    }
    throw new IllegalArgumentException(key() + " signs an address");
  }

  String header() {
    return header;
  }

  Algorithm algorithm() {
    return algorithm;
  }

  Encoding encoding() {
    return encoding;
  }

  String prefix() {
    return prefix;
  }

  String member() {
    return member;
  }

  String signs() {
    return signs;
  }

  String timestamp() {
    return timestamp;
  }
}
