package io.penstock.ingest.auth.standardwebhooks;

import com.google.common.primitives.Bytes;
import io.penstock.ingest.auth.Authenticator;
import io.penstock.ingest.auth.MatchListener;
import io.penstock.ingest.auth.RequestHead;
import io.penstock.ingest.auth.SecretForm;
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

/**
 * A signature over the id, the time and the exact body of a request, as <a
 * href="https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md">Standard
 * Webhooks</a> and <a href="https://docs.svix.com/receiving/verifying-payloads/how-manual">Svix</a>
 * make it: HMAC-SHA256 under a shared key ({@code v1}) or Ed25519 ({@code v1a}). The secrets are
 * written as Svix shows them: {@code whsec_} and base64, the base64 alone, or {@code whpk_} and a
 * public key.
 *
 * <p>One of several signatures has to match one of several secrets. The listener hears of every
 * entry that matches, so that during a rotation both the old and the new one show. A request is as
 * old as its signature says: a later attempt of the sender has a new time and a new signature, so
 * the tolerance refuses replays and no retries. Replays within it have the id of the first, and the
 * pipeline removes them.
 *
 * <p>Under a shared key nothing ends early: each entry's signature is computed and compared with
 * each one presented, in constant time. Costs 0.4 µs and 0.6 µs for each KiB and entry. Ed25519
 * costs 0.08 ms for each signature and entry, so of the signatures of a request only the first few
 * are verified (see {@link #signaturesPerKey}), and a refusal stays under a millisecond whatever a
 * client sends. That, and what is large, is computed off the event loop, one after the other for
 * each, and a bounded number waits. A flood of well-formed {@code v1a} signatures ends in {@link
 * Verdict#OVERLOADED}, where a public key is configured.
 */
public final class StandardWebhooksAuthenticator implements Authenticator {

  /** What its secrets must look like. */
  public static final SecretForm SECRET_FORM =
      secret ->
          WebhookKey.parse(secret) instanceof WebhookKey.Malformed malformed
              ? malformed.complaint()
              : null;

  /** How many bytes of HMAC are computed on an event loop: less than a millisecond's worth. */
  static final long MOST_ON_EVENT_LOOP = 1024 * 1024;

  private static final byte[] NOTHING = {};

  private static final String TYPE = "standard-webhooks";

  private static final Verdict WRONG =
      new Verdict.Refused(
          TYPE,
          "the signature was made with another secret, or over another body than the one that came,"
              + " as when a proxy changes it");

  /** How many requests may wait for what is not computed there. */
  static final int MAX_WAITING = 256;

  /**
   * How many signatures are verified under each public key, at least: what a sender lists that
   * changes its key, the new one's and the old one's.
   */
  static final int MIN_PER_KEY = 2;

  private final SecretList secrets;
  private final long tolerance;
  private final InstantSource clock;
  private final MatchListener listener;
  private final Semaphore waiting = new Semaphore(MAX_WAITING);
  private volatile Keys keys;

  /**
   * Accepts signatures under any of these secrets.
   *
   * @param secrets of {@link #SECRET_FORM}; others match nothing
   * @param tolerance how far the time of a signature may be from this machine's, before or after;
   *     whole seconds
   */
  public StandardWebhooksAuthenticator(
      SecretList secrets, Duration tolerance, InstantSource clock, MatchListener listener) {
    this.secrets = secrets;
    this.tolerance = tolerance.toSeconds();
    this.clock = clock;
    this.listener = listener;
    this.keys = Keys.of(secrets.current());
  }

  /**
   * The keys of one version of the secrets.
   *
   * @param all in the order of the configuration
   * @param shared how many of them are shared
   * @param ed25519 how many of them are public
   */
  private record Keys(long version, List<WebhookKey> all, int shared, int ed25519) {

    static Keys of(SecretList.Snapshot snapshot) {
      List<WebhookKey> all = snapshot.secrets().stream().map(WebhookKey::parse).toList();
      return new Keys(
          snapshot.version(),
          all,
          (int) all.stream().filter(WebhookKey.Shared.class::isInstance).count(),
          (int) all.stream().filter(WebhookKey.Ed25519.class::isInstance).count());
    }
  }

  private Keys keys() {
    SecretList.Snapshot now = secrets.current();
    Keys known = keys;
    if (known.version() != now.version()) {
      known = Keys.of(now);
      keys = known;
    }
    return known;
  }

  @Override
  public Verdict screen(RequestHead head) {
    return switch (eligible(head, keys())) {
      case Presented.Unreadable unreadable -> new Verdict.Refused(TYPE, unreadable.why());
      case SignedHead signed -> Verdict.UNDECIDED;
    };
  }

  /** A request's signatures, if its head alone refuses none of them. */
  private Presented eligible(RequestHead head, Keys now) {
    Presented presented = SignedHead.parse(head);
    return presented instanceof SignedHead signed ? eligible(head, signed, now) : presented;
  }

  private Presented eligible(RequestHead head, SignedHead signed, Keys now) {
    long age = clock.instant().getEpochSecond() - signed.timestamp();
    if (Math.abs(age) > tolerance) {
      return new Presented.Unreadable(
          SignatureFaults.stale(SignedHead.set(head), signed.timestamp(), age, tolerance));
    }
    boolean shared = now.shared() > 0 && !signed.shared().isEmpty();
    boolean ed25519 = now.ed25519() > 0 && !signed.ed25519().isEmpty();
    return shared || ed25519
        ? signed
        : new Presented.Unreadable(
            SignatureFaults.unverifiable(
                SignedHead.set(head), signed, now.shared() > 0, now.ed25519() > 0));
  }

  @Override
  public Future<Verdict> verify(RequestHead head, byte[] body) {
    Keys now = keys();
    return switch (eligible(head, now)) {
      case Presented.Unreadable unreadable ->
          Future.succeededFuture(new Verdict.Refused(TYPE, unreadable.why()));
      case SignedHead signed -> verify(signed, body, now);
    };
  }

  private Future<Verdict> verify(SignedHead signed, byte[] body, Keys now) {
    boolean isQuick =
        (now.ed25519() == 0 || signed.ed25519().isEmpty())
            && (long) body.length * now.shared() <= MOST_ON_EVENT_LOOP;
    Context context = isQuick ? null : Vertx.currentContext();
    if (context == null) {
      return Future.succeededFuture(verdict(matches(signed, body, now)));
    }
    if (!waiting.tryAcquire()) {
      return Future.succeededFuture(Verdict.OVERLOADED);
    }
    return context
        .executeBlocking(() -> matches(signed, body, now), true)
        .map(this::verdict)
        .otherwise(Verdict.OVERLOADED)
        .onComplete(done -> waiting.release());
  }

  private Verdict verdict(List<Integer> matches) {
    matches.forEach(listener::matched);
    return matches.isEmpty() ? WRONG : Verdict.ACCEPTED;
  }

  /**
   * How many of a request's signatures of Ed25519 are verified under each key: {@link
   * SignedHead#MAX_ED25519} verifications in all, and more only where more than three keys are
   * listed.
   */
  static int signaturesPerKey(int keys) {
    return Math.max(MIN_PER_KEY, SignedHead.MAX_ED25519 / Math.max(1, keys));
  }

  /** The places of all keys under which any signature is right. */
  private static List<Integer> matches(SignedHead signed, byte[] body, Keys now) {
    List<Integer> matches = new ArrayList<>(1);
    List<byte[]> ed25519 =
        signed.ed25519().stream().limit(signaturesPerKey(now.ed25519())).toList();
    byte[] message =
        now.ed25519() == 0 || ed25519.isEmpty()
            ? NOTHING
            : Bytes.concat(signed.signedBeforeBody(), body);
    for (int i = 0; i < now.all().size(); i++) {
      boolean isMatch =
          switch (now.all().get(i)) {
            case WebhookKey.Shared key -> isSigned(signed, body, key);
            case WebhookKey.Ed25519 key ->
                ed25519.stream().anyMatch(signature -> key.verifies(message, signature));
            case WebhookKey.Malformed none -> false;
          };
      if (isMatch) {
        matches.add(i);
      }
    }
    return matches;
  }

  private static boolean isSigned(SignedHead signed, byte[] body, WebhookKey.Shared key) {
    byte[] expected = key.sign(signed.signedBeforeBody(), body);
    boolean found = false;
    for (byte[] presented : signed.shared()) {
      found |= MessageDigest.isEqual(expected, presented);
    }
    return found;
  }

  @Override
  public String toString() {
    return "StandardWebhooksAuthenticator[tolerance=" + tolerance + " s]";
  }
}
