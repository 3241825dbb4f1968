package io.penstock.ingest.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.auth.Authentication;
import io.penstock.ingest.config.Configuration.LimitsConfig;
import io.penstock.ingest.ingress.Admission.Lease;
import io.penstock.ingest.source.Source;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdmissionTest {

  private static final long MIB = 1024 * 1024;
  private static final int REQUESTS = 100;
  private static final Source A = source("a", LimitsConfig.DEFAULT);
  private static final Source B = source("b", LimitsConfig.DEFAULT);

  private final Admission admission = new Admission(16 * MIB, REQUESTS, List.of(A, B));

  private static Source source(String name, LimitsConfig limits) {
    return new Source(
        name,
        new ScriptedIdentity(),
        (int) (MIB / 8),
        false,
        new Authentication(List.of()),
        null,
        Duration.ofSeconds(4),
        limits,
        List.of());
  }

  private static Lease granted(@Nullable Lease lease) {
    return Objects.requireNonNull(lease, "there was no room");
  }

  /** Takes as many deliveries of so many bytes as there is room for. */
  private static List<Lease> fill(Admission admission, Source source, long bytes) {
    List<Lease> leases = new ArrayList<>();
    for (Lease lease = admission.authenticated(source, bytes);
        lease != null;
        lease = admission.authenticated(source, bytes)) {
      leases.add(lease);
    }
    return leases;
  }

  @Test
  void oneNoisySourceLeavesTheOthersAsMuch() {
    // when
    List<Lease> noisy = fill(admission, A, MIB);
    // then
    assertThat(noisy).hasSize(7); // eight, but for what a delivery costs beside its body
    assertThat(fill(admission, B, MIB)).hasSize(7);
  }

  @Test
  void theSameHoldsForTheNumberOfDeliveries() {
    assertThat(fill(admission, A, 0)).hasSize(REQUESTS / 2);
    assertThat(fill(admission, B, 0)).hasSize(REQUESTS / 2);
  }

  @Test
  void aSourceThatIsAloneMayUseEverything() {
    Admission alone = new Admission(16 * MIB, REQUESTS, List.of(A));

    assertThat(fill(alone, A, 0)).hasSize(REQUESTS);
    Admission another = new Admission(16 * MIB, REQUESTS, List.of(A));
    assertThat(fill(another, A, MIB)).hasSize(15);
  }

  @Test
  void aShareCanBeGiven() {
    Source small = source("small", new LimitsConfig(2 * MIB, 3, null));
    Admission admission = new Admission(16 * MIB, REQUESTS, List.of(small, B));

    assertThat(fill(admission, small, MIB)).hasSize(1);
    assertThat(fill(new Admission(16 * MIB, REQUESTS, List.of(small, B)), small, 0)).hasSize(3);
  }

  @Test
  void allTogetherHoldNoMoreThanTheWhole() {
    Admission three =
        new Admission(16 * MIB, REQUESTS, List.of(A, B, source("c", LimitsConfig.DEFAULT)));

    fill(three, A, MIB);
    fill(three, B, MIB);
    fill(three, source("c", LimitsConfig.DEFAULT), MIB);

    assertThat(three.held()).isBetween(14 * MIB, 16 * MIB);
    assertThat(three.requests()).isLessThanOrEqualTo(REQUESTS);
  }

  @Test
  void strangersUseUpNoSourcesShare() {
    // given
    List<Lease> strangers = new ArrayList<>();
    for (Source source : List.of(A, B)) {
      for (Lease lease = admission.unauthenticated(source);
          lease != null && lease.resize(MIB / 4);
          lease = admission.unauthenticated(source)) {
        strangers.add(lease);
      }
    }
    // then
    assertThat(strangers).hasSizeBetween(14, 16); // a quarter, of both
    assertThat(admission.heldUnauthenticated("a")).isBetween(MIB, 2 * MIB);
    assertThat(admission.held("a")).isZero();
    assertThat(admission.requests()).isZero();
    assertThat(fill(admission, A, MIB)).hasSize(7);
  }

  @Test
  void theStrangersOfOneSourceLeaveRoomForThoseOfAnother() {
    // when
    while (true) {
      Lease lease = admission.unauthenticated(A);
      if (lease == null || !lease.resize(MIB / 8)) {
        break;
      }
    }
    // then
    assertThat(granted(admission.unauthenticated(B)).resize(MIB)).isTrue();
  }

  @Test
  void whoProvesToBeKnownIsCountedWithItsSourceFromThenOn() {
    // given
    Lease lease = granted(admission.unauthenticated(A));
    assertThat(lease.resize(MIB)).isTrue();
    // when
    assertThat(lease.becomeAuthenticated()).isTrue();
    // then
    assertThat(admission.heldUnauthenticated("a")).isZero();
    assertThat(admission.held("a")).isEqualTo(MIB);
    assertThat(admission.requests("a")).isEqualTo(1);
    assertThat(admission.held()).isEqualTo(MIB);
    lease.release();
    assertThat(admission.held()).isZero();
    assertThat(admission.requests()).isZero();
  }

  @Test
  void whoHasItsAnswerIsNoRequestAnyMoreButHoldsItsBytes() {
    // given
    Lease lease = granted(admission.authenticated(A, MIB));
    long bytes = admission.held("a");
    // when
    lease.decided();
    // then
    assertThat(admission.requests("a")).isZero();
    assertThat(admission.requests()).isZero();
    assertThat(admission.held("a")).isEqualTo(bytes);
    lease.release();
    assertThat(admission.held()).isZero();
    assertThat(admission.held("a")).isZero();
    assertThat(admission.requests()).as("not given back twice").isZero();
    assertThat(admission.requests("a")).isZero();
  }

  @Test
  void whoFindsNoRoomHoldsWhatItHeld() {
    // given
    Lease lease = granted(admission.authenticated(A, MIB));
    long before = admission.held();
    // then
    assertThat(lease.resize(9 * MIB)).isFalse();
    assertThat(lease.couldHold(9 * MIB)).isFalse();
    assertThat(admission.authenticated(A, 9 * MIB)).isNull();
    assertThat(admission.held()).isEqualTo(before);
    assertThat(admission.requests("a")).isEqualTo(1);
    assertThat(lease.couldHold(2 * MIB)).isTrue();
    assertThat(admission.held()).isEqualTo(before);
  }

  @Test
  void theLargestDeliveryPassesHoweverNarrowTheBounds() {
    Admission narrow = new Admission(1, 1, List.of(A, B));

    Lease stranger = granted(narrow.unauthenticated(A));
    assertThat(stranger.resize(Admission.DELIVERY_OVERHEAD + MIB / 4)).isTrue();
    assertThat(stranger.becomeAuthenticated()).isTrue();
    assertThat(narrow.authenticated(A, 0)).isNull();
  }

  /** The rule of docs/configuration.md, as a sum over what is held. */
  private static final class Rule {
    private static final int REQUESTS = 7;
    private final long bytes;
    private final List<Source> sources;
    private final List<Held> all = new ArrayList<>();

    Rule(long bytes, List<Source> sources) {
      this.bytes = bytes;
      this.sources = sources;
    }

    static final class Held {
      final Source source;
      final Lease lease;
      boolean known;
      boolean answered;
      long bytes;

      Held(Source source, Lease lease, boolean known, long bytes) {
        this.source = source;
        this.lease = lease;
        this.known = known;
        this.bytes = bytes;
      }
    }

    private long most(Source source) {
      return 2048 + 2L * source.maxBodySize();
    }

    private long largest() {
      return sources.stream().mapToLong(this::most).max().orElseThrow();
    }

    private long held(java.util.function.Predicate<Held> which) {
      return all.stream().filter(which).mapToLong(held -> held.bytes).sum();
    }

    private long requests(java.util.function.Predicate<Held> which) {
      return all.stream().filter(which).filter(held -> held.known && !held.answered).count();
    }

    boolean fits(Source source, boolean known, long more) {
      if (more <= 0) {
        return true;
      }
      boolean alone = sources.size() == 1;
      long share = known ? (alone ? bytes : bytes / 2) : (alone ? bytes / 4 : bytes / 8);
      boolean fits =
          held(any -> true) + more <= Math.max(largest(), bytes)
              && held(any -> any.source.equals(source) && any.known == known) + more
                  <= Math.max(most(source), share);
      return fits && (known || held(any -> !any.known) + more <= Math.max(largest(), bytes / 4));
    }

    boolean fitsOneMore(Source source) {
      int share = sources.size() == 1 ? REQUESTS : (REQUESTS + 1) / 2;
      return requests(any -> true) < REQUESTS && requests(any -> any.source.equals(source)) < share;
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 300_000, 1_000_001, 4_194_304})
  void whatFitsByTheRuleIsAdmittedAndNothingElseIs(long bytes) {
    for (List<Source> sources : List.of(List.of(A), List.of(A, B))) {
      for (int seed = 0; seed < 30; seed++) {
        Random random = new Random(seed);
        Admission admission = new Admission(bytes, Rule.REQUESTS, sources);
        Rule rule = new Rule(bytes, sources);
        for (int step = 0; step < 400; step++) {
          step(random, admission, rule, sources);
        }
        rule.all.forEach(held -> held.lease.release());
        assertThat(admission.held()).isZero();
        assertThat(admission.requests()).isZero();
        for (Source source : sources) {
          assertThat(admission.held(source.name())).isZero();
          assertThat(admission.heldUnauthenticated(source.name())).isZero();
          assertThat(admission.requests(source.name())).isZero();
        }
      }
    }
  }

  private static void step(Random random, Admission admission, Rule rule, List<Source> sources) {
    Source source = sources.get(random.nextInt(sources.size()));
    long size = random.nextInt(2 * source.maxBodySize());
    int kind = random.nextInt(7);
    Rule.@Nullable Held held =
        rule.all.isEmpty() ? null : rule.all.get(random.nextInt(rule.all.size()));
    if (kind == 0) {
      boolean fits = rule.fits(source, true, 2048 + size) && rule.fitsOneMore(source);
      Lease lease = admission.authenticated(source, size);
      assertThat(lease != null).isEqualTo(fits);
      if (lease != null) {
        rule.all.add(new Rule.Held(source, lease, true, 2048 + size));
      }
    } else if (kind == 1) {
      boolean fits = rule.fits(source, false, 2048);
      Lease lease = admission.unauthenticated(source);
      assertThat(lease != null).isEqualTo(fits);
      if (lease != null) {
        rule.all.add(new Rule.Held(source, lease, false, 2048));
      }
    } else if (held == null) {
      assertThat(admission.held()).isZero();
    } else if (kind == 2) {
      boolean fits = rule.fits(held.source, held.known, 2048 + size - held.bytes);
      assertThat(held.lease.couldHold(2048 + size)).isEqualTo(fits);
      assertThat(held.lease.resize(2048 + size)).isEqualTo(fits);
      held.bytes = fits ? 2048 + size : held.bytes;
    } else if (kind == 3 && !held.known) {
      // Its bytes are counted already, and only change their place.
      long before = held.bytes;
      held.bytes = 0;
      boolean fits = rule.fits(held.source, true, before) && rule.fitsOneMore(held.source);
      held.bytes = before;
      assertThat(held.lease.becomeAuthenticated()).isEqualTo(fits);
      held.known = fits;
    } else if (kind == 4) {
      held.lease.decided();
      held.answered |= held.known;
    } else {
      held.lease.release();
      rule.all.remove(held);
    }
    assertThat(admission.held()).isEqualTo(rule.held(any -> true));
    assertThat(admission.requests()).isEqualTo((int) rule.requests(any -> true));
  }

  @Test
  void whatDoesNotFitTakesNoRoomFromWhatDoes() throws Exception {
    // given: one that asks for more than there is, again and again
    AtomicBoolean ends = new AtomicBoolean();
    Lease stranger = granted(admission.unauthenticated(A));
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      List<Future<?>> greedy =
          List.of(
              threads.submit(
                  () -> {
                    while (!ends.get()) {
                      admission.authenticated(A, 17 * MIB);
                    }
                  }),
              threads.submit(
                  () -> {
                    while (!ends.get()) {
                      stranger.couldHold(17 * MIB);
                    }
                  }));
      // when: another asks for what fits
      int refused = 0;
      for (int i = 0; i < 200_000; i++) {
        Lease lease = admission.authenticated(B, MIB);
        if (lease == null) {
          refused++;
        } else {
          lease.release();
        }
      }
      ends.set(true);
      for (Future<?> each : greedy) {
        each.get();
      }
      // then
      assertThat(refused).isZero();
    }
  }

  @Test
  void itIsFullWhereSeveralWereRefusedAndTheLastWouldBeAgain() {
    Admission alone = new Admission(16 * MIB, REQUESTS, List.of(A));
    Lease lease = granted(alone.authenticated(A, 0));
    assertThat(lease.resize(16 * MIB - 2 * Admission.DELIVERY_OVERHEAD)).isTrue();
    for (int i = 0; i < 5; i++) {
      assertThat(alone.isFull()).isFalse();
      assertThat(alone.authenticated(A, 10_000)).isNull();
    }
    assertThat(alone.isFull()).as("there is room for an empty one alone").isTrue();
    lease.release();
    assertThat(alone.isFull()).as("whether or not another comes").isFalse();
  }

  @Test
  void itIsNotFullWhereOneSourceIsRefusedForItsOwnShareAlone() {
    List<Lease> noisy = fill(admission, A, MIB);
    for (int i = 0; i < 10; i++) {
      assertThat(admission.authenticated(A, MIB)).isNull();
    }
    assertThat(admission.isFull()).as("the other source has room").isFalse();
    List<Lease> other = fill(admission, B, MIB);
    for (int i = 0; i < 10; i++) {
      assertThat(admission.authenticated(B, MIB)).isNull();
    }
    assertThat(admission.isFull()).as("no source has room").isTrue();
    noisy.forEach(Lease::release);
    assertThat(admission.isFull()).isFalse();
    other.forEach(Lease::release);
  }

  @Test
  void itIsFullWhereNothingIsAdmittedAnyMore() {
    Admission alone = new Admission(16 * MIB, REQUESTS, List.of(A));
    Lease lease = granted(alone.authenticated(A, 0));
    assertThat(lease.resize(16 * MIB - Admission.DELIVERY_OVERHEAD)).isTrue();
    assertThat(alone.isFull()).isFalse();
    assertThat(lease.resize(16 * MIB - Admission.DELIVERY_OVERHEAD + 1)).isTrue();
    assertThat(alone.isFull()).isTrue();
    assertThat(alone.authenticated(A, 0)).isNull();
  }

  @Test
  void manyThreadsNeverHoldMoreThanTheLimitAndLeaveNothing() throws Exception {
    // given
    AtomicLong inside = new AtomicLong();
    AtomicLong most = new AtomicLong();
    Callable<Void> worker =
        () -> {
          for (int i = 0; i < 20_000; i++) {
            long bytes = ThreadLocalRandom.current().nextLong(1, 6 * MIB);
            Source source = i % 2 == 0 ? A : B;
            Lease lease =
                i % 3 == 0
                    ? admission.unauthenticated(source)
                    : admission.authenticated(source, bytes);
            if (lease != null) {
              long held = i % 3 == 0 ? 0 : bytes;
              most.accumulateAndGet(inside.addAndGet(held), Math::max);
              lease.becomeAuthenticated();
              inside.addAndGet(-held);
              lease.release();
            }
          }
          return null;
        };
    // when
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (Future<Void> done : threads.invokeAll(List.of(worker, worker, worker, worker))) {
        done.get();
      }
    }
    // then
    assertThat(most.get()).isBetween(1L, 16 * MIB);
    assertThat(admission.held()).isZero();
    assertThat(admission.requests()).isZero();
    assertThat(admission.requests("a")).isZero();
    assertThat(admission.held("b")).isZero();
    assertThat(admission.heldUnauthenticated("b")).isZero();
  }
}
