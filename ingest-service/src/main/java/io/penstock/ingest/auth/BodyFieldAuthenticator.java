package io.penstock.ingest.auth;

import io.penstock.ingest.auth.Verdict.Refused;
import io.penstock.ingest.json.JsonScan;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A string at the root of the JSON body, compared with every entry of a list: for providers that
 * send a key of theirs along. A body that is not well-formed JSON, which includes one that repeats
 * the field, is refused.
 */
final class BodyFieldAuthenticator implements Authenticator {

  /** In bytes: a larger body is read elsewhere than on the event loop. */
  private static final int MOST_ON_EVENT_LOOP = 128 * 1024;

  private static final String TYPE = "body-field";

  private final String field;
  private final Objections objections;
  private final Refused malformed;
  private final Refused otherKind;
  private final JsonScan scan;
  private final SecretList values;
  private final MatchListener listener;

  /**
   * Accepts any of these values.
   *
   * @param field the member's name, without a dot
   */
  BodyFieldAuthenticator(String field, SecretList values, MatchListener listener) {
    if (field.indexOf('.') >= 0) {
      throw new IllegalArgumentException("not a field at the root: " + field);
    }
    this.field = field;
    String place = "the member " + field + " of the body";
    this.objections = Objections.of(TYPE, place, place);
    this.malformed = new Refused(TYPE, "the body is not well-formed JSON");
    this.otherKind = new Refused(TYPE, place + " is not a text");
    this.scan = JsonScan.of(field);
    this.values = values;
    this.listener = listener;
  }

  /** The secret is not in the head. */
  @Override
  public Verdict screen(RequestHead head) {
    return Verdict.UNDECIDED;
  }

  @Override
  public Future<Verdict> verify(RequestHead head, byte[] body) {
    Context context = Vertx.currentContext();
    return body.length <= MOST_ON_EVENT_LOOP || context == null
        ? Future.succeededFuture(verdict(body))
        : context.executeBlocking(() -> verdict(body), false);
  }

  private Verdict verdict(byte[] body) {
    JsonScan.Result read = scan.scan(body);
    String text = text(read);
    // An absent value is compared too, as an empty one, which no secret is.
    int entry =
        values
            .current()
            .indexOf(
                text == null ? HeadAuthenticator.NOTHING : text.getBytes(StandardCharsets.UTF_8));
    if (entry < 0) {
      return objection(read, text);
    }
    listener.matched(entry);
    return Verdict.ACCEPTED;
  }

  private @Nullable String text(JsonScan.Result read) {
    return switch (read) {
      case JsonScan.Malformed none -> null;
      case JsonScan.Members members ->
          members.kind(field) == JsonScan.Kind.STRING ? members.stringOrNumber(field) : null;
    };
  }

  private Refused objection(JsonScan.Result read, @Nullable String text) {
    return switch (read) {
      case JsonScan.Malformed none -> malformed;
      case JsonScan.Members members -> {
        if (text != null) {
          yield text.isEmpty() ? objections.empty() : objections.wrong();
        }
        yield members.kind(field) == null ? objections.missing() : otherKind;
      }
    };
  }
}
