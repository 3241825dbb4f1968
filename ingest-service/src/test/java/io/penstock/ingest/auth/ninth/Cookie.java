package io.penstock.ingest.auth.ninth;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.penstock.ingest.auth.AuthMethod;
import io.penstock.ingest.auth.Authenticator;
import io.penstock.ingest.auth.MatchListener;
import io.penstock.ingest.auth.RequestHead;
import io.penstock.ingest.auth.SampleRequest;
import io.penstock.ingest.auth.SecretForm;
import io.penstock.ingest.auth.SecretList;
import io.penstock.ingest.auth.Verdict;
import io.penstock.ingest.config.AuthKind;
import io.penstock.ingest.config.SecretRef;
import io.vertx.core.Future;
import java.util.List;

/** A cookie of some name that holds a secret of letters and digits. */
record Cookie(String name, List<SecretRef> references) implements AuthMethod {

  static final AuthKind KIND =
      new AuthKind(
          "cookie",
          section -> new Cookie(section.required("name").text("?"), section.secrets("values")));

  @Override
  public String type() {
    return "cookie";
  }

  @Override
  public List<String> places() {
    return List.of("the cookie " + name);
  }

  @Override
  public String label() {
    return name;
  }

  @Override
  public SecretForm form() {
    return secret ->
        secret.compute(bytes -> new String(bytes, ISO_8859_1)).matches("[A-Za-z0-9]+")
            ? null
            : "is not only letters and digits, and so can never stand in a cookie";
  }

  @Override
  public Authenticator authenticator(
      SecretList secrets, MatchListener listener, Resources resources) {
    return new Authenticator() {
      @Override
      public Verdict screen(RequestHead head) {
        String cookie = head.headers("cookie").stream().findFirst().orElse("");
        String value = cookie.startsWith(name + "=") ? cookie.substring(name.length() + 1) : "";
        int entry = secrets.current().indexOf(value.getBytes(ISO_8859_1));
        if (entry < 0) {
          return new Verdict.Refused("cookie", "the cookie " + name + " is of no secret");
        }
        listener.matched(entry);
        return Verdict.ACCEPTED;
      }

      @Override
      public Future<Verdict> verify(RequestHead head, byte[] body) {
        return Future.succeededFuture(screen(head));
      }
    };
  }

  @Override
  public void addTo(SampleRequest request) {
    String value =
        request.secret(references.getFirst()).compute(bytes -> new String(bytes, ISO_8859_1));
    request.addHeader("cookie", name + "=" + value);
  }
}
