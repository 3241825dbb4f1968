package io.penstock.ingest.auth;

import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * All authenticators of a source: each has to accept a request. A source without any accepts every
 * request.
 *
 * <p>Every authenticator that can decide at once does so, so that the time of a refusal does not
 * show which one refused. Those that take work are asked only about requests that are not refused
 * yet, in the order given: one that may have to wait, as for a slow hash, should come last.
 */
public final class Authentication {

  private static final Verdict NO_VERDICT =
      new Verdict.Refused(
          "none", "an authenticator could not decide, which is a fault of Penstock");

  private final List<Authenticator> authenticators;
  private final boolean needsBody;
  private final List<String> challenges;

  /** Requires all of these, in order. */
  public Authentication(List<Authenticator> authenticators) {
    this.authenticators = List.copyOf(authenticators);
    this.needsBody = authenticators.stream().anyMatch(Authenticator::needsBody);
    this.challenges =
        authenticators.stream()
            .map(Authenticator::challenge)
            .distinct()
            // Those that a client may know come first: some look at one alone.
            .sorted(Comparator.comparing(challenge -> challenge.startsWith("Webhook")))
            .toList();
  }

  /** What an answer of 401 says, whatever was wrong; none where there are no authenticators. */
  public List<String> challenges() {
    return challenges;
  }

  /**
   * Decides from the head: refused if any refuses, otherwise overloaded if any is, otherwise
   * undecided if any is, otherwise accepted. The words of a refusal are those of the first that
   * refuses.
   */
  public Verdict screen(RequestHead head) {
    Verdict verdict = Verdict.ACCEPTED;
    for (Authenticator authenticator : authenticators) {
      verdict = worse(verdict, authenticator.screen(head));
    }
    return verdict;
  }

  /** Registers what the authenticators count. */
  public void bindTo(MeterRegistry registry, String source) {
    authenticators.forEach(authenticator -> authenticator.bindTo(registry, source));
  }

  /**
   * Whether {@link #verify} looks at the body; if not, ask it with an empty one before reading any.
   */
  public boolean needsBody() {
    return needsBody;
  }

  /**
   * Decides for good, where {@link #screen} left it undecided.
   *
   * @return never failed and never {@link Verdict#UNDECIDED}; completed on the caller's context
   */
  public Future<Verdict> verify(RequestHead head, byte[] body) {
    Verdict screened = Verdict.ACCEPTED;
    List<Authenticator> undecided = new ArrayList<>(authenticators.size());
    for (Authenticator authenticator : authenticators) {
      Verdict verdict = authenticator.screen(head);
      if (verdict instanceof Verdict.Undecided) {
        undecided.add(authenticator);
      } else {
        screened = worse(screened, verdict);
      }
    }
    Future<Verdict> result = Future.succeededFuture(screened);
    for (Authenticator authenticator : undecided) {
      if (result.isComplete() && !(result.result() instanceof Verdict.Accepted)) {
        return result;
      }
      // Asked now and not in a callback: the head is valid only during this call.
      Future<Verdict> asked =
          authenticator
              .verify(head, body)
              .map(Authentication::decided)
              .otherwise(Verdict.OVERLOADED);
      result = result.compose(before -> asked.map(verdict -> worse(before, verdict)));
    }
    return result;
  }

  /** An authenticator that is still undecided with the body before it has not accepted. */
  private static Verdict decided(Verdict verdict) {
    return verdict instanceof Verdict.Undecided ? NO_VERDICT : verdict;
  }

  private static Verdict worse(Verdict one, Verdict other) {
    return gravity(one) >= gravity(other) ? one : other;
  }

  private static int gravity(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Accepted accepted -> 0;
      case Verdict.Undecided undecided -> 1;
      case Verdict.Overloaded overloaded -> 2;
      case Verdict.Refused refused -> 3;
    };
  }
}
