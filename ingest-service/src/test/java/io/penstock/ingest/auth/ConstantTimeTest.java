package io.penstock.ingest.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.Timed;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * How long a refusal takes tells neither how near a guess came nor how long the secret is.
 *
 * <p>Both hold for secrets of any length, since digests are compared; it is with long ones that it
 * can be measured: whoever compares byte by byte takes a hundred times as long for a guess that is
 * wrong in the last of 32 KiB as for one that is wrong in its first byte. Measured in turns, as
 * medians of what the processor spent. That nothing else in the authenticators compares bytes is a
 * rule of the architecture.
 */
class ConstantTimeTest {

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private static final int LENGTH = 32 * 1024;
  private static final int ROUNDS = 61;
  private static final int CALLS = 20;

  /**
   * Far less than what a comparison byte by byte shows, and far more than what noise does, on a
   * machine that is busy with other things too.
   */
  private static final double MOST = Timed.Run.isTimed() ? 2 : 10;

  /** What compares a guess with a secret. */
  record Comparison(String name, Function<String, Predicate<byte[]>> with) {

    Predicate<byte[]> with(String secret) {
      return with.apply(secret);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Comparison> comparisons() {
    return Stream.of(
        new Comparison("a secret", secret -> Secret.of(secret)::matches),
        new Comparison(
            "a list of secrets",
            secret -> {
              SecretList list = SecretList.of(Secret.of(secret), Secret.of("another"));
              return guess -> list.current().indexOf(guess) >= 0;
            }));
  }

  @ParameterizedTest
  @MethodSource("comparisons")
  void aGuessThatIsNearlyRightTakesNoLongerThanOneThatIsAllWrong(Comparison comparison) {
    String secret = "s".repeat(LENGTH);
    Predicate<byte[]> asked = comparison.with(secret);

    assertTakeTheSame(
        asked, (secret.substring(1) + "x").getBytes(UTF_8),
        asked, ("x" + secret.substring(1)).getBytes(UTF_8));
  }

  @ParameterizedTest
  @MethodSource("comparisons")
  void theLengthOfTheSecretDoesNotShow(Comparison comparison) {
    byte[] guess = ("s".repeat(LENGTH - 1) + "x").getBytes(UTF_8);

    assertTakeTheSame(
        comparison.with("s".repeat(LENGTH)), guess, comparison.with("s".repeat(32)), guess);
  }

  private static void assertTakeTheSame(
      Predicate<byte[]> one, byte[] guess, Predicate<byte[]> other, byte[] otherGuess) {
    assertThat(one.test(guess) || other.test(otherGuess)).as("a guess is right").isFalse();
    long[] ones = new long[ROUNDS];
    long[] others = new long[ROUNDS];
    for (int warmUp = 1; warmUp >= 0; warmUp--) {
      for (int i = 0; i < ROUNDS; i++) {
        ones[i] = nanos(one, guess);
        others[i] = nanos(other, otherGuess);
      }
    }
    double ratio = (double) median(ones) / median(others);
    assertThat(ratio).as("times as long").isBetween(1 / MOST, MOST);
  }

  private static long nanos(Predicate<byte[]> comparison, byte[] guess) {
    int right = 0;
    long before = THREADS.getCurrentThreadCpuTime();
    for (int i = 0; i < CALLS; i++) {
      right += comparison.test(guess) ? 1 : 0;
    }
    long nanos = THREADS.getCurrentThreadCpuTime() - before;
    assertThat(right).isZero();
    return nanos;
  }

  private static long median(long[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }
}
