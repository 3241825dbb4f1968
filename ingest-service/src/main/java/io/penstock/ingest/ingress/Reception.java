package io.penstock.ingest.ingress;

import io.penstock.ingest.auth.Verdict;
import io.penstock.ingest.delivery.Reason;
import io.penstock.ingest.source.Source;
import io.vertx.core.AsyncResult;
import io.vertx.core.buffer.Buffer;

/**
 * Finds out whether a routed request comes from its source's sender: screens the head, takes room
 * for the body, verifies. A delivery reaches the {@link Intake} from here alone, once its sender is
 * authenticated. Lives on the exchange's event loop.
 */
final class Reception {

  private static final byte[] NO_BODY = {};

  private final Exchange exchange;
  private final IngressContext ingress;
  private final Source source;
  private final HttpRequestHead head;
  private final long declaredLength;

  Reception(Exchange exchange, IngressContext ingress, Routed routed) {
    this.exchange = exchange;
    this.ingress = ingress;
    this.source = routed.source();
    this.head = routed.head();
    this.declaredLength = routed.declaredLength();
  }

  /** Decides what can be decided from the head, and begins to read the body. */
  void screen() {
    switch (source.authentication().screen(head)) {
      case Verdict.Overloaded overloaded -> refuseForWantOfCapacity();
      case Verdict.Refused refused -> exchange.read(new CountedBody(refused));
      case Verdict.Accepted accepted -> admitAuthenticated();
      case Verdict.Undecided undecided -> admitUndecided();
    }
  }

  /** An authenticated sender gets room for as much as it announces, at once. */
  private void admitAuthenticated() {
    Admission.Lease lease = ingress.admission().authenticated(source, Math.max(declaredLength, 0));
    if (lease == null) {
      exchange.refuse(Reason.OVERLOADED);
      return;
    }
    exchange.proceed(new Receiver.Held(lease));
    if (chargeRateLimit()) {
      exchange.read(
          new AuthenticatedBody(
              lease,
              declaredLength < 0
                  ? BodyCollector.growing()
                  : BodyCollector.exactly((int) declaredLength)));
    }
  }

  /**
   * A sender that is not authenticated yet is counted apart, and gets room only for what has come:
   * not for what it announces.
   */
  private void admitUndecided() {
    Admission.Lease lease = ingress.admission().unauthenticated(source);
    if (lease == null) {
      exchange.refuse(Reason.OVERLOADED);
      return;
    }
    exchange.proceed(new Receiver.Held(lease));
    if (!source.authentication().needsBody()) {
      verifyBeforeBody(lease);
    } else if (declaredLength > 0
        && !lease.couldHold(Admission.DELIVERY_OVERHEAD + 2 * declaredLength)) {
      exchange.refuse(Reason.OVERLOADED);
    } else {
      exchange.read(new UndecidedBody(lease));
    }
  }

  /** The client has to wait with its body: nothing of it is held meanwhile. */
  private void verifyBeforeBody(Admission.Lease lease) {
    exchange.holdClient();
    exchange.whenDone(
        source.authentication().verify(head, NO_BODY),
        AnswerDeadline.in(source.acknowledgementDeadline()),
        result -> {
          exchange.letClientGoOn();
          switch (verdict(result)) {
            case Verdict.Accepted accepted -> {
              lease.release();
              admitAuthenticated();
            }
            case Verdict.Refused refused -> {
              lease.release();
              exchange.read(new CountedBody(refused));
            }
            case Verdict.Overloaded overloaded -> refuseForWantOfCapacity();
            case Verdict.Undecided undecided -> refuseForWantOfCapacity();
          }
          exchange.endIfBodyIsHere();
        });
  }

  private void verify(Admission.Lease lease, byte[] body, AnswerDeadline deadline) {
    exchange.proceed(new Receiver.Held(lease));
    exchange.whenDone(
        source.authentication().verify(head, body),
        deadline,
        result -> {
          switch (verdict(result)) {
            case Verdict.Accepted accepted -> {
              if (!lease.becomeAuthenticated()) {
                exchange.refuse(Reason.OVERLOADED);
              } else if (chargeRateLimit()) {
                new Intake(exchange, ingress, source, head, lease, deadline).take(body);
              }
            }
            case Verdict.Refused refused -> refuseSender(refused);
            case Verdict.Overloaded overloaded -> refuseForWantOfCapacity();
            case Verdict.Undecided undecided -> refuseForWantOfCapacity();
          }
        });
  }

  private Verdict verdict(AsyncResult<Verdict> result) {
    if (result.failed()) {
      exchange.account().report("A sender could not be authenticated", result.cause());
      return Verdict.OVERLOADED;
    }
    return result.result();
  }

  private void refuseSender(Verdict.Refused verdict) {
    exchange.refuse(RefusalDecision.of(verdict, source.authentication().challenges()));
  }

  private void refuseForWantOfCapacity() {
    exchange.refuse(RefusalDecision.because(Reason.OVERLOADED, RefusalWords.NO_CAPACITY_TO_VERIFY));
  }

  /**
   * Marks the connection as an authenticated sender's and counts the delivery against the source's
   * rate limit: once for each authenticated delivery, whatever becomes of it later.
   *
   * @return false if the limit is reached: then the delivery is refused
   */
  private boolean chargeRateLimit() {
    exchange.proven();
    long wait = ingress.tryTakeToken(source);
    if (wait > 0) {
      exchange.refuseFor(wait);
      return false;
    }
    return true;
  }

  /** A body of at most the source's size. */
  private abstract class Body implements Receiver {

    @Override
    public final void chunk(Buffer chunk) {
      if (exchange.received() > source.maxBodySize()) {
        exchange.refuse(Reason.PAYLOAD_TOO_LARGE);
      } else {
        take(chunk);
      }
    }

    abstract void take(Buffer chunk);
  }

  /**
   * The body of an unauthenticated request: counted and not kept, so that one that is too large
   * gets the same answer whatever its sender proves.
   */
  private final class CountedBody extends Body {

    private final Verdict.Refused verdict;

    CountedBody(Verdict.Refused verdict) {
      this.verdict = verdict;
    }

    @Override
    void take(Buffer chunk) {}

    @Override
    public void ended() {
      refuseSender(verdict);
    }
  }

  /** A body that is kept, and the room that it takes. */
  private abstract class KeptBody extends Body {

    final Admission.Lease lease;
    private final BodyCollector collector;

    KeptBody(Admission.Lease lease, BodyCollector collector) {
      this.lease = lease;
      this.collector = collector;
    }

    @Override
    final void take(Buffer chunk) {
      if (lease.resize(Admission.DELIVERY_OVERHEAD + collector.cost(chunk.length()))) {
        collector.add(chunk);
      } else {
        exchange.refuse(Reason.OVERLOADED);
      }
    }

    /** The sender has done its part: from here on the source's deadline runs. */
    @Override
    public final void ended() {
      byte[] body = collector.body();
      AnswerDeadline deadline = AnswerDeadline.in(source.acknowledgementDeadline());
      lease.resize(Admission.DELIVERY_OVERHEAD + body.length); // less: the pieces are gone
      whole(body, deadline);
    }

    /** Goes on to another step, since this one keeps the pieces of the body in memory. */
    abstract void whole(byte[] body, AnswerDeadline deadline);

    @Override
    public final void dismissed() {
      lease.release();
    }
  }

  private final class AuthenticatedBody extends KeptBody {

    AuthenticatedBody(Admission.Lease lease, BodyCollector collector) {
      super(lease, collector);
    }

    @Override
    void whole(byte[] body, AnswerDeadline deadline) {
      new Intake(exchange, ingress, source, head, lease, deadline).take(body);
    }
  }

  private final class UndecidedBody extends KeptBody {

    UndecidedBody(Admission.Lease lease) {
      super(lease, BodyCollector.growing());
    }

    @Override
    void whole(byte[] body, AnswerDeadline deadline) {
      verify(lease, body, deadline);
    }
  }
}
