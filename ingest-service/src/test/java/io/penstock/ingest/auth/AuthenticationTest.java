package io.penstock.ingest.auth;

import static io.penstock.ingest.auth.Verdict.ACCEPTED;
import static io.penstock.ingest.auth.Verdict.OVERLOADED;
import static io.penstock.ingest.auth.Verdict.UNDECIDED;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class AuthenticationTest {

  private static final byte[] BODY = {1, 2, 3};
  private static final Verdict REFUSED = new Verdict.Refused("test", "it says so");

  /** Says what it is told to say, and counts how often it is asked. */
  private static final class Scripted implements Authenticator {
    private final Verdict screened;
    private final Future<Verdict> verified;
    private final boolean needsBody;
    int screens;
    int verifications;

    Scripted(Verdict screened, Future<Verdict> verified, boolean needsBody) {
      this.screened = screened;
      this.verified = verified;
      this.needsBody = needsBody;
    }

    static Scripted screening(Verdict verdict) {
      return new Scripted(verdict, Future.failedFuture("must not be asked"), false);
    }

    static Scripted verifying(Verdict verdict) {
      return verifying(Future.succeededFuture(verdict));
    }

    static Scripted verifying(Future<Verdict> verdict) {
      return new Scripted(UNDECIDED, verdict, true);
    }

    @Override
    public Verdict screen(RequestHead head) {
      screens++;
      return screened;
    }

    @Override
    public boolean needsBody() {
      return needsBody;
    }

    @Override
    public Future<Verdict> verify(RequestHead head, byte[] body) {
      verifications++;
      assertThat(body).isEqualTo(BODY);
      return verified;
    }
  }

  private static Authentication all(Authenticator... authenticators) {
    return new Authentication(List.of(authenticators));
  }

  private static Verdict verify(Authenticator... authenticators) {
    Future<Verdict> future = all(authenticators).verify(FakeHead.bare(), BODY);
    assertThat(future.succeeded()).isTrue();
    return future.result();
  }

  @Test
  void whereNothingIsAskedEverybodyIsAccepted() {
    assertThat(all().screen(FakeHead.bare())).isEqualTo(ACCEPTED);
    assertThat(all().needsBody()).isFalse();
    assertThat(verify()).isEqualTo(ACCEPTED);
  }

  static Stream<Arguments> pairs() {
    return Stream.of(
        Arguments.of(ACCEPTED, ACCEPTED, ACCEPTED),
        Arguments.of(ACCEPTED, UNDECIDED, UNDECIDED),
        Arguments.of(ACCEPTED, OVERLOADED, OVERLOADED),
        Arguments.of(ACCEPTED, REFUSED, REFUSED),
        Arguments.of(UNDECIDED, UNDECIDED, UNDECIDED),
        Arguments.of(UNDECIDED, OVERLOADED, OVERLOADED),
        Arguments.of(UNDECIDED, REFUSED, REFUSED),
        Arguments.of(OVERLOADED, OVERLOADED, OVERLOADED),
        Arguments.of(OVERLOADED, REFUSED, REFUSED),
        Arguments.of(REFUSED, REFUSED, REFUSED));
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void theWorstOfAllCountsInWhateverOrder(Verdict one, Verdict other, Verdict together) {
    assertThat(all(Scripted.screening(one), Scripted.screening(other)).screen(FakeHead.bare()))
        .isEqualTo(together);
    assertThat(all(Scripted.screening(other), Scripted.screening(one)).screen(FakeHead.bare()))
        .isEqualTo(together);
  }

  @Test
  void theWordsAreThoseOfTheFirstThatRefuses() {
    Verdict later = new Verdict.Refused("test", "it says something else");

    assertThat(all(Scripted.screening(REFUSED), Scripted.screening(later)).screen(FakeHead.bare()))
        .isEqualTo(REFUSED);
    assertThat(verify(Scripted.verifying(later), Scripted.verifying(REFUSED))).isEqualTo(later);
  }

  @Test
  void aRefusalIsScreenedAsLongAsAnyOther() {
    Scripted refusing = Scripted.screening(REFUSED);
    Scripted after = Scripted.screening(ACCEPTED);

    all(refusing, after).screen(FakeHead.bare());

    assertThat(after.screens).isEqualTo(1);
  }

  @Test
  void onlyTheUndecidedAreVerified() {
    Scripted decided = Scripted.screening(ACCEPTED);
    Scripted undecided = Scripted.verifying(ACCEPTED);

    assertThat(verify(decided, undecided)).isEqualTo(ACCEPTED);
    assertThat(decided.verifications).isZero();
    assertThat(undecided.verifications).isEqualTo(1);
  }

  @Test
  void whatIsRefusedMeanwhileIsNotVerified() {
    Scripted undecided = Scripted.verifying(ACCEPTED);

    assertThat(verify(undecided, Scripted.screening(REFUSED))).isInstanceOf(Verdict.Refused.class);
    assertThat(undecided.verifications).isZero();
  }

  @Test
  void whatOneRefusesAtOnceCostsNoOtherAnyWork() {
    Scripted expensive = Scripted.verifying(ACCEPTED);

    assertThat(verify(Scripted.verifying(REFUSED), expensive)).isInstanceOf(Verdict.Refused.class);
    assertThat(expensive.verifications).isZero();
  }

  @Test
  void allMustVerify() {
    assertThat(verify(Scripted.verifying(ACCEPTED), Scripted.verifying(ACCEPTED)))
        .isEqualTo(ACCEPTED);
    assertThat(verify(Scripted.verifying(ACCEPTED), Scripted.verifying(REFUSED)))
        .isInstanceOf(Verdict.Refused.class);
    assertThat(verify(Scripted.verifying(ACCEPTED), Scripted.verifying(OVERLOADED)))
        .isEqualTo(OVERLOADED);
  }

  @Test
  void aLateRefusalOutweighsAnEarlierOverload() {
    Promise<Verdict> first = Promise.promise();
    Promise<Verdict> second = Promise.promise();
    Future<Verdict> result =
        all(Scripted.verifying(first.future()), Scripted.verifying(second.future()))
            .verify(FakeHead.bare(), BODY);

    first.complete(OVERLOADED);
    assertThat(result.isComplete()).isFalse();
    second.complete(REFUSED);

    assertThat(result.result()).isInstanceOf(Verdict.Refused.class);
  }

  @Test
  void neverAcceptsByMistake() {
    assertThat(verify(Scripted.verifying(UNDECIDED))).isInstanceOf(Verdict.Refused.class);
    assertThat(verify(Scripted.verifying(Future.failedFuture("broken")))).isEqualTo(OVERLOADED);
  }

  @Test
  void needsTheBodyIfAnyDoes() {
    assertThat(all(Scripted.screening(ACCEPTED)).needsBody()).isFalse();
    assertThat(all(Scripted.screening(ACCEPTED), Scripted.verifying(ACCEPTED)).needsBody())
        .isTrue();
  }
}
