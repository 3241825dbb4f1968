package io.penstock.ingest.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import io.penstock.ingest.config.Configuration;
import io.vertx.core.http.Http1ServerConfig;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.helpers.NOPLogger;

/**
 * What a head costs before anybody is asked who sent it: twice as long a head costs twice as much,
 * whatever it holds and however it is cut. Counted in looks at characters and bytes, not in time.
 */
class HeadCostTest {

  /** Twice, and something for what does not grow. */
  private static final double TWICE = 2.5;

  /**
   * How often one byte may be looked at: by us for its line, by Netty for the same, and to copy.
   */
  private static final int LOOKS = 12;

  static Stream<Arguments> heads() {
    String start = "POST /webhooks/open HTTP/1.1\r\nHost: a\r\n";
    return Stream.of(
        head("a long line", n -> start + "X: " + "y".repeat(n) + "\r\n\r\n"),
        head("a long name", n -> start + "x".repeat(n) + ": y\r\n\r\n"),
        head("a line of spaces", n -> start + "X: y" + " ".repeat(n) + "\r\n\r\n"),
        head("a long target", n -> "POST /" + "a".repeat(n) + " HTTP/1.1\r\nHost: a\r\n\r\n"),
        head("many lines", n -> start + "A: b\r\n".repeat(n / 100) + "\r\n"),
        head(
            "many long lines",
            n -> start + ("A: " + "b".repeat(90) + "\r\n").repeat(n / 100) + "\r\n"),
        head("empty lines before it", n -> "\r\n".repeat(n / 2) + start + "\r\n"),
        head("a line without an end", n -> start + "X: " + "y".repeat(n)),
        head(
            "a long trailer",
            n ->
                start
                    + "Transfer-Encoding: chunked\r\n\r\n"
                    + "0\r\nX: "
                    + "b".repeat(n)
                    + "\r\n\r\n"),
        head(
            "a long chunk extension",
            n ->
                start
                    + "Transfer-Encoding: chunked\r\n\r\n"
                    + "5;a="
                    + "b".repeat(n)
                    + "\r\nevent\r\n0\r\n\r\n"));
  }

  private static Arguments head(String name, IntFunction<String> ofLength) {
    return Arguments.of(name, ofLength);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("heads")
  void aHeadCostsWhatItsLengthIsHoweverItIsCut(String name, IntFunction<String> ofLength) {
    for (int segment : List.of(1, 7, 1000, 100_000)) {
      long one = looks(ofLength.apply(3_000), segment);
      long two = looks(ofLength.apply(6_000), segment);
      assertThat((double) two)
          .as("%s, in segments of %d: %d, then %d", name, segment, one, two)
          .isLessThan(TWICE * one);
      assertThat(two).isLessThan((long) LOOKS * ofLength.apply(6_000).length());
    }
  }

  private static long looks(String text, int segment) {
    CountedBytes bytes = new CountedBytes();
    OpenConnections connections =
        new OpenConnections(
            Configuration.ConnectionsConfig.DEFAULT,
            1,
            () -> 0,
            () -> 0,
            Duration.ofMinutes(1),
            new ConnectionMeters(new SimpleMeterRegistry()));
    EmbeddedChannel channel =
        new EmbeddedChannel(
            new StrictRequestDecoder(
                new Http1ServerConfig().setMaxInitialLineLength(8192).setMaxHeaderSize(16_384),
                connections,
                new Troubles(NOPLogger.NOP_LOGGER, () -> 0)));
    channel.config().setAllocator(bytes);
    try {
      for (int at = 0; at < text.length(); at += segment) {
        channel.writeInbound(bytes.of(text.substring(at, Math.min(text.length(), at + segment))));
        channel.inboundMessages().forEach(ReferenceCountUtil::release);
        channel.inboundMessages().clear();
      }
    } finally {
      channel.finishAndReleaseAll();
    }
    return bytes.looks();
  }

  // Queries.

  /** Counts who looks at it. */
  private record CountedText(String text, AtomicLong looks) implements CharSequence {
    @Override
    public int length() {
      return text.length();
    }

    @Override
    public char charAt(int index) {
      looks.incrementAndGet();
      return text.charAt(index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      looks.addAndGet(end - start);
      return text.substring(start, end);
    }

    @Override
    public String toString() {
      throw new AssertionError("a copy of all");
    }
  }

  static Stream<Arguments> queries() {
    return Stream.of(
        head("separators", "&"::repeat),
        head("names", n -> "a&".repeat(n / 2)),
        head("pairs", n -> "a=b&".repeat(n / 4)),
        head("equals", "="::repeat),
        head("the parameter itself", n -> "key=a&".repeat(n / 6)),
        head("the parameter itself, encoded", n -> "%6Bey=%61&".repeat(n / 10)),
        head("what cannot be decoded", "%"::repeat),
        head("one long value", n -> "key=" + "a".repeat(n)),
        head("one long name", n -> "k".repeat(n) + "=a"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("queries")
  void aQueryCostsWhatItsLengthIs(String name, IntFunction<String> ofLength) {
    long one = looks(ofLength.apply(4_000));
    long two = looks(ofLength.apply(8_000));
    assertThat((double) two).as("%s: %d, then %d", name, one, two).isLessThan(TWICE * one);
    assertThat(two).isLessThan(4L * ofLength.apply(8_000).length());
  }

  private static long looks(String query) {
    AtomicLong looks = new AtomicLong();
    QueryParameters.values(new CountedText(query, looks), "key");
    return looks.get();
  }
}
