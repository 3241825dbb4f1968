package io.penstock.ingest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.penstock.ingest.lookup.ReadProgress;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the commands that look into topics make of their options, and what they say meanwhile. */
class LookupOptionsTest {

  private long now;

  @Test
  void eventsAreNeverReplayedIntoATopicOfThisInstallation() {
    for (String topic :
        List.of(
            "webhooks.csm",
            "webhooks.inbound",
            "webhooks.dead-letter",
            "webhooks-pipeline-deduplication-changelog",
            "webhooks",
            "webhooks.new-provider")) {
      assertThat(TopicTarget.problem(topic, "webhooks")).as(topic).contains("belong to Penstock");
    }
    assertThat(TopicTarget.problem("__consumer_offsets", "webhooks")).contains("Kafka's own");
    assertThat(TopicTarget.problem("_schemas", "webhooks")).contains("belong to a program");
    assertThat(TopicTarget.problem("a b", "webhooks")).contains("no name of a topic");
    assertThat(TopicTarget.problem("..", "webhooks")).contains("no name of a topic");
    assertThat(TopicTarget.problem("team.webhooks", "webhooks")).isNull();
  }

  @Test
  void anAddressIsOneOfHttpWithoutAUser() {
    assertThat(Forwarder.target("http://127.0.0.1:3000/hook?a=b")).hasPort(3000);
    for (String text :
        List.of("ftp://x/", "/hook", "http://u:p@x/", "http:///x", "localhost:3000", "a b")) {
      assertThatIllegalArgumentException()
          .as(text)
          .isThrownBy(() -> Forwarder.target(text))
          .satisfies(e -> assertThat(e).isNotNull());
    }
  }

  @Test
  void aTimeIsSoLongAgoOrAnInstant() throws Exception {
    When.Converter converter = new When.Converter();
    Instant at = Instant.parse("2026-11-26T12:00:00Z");
    assertThat(converter.convert("2h").at(at)).isEqualTo("2026-11-26T10:00:00Z");
    assertThat(converter.convert("2026-11-26T13:30:00+01:00").at(at))
        .isEqualTo("2026-11-26T12:30:00Z");
  }

  @Test
  void aReaderWhoHasGoneIsNoticed() {
    LineOutput out =
        new LineOutput(
            new OutputStream() {
              @Override
              public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
              }
            });
    out.line("x");
    assertThat(out.isGone()).as("buffered").isFalse();
    out.flush();
    assertThat(out.isGone()).isTrue();
  }

  @Test
  void aScanSaysHowFarItIsAndAFollowerThatItIsBehind() {
    StringWriter said = new StringWriter();
    ScanReport report = new ScanReport(new PrintWriter(said), () -> now);
    report.note("events", new ReadProgress(10, 100, 90));
    assertThat(said.toString()).as("too soon").isEmpty();
    now += TimeUnit.SECONDS.toNanos(2);
    report.note("events", new ReadProgress(50, 100, 50));
    assertThat(said.toString()).contains("read 50 of 100 records of events, 25 a second");
    now += TimeUnit.SECONDS.toNanos(2);
    report.note("events", new ReadProgress(1050, 0, 12_345));
    assertThat(said.toString()).contains("behind by 12345 records, while reading 500 a second");
    now += TimeUnit.SECONDS.toNanos(2);
    report.note("events", new ReadProgress(13_000, 0, 3));
    report.note("events", new ReadProgress(13_001, 0, 3));
    assertThat(said.toString().lines()).hasSize(3).last().isEqualTo("caught up");
  }
}
