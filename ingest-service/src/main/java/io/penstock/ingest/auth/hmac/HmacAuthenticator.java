package io.penstock.ingest.auth.hmac;

import io.penstock.ingest.auth.Authenticator;
import io.penstock.ingest.auth.MatchListener;
import io.penstock.ingest.auth.RequestHead;
import io.penstock.ingest.auth.SecretList;
import io.penstock.ingest.auth.Verdict;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * A signature by HMAC over the body, and over what else a sender signs. One of several signatures
 * has to be made with one of several secrets.
 *
 * <p>Nothing ends early: the signature under each secret is computed and compared with each one
 * presented, in constant time. The listener hears of every secret that matches, so that during a
 * rotation both the old and the new one show. Costs about 0.6 µs for each KiB and secret; what is
 * large is computed off the event loop, and a bounded number waits.
 */
final class HmacAuthenticator implements Authenticator {

  /** How many bytes are signed on an event loop: less than a millisecond's worth. */
  static final long MOST_ON_EVENT_LOOP = 1024 * 1024;

  /** How many requests may wait for what is not computed there. */
  static final int MAX_WAITING = 256;

  private static final Verdict WRONG =
      new Verdict.Refused(
          Hmac.TYPE,
          "the signature is of another secret, or of another body than the one that came, as when a"
              + " proxy changes it");

  private static final Verdict WRONG_URL =
      new Verdict.Refused(
          Hmac.TYPE,
          "the signature is of another secret or address than the configured one, or of another body"
              + " than the one that came");

  private static final Verdict NO_FORM =
      new Verdict.Refused(Hmac.TYPE, "the body is not a form, whose fields are signed");

  private final SecretList secrets;
  private final Scheme scheme;
  private final HeadReader reader;
  private final InstantSource clock;
  private final MatchListener listener;
  private final Semaphore waiting = new Semaphore(MAX_WAITING);
  private volatile Keys keys;

  /**
   * Accepts signatures under any of these secrets.
   *
   * @param secrets of {@link SigningKey#FORM}
   * @param allowed how far the time of a signature may be from the clock's; null where it has none
   */
  HmacAuthenticator(
      SecretList secrets,
      Scheme scheme,
      @Nullable Duration allowed,
      InstantSource clock,
      MatchListener listener) {
    this.secrets = secrets;
    this.scheme = scheme;
    this.reader = new HeadReader(scheme, allowed);
    this.clock = clock;
    this.listener = listener;
    this.keys = Keys.of(secrets.current(), scheme.algorithm());
  }

  /** The keys of one version of the secrets, in the order of the configuration. */
  private record Keys(long version, List<SigningKey> all) {

    static Keys of(SecretList.Snapshot snapshot, Algorithm algorithm) {
      return new Keys(
          snapshot.version(),
          snapshot.secrets().stream().map(each -> SigningKey.of(each, algorithm)).toList());
    }
  }

  private Keys keys() {
    SecretList.Snapshot now = secrets.current();
    Keys known = keys;
    if (known.version() != now.version()) {
      known = Keys.of(now, scheme.algorithm());
      keys = known;
    }
    return known;
  }

  private SignatureHead presented(RequestHead head) {
    return reader.read(head, clock.instant().getEpochSecond());
  }

  @Override
  public Verdict screen(RequestHead head) {
    return switch (presented(head)) {
      case SignatureHead.Unreadable unreadable -> new Verdict.Refused(Hmac.TYPE, unreadable.why());
      case SignatureHead.Signed signed -> Verdict.UNDECIDED;
    };
  }

  @Override
  public Future<Verdict> verify(RequestHead head, byte[] body) {
    return switch (presented(head)) {
      case SignatureHead.Unreadable unreadable ->
          Future.succeededFuture(new Verdict.Refused(Hmac.TYPE, unreadable.why()));
      case SignatureHead.Signed signed -> verify(signed, body, keys());
    };
  }

  private Future<Verdict> verify(SignatureHead.Signed signed, byte[] body, Keys now) {
    boolean isQuick = (long) body.length * now.all().size() <= MOST_ON_EVENT_LOOP;
    Context context = isQuick ? null : Vertx.currentContext();
    if (context == null) {
      return Future.succeededFuture(verdict(check(signed, body, now)));
    }
    if (!waiting.tryAcquire()) {
      return Future.succeededFuture(Verdict.OVERLOADED);
    }
    return context
        .executeBlocking(() -> check(signed, body, now), true)
        .map(this::verdict)
        .otherwise(Verdict.OVERLOADED)
        .onComplete(done -> waiting.release());
  }

  /**
   * What a signature was compared with.
   *
   * @param isSignable whether the body is one that the sender can sign
   * @param matches the places of all secrets under which any signature is right
   */
  private record Check(boolean isSignable, List<Integer> matches) {}

  private Check check(SignatureHead.Signed signed, byte[] body, Keys now) {
    return new Check(scheme.signs().isFor(body), matches(signed, body, now));
  }

  private Verdict verdict(Check check) {
    if (!check.isSignable()) {
      return NO_FORM;
    }
    check.matches().forEach(listener::matched);
    if (!check.matches().isEmpty()) {
      return Verdict.ACCEPTED;
    }
    return scheme.url().isEmpty() ? WRONG : WRONG_URL;
  }

  private List<Integer> matches(SignatureHead.Signed signed, byte[] body, Keys now) {
    List<Integer> matches = new ArrayList<>(1);
    for (int i = 0; i < now.all().size(); i++) {
      byte[] expected =
          now.all().get(i).sign(scheme.signs(), signed.timestamp(), scheme.url(), body);
      boolean isMatch = false;
      for (byte[] presented : signed.signatures()) {
        isMatch |= MessageDigest.isEqual(expected, presented);
      }
      if (isMatch) {
        matches.add(i);
      }
    }
    return matches;
  }

  @Override
  public String toString() {
    return "HmacAuthenticator[header=" + scheme.header() + "]";
  }
}
