package io.penstock.ingest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.penstock.ingest.lookup.EventFilter;
import io.penstock.ingest.lookup.RecordPosition;
import io.penstock.ingest.lookup.Shown;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class ReplayVisitorTest {

  private static final Instant START = Instant.ofEpochMilli(1000);
  private static final Instant END = Instant.ofEpochMilli(2000);

  private final Target target = new Target();
  private final StringWriter err = new StringWriter();
  private final ReplayVisitor visitor =
      new ReplayVisitor(
          new EventFilter(Set.of("shapes"), Set.of(), Set.of("a"), Set.of()),
          START,
          END,
          ReplayVisitorTest::event,
          target,
          null,
          new PrintWriter(err),
          System::nanoTime);

  /** Takes all but what a test says. */
  private static final class Target implements ReplayTarget {
    final List<Long> taken = new ArrayList<>();
    final Map<Long, Sent> others = new HashMap<>();

    @Override
    public Sent send(ConsumerRecord<byte[], byte[]> record, Shown.Published event) {
      Sent other = others.get(record.offset());
      if (other == null) {
        taken.add(record.offset());
        return new Sent.Going();
      }
      return other;
    }

    @Override
    public Sent finish() {
      return new Sent.Going();
    }

    @Override
    public long certain() {
      return taken.size();
    }

    @Override
    public void stop() {}

    @Override
    public String summary() {
      return "";
    }

    @Override
    public void close() {}
  }

  private static Shown event(ConsumerRecord<byte[], byte[]> record) {
    Instant time = Instant.ofEpochMilli(record.timestamp());
    return record.offset() == 99
        ? new Shown.Unreadable(RecordPosition.of(record), time, "it is broken")
        : new Shown.Published(
            RecordPosition.of(record),
            time,
            1,
            "id",
            record.offset() % 2 == 0 ? "a" : "b",
            "shapes",
            "smartshape",
            "k",
            "r",
            null,
            time,
            JsonNodeFactory.instance.objectNode(),
            Map.of());
  }

  private void read(long offset, long time) {
    visitor.accept(
        new ConsumerRecord<>(
            "t",
            0,
            offset,
            time,
            TimestampType.CREATE_TIME,
            0,
            1,
            new byte[0],
            new byte[1],
            new RecordHeaders(),
            Optional.empty()));
  }

  @Test
  void whatIsSelectedIsReplayedInItsOrder() throws Exception {
    read(0, 999);
    read(2, 1000);
    read(3, 1001);
    read(4, 1999);
    read(6, 2000);
    visitor.finish(null);

    assertThat(target.taken).containsExactly(2L, 4L);
    assertThat(visitor.isLost()).isFalse();
    assertThat(visitor.isComplete()).isTrue();
    assertThat(visitor.report(false))
        .containsExactly(
            "replayed 2 events, landed from 1970-01-01T00:00:01Z until 1970-01-01T00:00:02Z");
    assertThat(visitor.report(true)).first().asString().startsWith("would replay 2 events with 2");
  }

  @Test
  void aLostTargetEndsItAndTheReportSaysFromWhenToGoOn() throws Exception {
    target.others.put(4L, new ReplayTarget.Sent.Lost("gone\u001b[2J"));
    read(2, 1100);
    assertThat(visitor.isDone()).isFalse();
    read(4, 1200);
    assertThat(visitor.isDone()).isTrue();
    visitor.finish(null);

    assertThat(visitor.isLost()).isTrue();
    assertThat(visitor.report(false))
        .contains("run it again with --from 1970-01-01T00:00:01.200Z")
        .anySatisfy(line -> assertThat(line).contains("gone\\u001b[2J").contains("of 1 more"));
  }

  @Test
  void aSignalEndsItAndTheReportSaysFromWhenToGoOn() throws Exception {
    read(2, 1100);
    visitor.finish("a signal ended it");
    assertThat(visitor.report(false)).contains("run it again with --from 1970-01-01T00:00:01.100Z");
  }

  @Test
  void nothingIsSentOnceASignalHasCome() throws Exception {
    read(2, 1100);
    visitor.stop();
    read(4, 1200);
    assertThat(visitor.isDone()).isTrue();
    assertThat(visitor.isStopped()).isTrue();
    visitor.finish("a signal ended it");
    assertThat(target.taken).containsExactly(2L);
    assertThat(visitor.report(false)).contains("run it again with --from 1970-01-01T00:00:01.100Z");
  }

  @Test
  void whatTheTargetOrThisVersionCannotTakeIsLeftOutAndTold() throws Exception {
    target.others.put(4L, new ReplayTarget.Sent.Refused("it is too large"));
    read(2, 1100);
    read(4, 1200);
    read(99, 1300);
    read(6, 1400);
    visitor.finish(null);

    assertThat(target.taken).containsExactly(2L, 6L);
    assertThat(visitor.isComplete()).isFalse();
    assertThat(visitor.isLost()).isFalse();
    assertThat(visitor.report(false)).first().asString().contains("replayed 2 events, left out 1");
    assertThat(err.toString()).contains("at t/0@4: it is too large", "t/0@99: it is broken");
  }
}
