package io.penstock.ingest.auth.bcrypt;

import static io.penstock.ingest.auth.Verdict.ACCEPTED;
import static io.penstock.ingest.auth.Verdict.UNDECIDED;
import static io.penstock.ingest.auth.bcrypt.BcryptTokens.HEADER;
import static io.penstock.ingest.auth.bcrypt.BcryptTokens.head;
import static io.penstock.ingest.auth.bcrypt.BcryptTokens.lookalike;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.ingest.Timed;
import io.penstock.ingest.auth.Authentication;
import io.penstock.ingest.auth.FakeHead;
import io.penstock.ingest.auth.MatchListener;
import io.penstock.ingest.auth.Secret;
import io.penstock.ingest.auth.SecretList;
import io.penstock.ingest.auth.Verdict;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Strangers who send what looks like a token, each as costly as is allowed; real hashes. */
class BcryptFloodTest {

  private static final int TOKENS = 10_000;
  private static final byte[] NO_BODY = {};

  private final Secret secret = Secret.of("a secret that no stranger knows");
  private final BcryptPool.Limits limits = BcryptPool.Limits.forProcessors(2);
  private final BcryptPool pool = new BcryptPool(limits, System::nanoTime);
  private final BcryptTokenAuthenticator authenticator =
      new BcryptTokenAuthenticator(HEADER, SecretList.of(secret), 12, pool, MatchListener.NONE);
  private final Authentication authentication = new Authentication(List.of(authenticator));

  @Test
  void neitherDelaysNorRefusesAVerifiedTokenAndCostsABoundedNumberOfHashes() {
    FakeHead stable = head(BcryptTokens.of(secret)).from("203.0.113.1");
    Future<Verdict> first = authentication.verify(stable, NO_BODY);
    await().until(first::isComplete);
    assertThat(first.result()).isEqualTo(ACCEPTED);

    List<Future<Verdict>> strangers = new ArrayList<>();
    long slowest = 0;
    long start = System.nanoTime();
    for (int i = 0; i < TOKENS; i++) {
      FakeHead stranger = head(lookalike(12, i)).from("192.0.2." + i % 20);
      assertThat(authentication.screen(stranger)).isEqualTo(UNDECIDED);
      strangers.add(authentication.verify(stranger, NO_BODY));

      long before = System.nanoTime();
      assertThat(authentication.screen(stable)).isEqualTo(ACCEPTED);
      slowest = Math.max(slowest, System.nanoTime() - before);
    }
    Duration flood = Duration.ofNanos(System.nanoTime() - start);

    if (Timed.Run.isTimed()) {
      assertThat(Duration.ofNanos(slowest)).isLessThan(Duration.ofSeconds(1));
    }
    assertThat(pool.waiting()).isLessThanOrEqualTo(limits.waiting());
    pool.close();
    await().untilAsserted(() -> assertThat(strangers).allMatch(Future::isComplete));
    assertThat(strangers)
        .allSatisfy(
            each ->
                assertThat(each.result())
                    .isInstanceOfAny(Verdict.Refused.class, Verdict.Overloaded.class));
    // No machine computes one in less than 20 ms.
    assertThat(authenticator.statistics().hashes())
        .isLessThanOrEqualTo(2 + flood.dividedBy(Duration.ofMillis(20)));
    assertThat(authentication.screen(stable)).isEqualTo(ACCEPTED);
  }

  @Test
  void letsANewTokenFromAnotherAddressIn() {
    for (int i = 0; i < TOKENS; i++) {
      authentication.verify(head(lookalike(8, i)).from("192.0.2." + i % 8), NO_BODY);
    }
    FakeHead newcomer = head(BcryptTokens.of(secret)).from("203.0.113.1");

    Future<Verdict> verdict = authentication.verify(newcomer, NO_BODY);

    await().atMost(Duration.ofMinutes(2)).until(verdict::isComplete);
    assertThat(verdict.result()).isEqualTo(ACCEPTED);
    pool.close();
  }
}
