package io.penstock.ingest.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.ingest.delivery.DeduplicationId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is said of copies that differ: enough to find both, nothing of them, and not too often. */
class DifferingCopiesTest {

  private static final long MINUTE = Duration.ofMinutes(1).toMillis();
  private static final DeduplicationId ID =
      DeduplicationId.of("shapes", "file", List.of("uuid"), "receipt");

  private static final class Lines extends AbstractAppender {
    final List<String> lines = new ArrayList<>();

    Lines() {
      super("lines", null, null, false, Property.EMPTY_ARRAY);
    }

    @Override
    public void append(LogEvent event) {
      assertThat(event.getLevel()).isEqualTo(Level.WARN);
      lines.add(
          event.getMessage().getFormattedMessage()
              + " "
              + new TreeMap<>(event.getContextData().toMap()));
    }
  }

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final PipelineMeters meters = new PipelineMeters(registry);
  private final Lines appender = new Lines();
  private final Logger logger = (Logger) LogManager.getLogger(DifferingCopies.class);
  private final DifferingCopies copies = new DifferingCopies();

  @BeforeEach
  void listen() {
    appender.start();
    logger.addAppender(appender);
  }

  @AfterEach
  void stop() {
    logger.removeAppender(appender);
    appender.stop();
  }

  private void found(String source, long offset, long now) {
    Publication.Event copy =
        new Publication.Event(
            "sink",
            ID,
            new byte[32],
            null,
            meters.of(source, "smartshape"),
            0,
            Landed.delivery("id").landing(),
            new io.penstock.ingest.provider.ModelReadiness.Sign.Nothing(),
            "the body".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    copies.found(copy, ID.hex(), new LandingPosition("inbound", 3, offset), 17, now);
  }

  @Test
  void aLineSaysWhereBothStandAndNothingOfWhatTheyHold() {
    found("shapes", 99, 0);

    assertThat(appender.lines)
        .singleElement()
        .asString()
        .contains(
            "source=shapes",
            "event_id=" + ID.hex(),
            "topic=inbound",
            "partition=3",
            "copy_offset=99",
            "published_offset=17")
        .doesNotContain("body\"", "the body ");
  }

  @Test
  void aSourceHasOneLineAMinuteAndEachCopyIsCounted() {
    for (int i = 0; i < 100; i++) {
      found("shapes", i, i);
    }
    found("others", 0, 99);
    found("shapes", 100, MINUTE);

    assertThat(appender.lines)
        .hasSize(3)
        .satisfiesExactly(
            line -> assertThat(line).contains("copy_offset=0,", "others_since_last_line=0"),
            line -> assertThat(line).contains("source=others"),
            line -> assertThat(line).contains("copy_offset=100,", "others_since_last_line=99"));
    assertThat(
            registry
                .get("penstock.pipeline.differing.copies")
                .tags("source", "shapes", "provider", "smartshape")
                .counter()
                .count())
        .isEqualTo(101);
  }
}
