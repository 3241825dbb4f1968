package io.penstock.ingest.ingress;

import io.penstock.ingest.auth.Authenticator;
import io.penstock.ingest.auth.Verdict;
import io.penstock.ingest.json.JsonScan;
import io.penstock.ingest.source.Challenge;
import io.penstock.ingest.source.Source;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Answers what a sender asks before it sends deliveries, where its source is configured so: repeats
 * a text of the request, as plain text. Since a stranger may have made the text up, only a bounded
 * one of characters that mean nothing in HTML or a script is repeated. Lives on the exchange's
 * event loop.
 */
final class Handshake {

  /** What is repeated, in characters. */
  private static final int LONGEST = 1024;

  private static final Pattern HARMLESS =
      Pattern.compile("[A-Za-z0-9 ._~+/=:,;@-]{1," + LONGEST + "}");

  /** In bytes: a larger body is a delivery. */
  private static final int LARGEST_VERIFICATION = 4096;

  private static final String KIND = "challenge";
  private static final String TYPE = "type";
  private static final String TEXT = "challenge";
  private static final JsonScan VERIFICATION = JsonScan.of(TYPE, TEXT);

  private static final RefusalDecision NOT_HARMLESS =
      RefusalDecision.notAllowed(
          "the challenge is longer than "
              + LONGEST
              + " characters, or has others than letters, digits, spaces and . _ ~ + / = : , ; @ -");

  private Handshake() {}

  /**
   * Answers a request that is a challenge by its head.
   *
   * @return false if it is none, and may be a delivery
   */
  static boolean answers(
      Exchange exchange, Source source, WebhookPath path, HttpServerRequest request) {
    return !(source.challenge() instanceof Challenge.None)
        && answers(exchange, source, new HttpRequestHead(request, path.token()));
  }

  /** Whether a source is asked by GET. */
  static boolean takesGet(Source source) {
    return switch (source.challenge()) {
      case Challenge.None none -> false;
      case Challenge.UrlVerification verification -> false;
      case Challenge.Echo echo -> true;
      case Challenge.ValidationToken token -> true;
    };
  }

  private static boolean answers(Exchange exchange, Source source, HttpRequestHead head) {
    return switch (source.challenge()) {
      case Challenge.None none -> false;
      case Challenge.UrlVerification verification -> false; // once it is authentic
      case Challenge.Echo echo ->
          head.request().method().equals(HttpMethod.GET)
              && answersIfGiven(
                  exchange, source, head.queries(echo.parameter()), refusal(echo, head));
      case Challenge.ValidationToken token ->
          (head.request().method().equals(HttpMethod.GET)
                  || head.request().method().equals(HttpMethod.POST))
              && answersIfGiven(
                  exchange,
                  source,
                  head.queries(token.parameter()),
                  // What the head proves, such as a token in the address, it has to prove here too.
                  source.authentication().screen(head) instanceof Verdict.Refused refused
                      ? refused
                      : null);
    };
  }

  private static Verdict.@Nullable Refused refusal(Challenge.Echo echo, HttpRequestHead head) {
    List<String> tokens = head.queries(echo.tokenParameter());
    String presented = tokens.size() == 1 ? tokens.getFirst() : "";
    if (echo.tokens().current().indexOf(presented.getBytes(StandardCharsets.UTF_8)) >= 0) {
      return null;
    }
    String place = "the parameter " + echo.tokenParameter() + " in the address ";
    return new Verdict.Refused(
        KIND,
        place
            + switch (tokens.size()) {
              case 0 -> "is missing";
              case 1 -> "is of no configured token";
              default -> "stands there more than once";
            });
  }

  private static boolean answersIfGiven(
      Exchange exchange, Source source, List<String> texts, Verdict.@Nullable Refused refused) {
    if (texts.size() != 1) {
      return false;
    }
    if (refused != null) {
      List<String> challenges = source.authentication().challenges();
      exchange.refuse(
          RefusalDecision.of(
              refused, challenges.isEmpty() ? List.of(Authenticator.CHALLENGE) : challenges));
    } else if (HARMLESS.matcher(texts.getFirst()).matches()) {
      exchange.account().challenged();
      exchange.repeat(texts.getFirst());
    } else {
      exchange.refuse(NOT_HARMLESS);
    }
    return true;
  }

  /**
   * The text to repeat to an authentic request that only verifies the address; null if it is a
   * delivery.
   */
  static @Nullable String verification(Source source, byte[] body) {
    if (!(source.challenge() instanceof Challenge.UrlVerification)
        || body.length > LARGEST_VERIFICATION
        || !(VERIFICATION.scan(body) instanceof JsonScan.Members members)
        || !"url_verification".equals(members.stringOrNumber(TYPE))) {
      return null;
    }
    String text = members.stringOrNumber(TEXT);
    return text != null && HARMLESS.matcher(text).matches() ? text : null;
  }
}
