package io.penstock.ingest.auth.bcrypt;

import static io.penstock.ingest.auth.Verdict.ACCEPTED;
import static io.penstock.ingest.auth.Verdict.OVERLOADED;
import static io.penstock.ingest.auth.Verdict.UNDECIDED;
import static io.penstock.ingest.auth.bcrypt.BcryptTokens.HEADER;
import static io.penstock.ingest.auth.bcrypt.BcryptTokens.head;
import static io.penstock.ingest.auth.bcrypt.BcryptTokens.lookalike;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.penstock.ingest.auth.FakeHead;
import io.penstock.ingest.auth.Secret;
import io.penstock.ingest.auth.SecretFiles;
import io.penstock.ingest.auth.SecretFiles.Resolution;
import io.penstock.ingest.auth.SecretList;
import io.penstock.ingest.auth.Verdict;
import io.penstock.ingest.config.SecretRef;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BcryptTokenAuthenticatorTest {

  private static final byte[] NO_BODY = {};
  private static final String OLD = "the old secret";
  private static final String NEW = "the new secret";

  @TempDir private Path directory;

  private final AtomicLong nanos = new AtomicLong();
  private final BcryptPool pool =
      new BcryptPool(new BcryptPool.Limits(1, 6, 3, Duration.ofSeconds(3)), nanos::get);
  private final List<Integer> matched = new CopyOnWriteArrayList<>();
  private final SecretFiles files =
      new SecretFiles(Map.of(), Duration.ofHours(1), SecretFiles.Listener.NONE);

  @AfterEach
  void close() {
    pool.close();
    files.close();
  }

  private BcryptTokenAuthenticator authenticator(SecretList secrets) {
    return new BcryptTokenAuthenticator(HEADER, secrets, 12, pool, matched::add);
  }

  private BcryptTokenAuthenticator authenticator(BcryptTokenAuthenticator.Hashing hashing) {
    return new BcryptTokenAuthenticator(
        HEADER, SecretList.of(Secret.of(OLD)), 12, pool, matched::add, hashing);
  }

  /** Screens, and verifies where that leaves it open, as the ingress does. */
  private static Verdict decide(BcryptTokenAuthenticator authenticator, FakeHead head) {
    Verdict screened = authenticator.screen(head);
    return screened instanceof Verdict.Undecided
        ? join(authenticator.verify(head, NO_BODY))
        : screened;
  }

  private static Verdict join(Future<Verdict> future) {
    return future.toCompletionStage().toCompletableFuture().join();
  }

  /** Secrets in files, so that they can change. */
  private SecretList inFiles(Path... paths) {
    List<SecretRef> references = new ArrayList<>();
    for (Path path : paths) {
      references.add(new SecretRef.File(path));
    }
    return switch (files.resolve(references)) {
      case Resolution.Resolved resolved -> resolved.secrets();
      case Resolution.Unresolved unresolved -> throw new AssertionError(unresolved.toString());
    };
  }

  private void rewrite(Path path, String content) throws Exception {
    Files.writeString(path, content);
    files.refresh();
    files.refresh();
  }

  /** Hashing that waits to be let through, token by token, and accepts tokens of an even number. */
  private static final class Gated implements BcryptTokenAuthenticator.Hashing {
    final Semaphore permits = new Semaphore(0);
    final List<String> started = new CopyOnWriteArrayList<>();
    final List<String> threads = new CopyOnWriteArrayList<>();

    @Override
    public boolean matches(Secret secret, BcryptToken token) {
      String text = new String(token.bytes(), StandardCharsets.US_ASCII);
      threads.add(Thread.currentThread().getName());
      started.add(text.substring(text.length() - 3));
      permits.acquireUninterruptibly();
      return text.charAt(59) % 2 == 0;
    }
  }

  // What it accepts.

  @Test
  void acceptsAHashOfAnySecretAndTellsOfWhich() {
    BcryptTokenAuthenticator authenticator =
        authenticator(SecretList.of(Secret.of(OLD), Secret.of(NEW)));

    assertThat(decide(authenticator, head(BcryptTokens.of(Secret.of(NEW))))).isEqualTo(ACCEPTED);
    assertThat(decide(authenticator, head(BcryptTokens.of(Secret.of(OLD))))).isEqualTo(ACCEPTED);
    assertThat(decide(authenticator, head(BcryptTokens.of(Secret.of("another")))))
        .isInstanceOf(Verdict.Refused.class);

    assertThat(matched).containsExactly(1, 0);
    assertThat(authenticator.statistics().hashes()).isEqualTo(2 + 1 + 2);
    assertThat(authenticator.statistics().highestCost()).isEqualTo(4);
  }

  @Test
  void needsNoBody() {
    assertThat(authenticator(SecretList.of(Secret.of(OLD))).needsBody()).isFalse();
  }

  @Test
  void refusesAnAbsentARepeatedAndAForeignHeader() {
    BcryptTokenAuthenticator authenticator = authenticator(SecretList.of(Secret.of(OLD)));
    String token = BcryptTokens.of(Secret.of(OLD));
    assertThat(decide(authenticator, head(token))).isEqualTo(ACCEPTED);

    assertThat(authenticator.screen(FakeHead.bare())).isInstanceOf(Verdict.Refused.class);
    assertThat(authenticator.screen(head(token, token))).isInstanceOf(Verdict.Refused.class);
    assertThat(authenticator.screen(head(token + "," + token))).isInstanceOf(Verdict.Refused.class);
    assertThat(authenticator.screen(head(token, "x"))).isInstanceOf(Verdict.Refused.class);
    assertThat(authenticator.screen(head(OLD))).isInstanceOf(Verdict.Refused.class);
    assertThat(authenticator.screen(FakeHead.withHeader("x-other", token)))
        .isInstanceOf(Verdict.Refused.class);
    assertThat(authenticator.statistics().malformed()).isEqualTo(6);
  }

  @Test
  void refusesTheHighestCostWithoutAnyWork() {
    BcryptTokenAuthenticator authenticator = authenticator(SecretList.of(Secret.of(OLD)));
    int requests = 20_000;

    for (int i = 0; i < requests; i++) {
      assertThat(authenticator.screen(head(lookalike(31, i)))).isInstanceOf(Verdict.Refused.class);
    }

    assertThat(authenticator.statistics().tooCostly()).isEqualTo(requests);
    assertThat(authenticator.statistics().hashes()).isZero();
    assertThat(join(authenticator.verify(head(lookalike(31, 0)), NO_BODY)))
        .isInstanceOf(Verdict.Refused.class);
    assertThat(authenticator.statistics().hashes()).isZero();
  }

  @Test
  void computesUpToTheHighestAllowedCostAndNotBeyond() {
    BcryptTokenAuthenticator authenticator = authenticator((secret, token) -> true);

    assertThat(decide(authenticator, head(lookalike(12, 1)))).isEqualTo(ACCEPTED);
    assertThat(decide(authenticator, head(lookalike(13, 1)))).isInstanceOf(Verdict.Refused.class);
    assertThat(authenticator.statistics().highestCost()).isEqualTo(12);
  }

  @Test
  void neverThrowsAndNeverAcceptsWhateverMutationsMakeOfATrueToken() {
    Random random = new Random(42);
    BcryptTokenAuthenticator authenticator =
        new BcryptTokenAuthenticator(HEADER, SecretList.of(Secret.of(OLD)), 4, pool, matched::add);
    String token = BcryptTokens.of(Secret.of(OLD));
    int computed = 0;
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder(token);
      // Not the salt's and the hash's last characters, of which only some bits count.
      int at = List.of(random.nextInt(28), 29 + random.nextInt(30)).get(random.nextInt(2));
      char c = (char) random.nextInt(random.nextInt(10) == 0 ? 0x10000 : 128);
      if (c == token.charAt(at) || at == 2) {
        continue;
      }
      switch (random.nextInt(20)) {
        case 0 -> text.deleteCharAt(at);
        case 1 -> text.insert(at, c);
        default -> text.setCharAt(at, c);
      }
      Verdict verdict = authenticator.screen(head(text.toString()));
      if (verdict instanceof Verdict.Undecided && computed < 200) {
        computed++;
        verdict = join(authenticator.verify(head(text.toString()), NO_BODY));
      }
      assertThat(verdict)
          .as("%s", text)
          .isInstanceOfAny(Verdict.Refused.class, Verdict.Undecided.class);
    }
    assertThat(computed).isEqualTo(200);
    assertThat(decide(authenticator, head(token))).isEqualTo(ACCEPTED);
  }

  @ParameterizedTest
  @ValueSource(ints = {71, 72, 73, 200})
  void takesSecretsOfAnyLength(int length) {
    Secret secret = Secret.of("s".repeat(length));

    assertThat(decide(authenticator(SecretList.of(secret)), head(BcryptTokens.of(secret))))
        .isEqualTo(ACCEPTED);
  }

  @Test
  void refusesWhatCannotBeComputed() {
    BcryptTokenAuthenticator authenticator =
        authenticator(
            (secret, token) -> {
              throw new IllegalArgumentException("expected by the test");
            });

    assertThat(decide(authenticator, head(lookalike(10, 1)))).isInstanceOf(Verdict.Refused.class);
  }

  @Test
  void saysThatItIsOverloadedWhenTheMachineFails() {
    BcryptTokenAuthenticator authenticator =
        authenticator(
            (secret, token) -> {
              throw new OutOfMemoryError("expected by the test");
            });

    assertThat(decide(authenticator, head(lookalike(10, 1)))).isEqualTo(OVERLOADED);
  }

  // What it computes.

  @Test
  void computesAStableTokenOnce() {
    BcryptTokenAuthenticator authenticator = authenticator(SecretList.of(Secret.of(OLD)));
    FakeHead head = head(BcryptTokens.of(Secret.of(OLD)));

    for (int i = 0; i < 1000; i++) {
      assertThat(decide(authenticator, head)).isEqualTo(ACCEPTED);
    }

    assertThat(authenticator.statistics().hashes()).isEqualTo(1);
    assertThat(authenticator.statistics().known()).isEqualTo(999);
    assertThat(matched).hasSize(1000).containsOnly(0);
  }

  @Test
  void computesAWrongTokenOnce() {
    BcryptTokenAuthenticator authenticator = authenticator(SecretList.of(Secret.of(OLD)));
    FakeHead head = head(lookalike(4, 1));

    for (int i = 0; i < 1000; i++) {
      assertThat(decide(authenticator, head)).isInstanceOf(Verdict.Refused.class);
    }

    assertThat(authenticator.statistics().hashes()).isEqualTo(1);
    assertThat(authenticator.statistics().knownBad()).isEqualTo(999);
  }

  @ParameterizedTest
  @ValueSource(ints = {122, 123})
  void computesConcurrentCopiesOnce(int number) {
    Gated gate = new Gated();
    BcryptTokenAuthenticator authenticator = authenticator(gate);
    FakeHead head = head(lookalike(10, number));
    List<Future<Verdict>> futures = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      assertThat(authenticator.screen(head)).isEqualTo(UNDECIDED);
      futures.add(authenticator.verify(head.from("192.0.2." + i), NO_BODY));
    }

    gate.permits.release(50);

    assertThat(futures)
        .allSatisfy(
            future ->
                assertThat(join(future))
                    .isInstanceOf(number == 122 ? Verdict.Accepted.class : Verdict.Refused.class));
    assertThat(authenticator.statistics().hashes()).isEqualTo(1);
    assertThat(matched).hasSize(number == 122 ? 50 : 0);
  }

  @Test
  void computesOnceHoweverTheCopiesRace() throws Exception {
    int rounds = 3000;
    int threads = 4;
    BcryptTokenAuthenticator authenticator = authenticator((secret, token) -> true);
    CyclicBarrier together = new CyclicBarrier(threads);
    List<CompletableFuture<Void>> racers = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      racers.add(
          CompletableFuture.runAsync(
              () -> {
                for (int round = 0; round < rounds; round++) {
                  meet(together);
                  FakeHead head = head(lookalike(10, round));
                  assertThat(join(authenticator.verify(head, NO_BODY))).isEqualTo(ACCEPTED);
                }
              },
              each -> Thread.ofPlatform().daemon().start(each)));
    }
    CompletableFuture.allOf(racers.toArray(CompletableFuture[]::new)).get(120, TimeUnit.SECONDS);

    assertThat(authenticator.statistics().hashes()).isEqualTo(rounds);
  }

  private static void meet(CyclicBarrier barrier) {
    try {
      barrier.await(120, TimeUnit.SECONDS);
    } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void remembersManyWrongTokens() {
    BcryptTokenAuthenticator authenticator = authenticator((secret, token) -> false);
    for (int pass = 0; pass < 2; pass++) {
      for (int i = 0; i < 5000; i++) {
        assertThat(decide(authenticator, head(lookalike(10, i))))
            .isInstanceOf(Verdict.Refused.class);
      }
    }

    assertThat(authenticator.statistics().hashes()).isEqualTo(5000);
  }

  @Test
  void sharesAComputationAmongSoManyAndNoMore() {
    Gated gate = new Gated();
    BcryptTokenAuthenticator authenticator = authenticator(gate);
    FakeHead head = head(lookalike(10, 2));
    List<Future<Verdict>> futures = new ArrayList<>();
    for (int i = 0; i < 1001; i++) {
      futures.add(authenticator.verify(head, NO_BODY));
    }

    assertThat(futures.getLast().result()).isEqualTo(OVERLOADED);
    gate.permits.release();
    assertThat(join(futures.getFirst())).isEqualTo(ACCEPTED);
  }

  // Whom it keeps waiting.

  @Test
  void computesOnAThreadOfThePoolAndAnswersOnTheCallersContext() {
    Vertx vertx = Vertx.vertx();
    try {
      Gated gate = new Gated();
      BcryptTokenAuthenticator authenticator = authenticator(gate);
      Context context = vertx.getOrCreateContext();
      CompletableFuture<List<String>> asked = new CompletableFuture<>();
      CompletableFuture<Void> stillRunning = new CompletableFuture<>();
      context.runOnContext(
          on -> {
            String loop = Thread.currentThread().getName();
            authenticator
                .verify(head(lookalike(10, 2)), NO_BODY)
                .onComplete(
                    verdict ->
                        asked.complete(
                            List.of(
                                loop,
                                Thread.currentThread().getName(),
                                String.valueOf(context.equals(Vertx.currentContext())),
                                verdict.result().getClass().getSimpleName())));
            context.runOnContext(next -> stillRunning.complete(null));
          });

      stillRunning.join();
      assertThat(asked).as("the loop goes on while the hash is computed").isNotDone();
      gate.permits.release();

      List<String> answer = asked.join();
      assertThat(answer.get(0)).startsWith("vert.x-eventloop").isEqualTo(answer.get(1));
      assertThat(answer.subList(2, 4)).containsExactly("true", "Accepted");
      assertThat(gate.threads).containsExactly("penstock-bcrypt-0");
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().join();
    }
  }

  @Test
  void answersAtOnceWhenThereIsNoRoom() {
    Gated gate = new Gated();
    BcryptTokenAuthenticator authenticator = authenticator(gate);
    List<Future<Verdict>> futures = new ArrayList<>();
    futures.add(authenticator.verify(head(lookalike(10, 100)), NO_BODY));
    await().until(() -> gate.started.size() == 1);
    for (int i = 101; i <= 103; i++) {
      futures.add(authenticator.verify(head(lookalike(10, i)), NO_BODY));
    }
    assertThat(futures).noneMatch(Future::isComplete);

    Future<Verdict> more = authenticator.verify(head(lookalike(10, 104)), NO_BODY);

    assertThat(more.isComplete()).isTrue();
    assertThat(more.result()).isEqualTo(OVERLOADED);
    assertThat(authenticator.statistics().overloaded()).isEqualTo(1);
    assertThat(authenticator.screen(head(lookalike(10, 104))))
        .as("being overloaded is nothing to remember")
        .isEqualTo(UNDECIDED);
    gate.permits.release(100);
    assertThat(join(futures.getLast())).isInstanceOf(Verdict.Refused.class);
  }

  @Test
  void letsAddressesTakeTurns() {
    Gated gate = new Gated();
    BcryptTokenAuthenticator authenticator = authenticator(gate);
    authenticator.verify(head(lookalike(10, 100)), NO_BODY);
    await().until(() -> gate.started.size() == 1);
    Future<Verdict> last = Future.succeededFuture();
    for (int i = 101; i <= 103; i++) {
      last = authenticator.verify(head(lookalike(10, i)).from("192.0.2.66"), NO_BODY);
    }
    Future<Verdict> other =
        authenticator.verify(head(lookalike(10, 200)).from("198.51.100.1"), NO_BODY);

    gate.permits.release(100);

    assertThat(join(last)).isInstanceOf(Verdict.Refused.class);
    assertThat(join(other)).isEqualTo(ACCEPTED);
    assertThat(gate.started).containsExactly("100", "101", "200", "102", "103");
  }

  @Test
  void doesNotComputeWhatHasWaitedTooLong() {
    Gated gate = new Gated();
    BcryptTokenAuthenticator authenticator = authenticator(gate);
    authenticator.verify(head(lookalike(10, 100)), NO_BODY);
    await().until(() -> gate.started.size() == 1);
    Future<Verdict> waiting = authenticator.verify(head(lookalike(10, 102)), NO_BODY);

    nanos.addAndGet(Duration.ofSeconds(4).toNanos());
    gate.permits.release();

    assertThat(join(waiting)).isEqualTo(OVERLOADED);
    assertThat(gate.started).containsExactly("100");
  }

  @Test
  void aVerifiedTokenNeitherWaitsNorIsForgottenUnderAFlood() {
    Gated gate = new Gated();
    BcryptTokenAuthenticator authenticator = authenticator(gate);
    FakeHead stable = head(lookalike(10, 100));
    gate.permits.release();
    assertThat(decide(authenticator, stable)).isEqualTo(ACCEPTED);
    // Twice as many wrong tokens as are remembered, every one of them computed.
    gate.permits.release(1_000_000);
    for (int i = 0; i < 20_000; i++) {
      FakeHead wrong = head(lookalike(12, 1001 + 2 * i));
      assertThat(decide(authenticator, wrong)).isInstanceOf(Verdict.Refused.class);
      assertThat(authenticator.screen(stable)).isEqualTo(ACCEPTED);
    }
    nanos.addAndGet(Duration.ofDays(400).toNanos());
    pool.close();

    assertThat(authenticator.screen(stable)).isEqualTo(ACCEPTED);
    assertThat(authenticator.statistics().hashes()).isEqualTo(20_001);
  }

  @Test
  void isOverloadedOnceThePoolIsClosed() {
    BcryptTokenAuthenticator authenticator = authenticator(SecretList.of(Secret.of(OLD)));
    pool.close();

    assertThat(authenticator.verify(head(lookalike(4, 1)), NO_BODY).result()).isEqualTo(OVERLOADED);
  }

  // What changes with the secrets.

  @Test
  void aRemovedSecretIsRefusedAtOnceAndTheOthersAreNotComputedAgain() throws Exception {
    Path one = Files.writeString(directory.resolve("one"), OLD);
    Path two = Files.writeString(directory.resolve("two"), NEW);
    BcryptTokenAuthenticator authenticator = authenticator(inFiles(one, two));
    FakeHead byOld = head(BcryptTokens.of(Secret.of(OLD)));
    FakeHead byNew = head(BcryptTokens.of(Secret.of(NEW)));
    assertThat(decide(authenticator, byOld)).isEqualTo(ACCEPTED);
    assertThat(decide(authenticator, byNew)).isEqualTo(ACCEPTED);
    long hashes = authenticator.statistics().hashes();

    rewrite(one, "something else");

    assertThat(authenticator.screen(byOld)).isNotEqualTo(ACCEPTED);
    assertThat(authenticator.screen(byNew)).isEqualTo(ACCEPTED);
    assertThat(authenticator.statistics().hashes()).isEqualTo(hashes);
    assertThat(decide(authenticator, byOld)).isInstanceOf(Verdict.Refused.class);
    assertThat(authenticator.screen(byOld)).isInstanceOf(Verdict.Refused.class);
  }

  @Test
  void aWrongTokenGetsAnotherChanceWhenASecretIsAdded() throws Exception {
    Path path = Files.writeString(directory.resolve("one"), OLD);
    BcryptTokenAuthenticator authenticator = authenticator(inFiles(path));
    FakeHead early = head(BcryptTokens.of(Secret.of(NEW)));
    assertThat(decide(authenticator, early)).isInstanceOf(Verdict.Refused.class);
    assertThat(authenticator.screen(early)).isInstanceOf(Verdict.Refused.class);

    rewrite(path, NEW);

    assertThat(authenticator.screen(early)).isEqualTo(UNDECIDED);
    assertThat(decide(authenticator, early)).isEqualTo(ACCEPTED);
  }

  @Test
  void aSecretThatMovesInItsListIsTheSameSecret() throws Exception {
    Path one = Files.writeString(directory.resolve("one"), OLD);
    Path two = Files.writeString(directory.resolve("two"), "nothing yet");
    BcryptTokenAuthenticator authenticator = authenticator(inFiles(one, two));
    FakeHead head = head(BcryptTokens.of(Secret.of(OLD)));
    assertThat(decide(authenticator, head)).isEqualTo(ACCEPTED);

    Files.writeString(two, OLD);
    rewrite(one, NEW);

    assertThat(authenticator.screen(head)).isEqualTo(ACCEPTED);
    assertThat(matched).containsExactly(0, 1);
    assertThat(authenticator.statistics().hashes()).isEqualTo(1);
  }

  @Test
  void aSecretRemovedWhileItsTokenIsComputedIsRefused() throws Exception {
    Path path = Files.writeString(directory.resolve("one"), OLD);
    BcryptTokenAuthenticator.Hashing removing =
        (secret, token) -> {
          if (secret.equals(Secret.of(OLD))) {
            rewriteUnchecked(path);
            return true;
          }
          return false;
        };
    BcryptTokenAuthenticator authenticator =
        new BcryptTokenAuthenticator(HEADER, inFiles(path), 12, pool, matched::add, removing);

    assertThat(decide(authenticator, head(lookalike(10, 1)))).isInstanceOf(Verdict.Refused.class);
    assertThat(authenticator.statistics().hashes())
        .as("the old one and then the new one")
        .isEqualTo(2);
    assertThat(matched).isEmpty();
  }

  @Test
  void aSecretAddedWhileAWrongTokenIsComputedIsTriedToo() throws Exception {
    Path path = Files.writeString(directory.resolve("one"), OLD);
    BcryptTokenAuthenticator.Hashing adding =
        (secret, token) -> {
          if (secret.equals(Secret.of(OLD))) {
            rewriteUnchecked(path);
            return false;
          }
          return true;
        };
    Path other = Files.writeString(directory.resolve("two"), "one that stays");
    BcryptTokenAuthenticator.Hashing hashing =
        (secret, token) ->
            !secret.equals(Secret.of("one that stays")) && adding.matches(secret, token);
    BcryptTokenAuthenticator authenticator =
        new BcryptTokenAuthenticator(HEADER, inFiles(other, path), 12, pool, matched::add, hashing);

    assertThat(decide(authenticator, head(lookalike(10, 1)))).isEqualTo(ACCEPTED);
    assertThat(authenticator.statistics().hashes())
        .as("the one that stays is not tried again")
        .isEqualTo(3);
    assertThat(matched).containsExactly(1);
  }

  private void rewriteUnchecked(Path path) {
    try {
      rewrite(path, NEW);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  // The rest.

  @Test
  void showsNeitherSecretNorToken() {
    BcryptTokenAuthenticator authenticator = authenticator(SecretList.of(Secret.of(OLD)));
    String token = BcryptTokens.of(Secret.of(OLD));
    assertThat(decide(authenticator, head(token))).isEqualTo(ACCEPTED);

    assertThat(authenticator.toString()).doesNotContain(OLD, token).contains(HEADER);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 3, 32})
  void knowsWhatACostCanBe(int cost) {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new BcryptTokenAuthenticator(
                    HEADER, SecretList.of(Secret.of(OLD)), cost, pool, matched::add));
  }
}
