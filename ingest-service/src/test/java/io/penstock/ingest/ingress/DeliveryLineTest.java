package io.penstock.ingest.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.delivery.DeduplicationId;
import io.penstock.ingest.landing.AppendOutcome;
import io.penstock.ingest.landing.LandingRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.DefaultConfiguration;
import org.apache.logging.log4j.core.config.Property;
import org.apache.logging.log4j.core.impl.Log4jLogEvent;
import org.apache.logging.log4j.core.time.MutableInstant;
import org.apache.logging.log4j.layout.template.json.JsonTemplateLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** The line that is made by hand is the one that the layout of all other lines makes. */
class DeliveryLineTest {

  private final JsonTemplateLayout layout =
      JsonTemplateLayout.newBuilder()
          .setConfiguration(new DefaultConfiguration())
          .setEventTemplateUri("classpath:log-line.json")
          .build();
  private final DeliveryLog deliveries =
      new DeliveryLog(LoggerFactory.getLogger(DeliveryLog.NAME), () -> 0);
  private final Logger logger = (Logger) LogManager.getLogger(DeliveryLog.NAME);
  private final Events events = new Events();
  private final DeliveryLine line = new DeliveryLine();

  private static final class Events extends AbstractAppender {
    final List<LogEvent> all = new ArrayList<>();

    Events() {
      super("events", null, null, true, Property.EMPTY_ARRAY);
    }

    @Override
    public void append(LogEvent event) {
      all.add(event.toImmutable());
    }
  }

  @BeforeEach
  void listen() {
    events.start();
    logger.addAppender(events);
    logger.setAdditive(false);
  }

  @AfterEach
  void stopListening() {
    logger.removeAppender(events);
    logger.setAdditive(true);
  }

  @Test
  void aLineOfWhatKafkaHas() {
    assertThatLinesAreEqual(
        new AppendOutcome.Acknowledged(
            AppendOutcome.Keeper.KAFKA, new AppendOutcome.LandedAt.Known(11, 1_234_567_890_123L)),
        1_795_738_350_256L,
        0);
  }

  @Test
  void aLineOfWhatTheSpoolHas() {
    assertThatLinesAreEqual(
        new AppendOutcome.Acknowledged(AppendOutcome.Keeper.SPOOL, AppendOutcome.NOT_KNOWN),
        1_795_738_350_007L,
        29_999);
  }

  @Test
  void aLineOfAnotherSecond() {
    AppendOutcome.Acknowledged how =
        new AppendOutcome.Acknowledged(
            AppendOutcome.Keeper.KAFKA, new AppendOutcome.LandedAt.Known(0, 0));
    assertThatLinesAreEqual(how, 1_795_738_399_999L, 7);
    assertThatLinesAreEqual(how, 1_795_738_400_000L, 8);
  }

  @Test
  void aThreadOfAnyName() {
    String before = Thread.currentThread().getName();
    Thread.currentThread().setName("a \"thread\" with a \\ and a \u0001");
    try {
      assertThatLinesAreEqual(
          new AppendOutcome.Acknowledged(AppendOutcome.Keeper.KAFKA, AppendOutcome.NOT_KNOWN),
          1,
          1);
    } finally {
      Thread.currentThread().setName(before);
    }
  }

  private void assertThatLinesAreEqual(
      AppendOutcome.Acknowledged how, long now, long milliseconds) {
    // given
    LandingRecord.Event event =
        new LandingRecord.Event(
            new LandingRecord.LandingEnvelope(
                "twins-2",
                "smartshape",
                "0198f000-0000-7000-8000-000000000001",
                0,
                "f-1",
                null,
                null,
                Map.of(),
                new byte[0]),
            new DeduplicationId("0123456789abcdef0123456789abcdef"),
            null);
    deliveries.acknowledged(event, how, milliseconds * 1_000_000);
    MutableInstant time = new MutableInstant();
    time.initFromEpochMilli(now, 0);
    LogEvent logged = new Log4jLogEvent.Builder(events.all.getLast()).setInstant(time).build();
    // when
    line.make(event, how, milliseconds, now);
    // then
    assertThat(new String(line.bytes(), 0, line.length(), UTF_8))
        .isEqualTo(layout.toSerializable(logged));
  }
}
