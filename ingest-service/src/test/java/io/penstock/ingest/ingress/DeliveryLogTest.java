package io.penstock.ingest.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.delivery.DeduplicationId;
import io.penstock.ingest.delivery.Reason;
import io.penstock.ingest.landing.AppendOutcome;
import io.penstock.ingest.landing.LandingRecord;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class DeliveryLogTest {

  private static final long PAUSE = Duration.ofSeconds(10).toNanos();

  private long now = Long.MAX_VALUE - 5; // a nanosecond clock may run over
  private final DeliveryLog deliveries =
      new DeliveryLog(LoggerFactory.getLogger(DeliveryLog.NAME), () -> now);
  private final Logger logger = (Logger) LogManager.getLogger(DeliveryLog.NAME);
  private final Lines lines = new Lines();

  private static final class Lines extends AbstractAppender {
    final List<String> texts = new CopyOnWriteArrayList<>();

    Lines() {
      super("lines", null, null, true, Property.EMPTY_ARRAY);
    }

    @Override
    public void append(LogEvent event) {
      texts.add(
          event.getMessage().getFormattedMessage()
              + " "
              + new TreeMap<>(event.getContextData().toMap())
              + " ");
    }
  }

  @BeforeEach
  void listen() {
    lines.start();
    logger.addAppender(lines);
    logger.setAdditive(false);
  }

  @AfterEach
  void stopListening() {
    logger.removeAppender(lines);
    logger.setAdditive(true);
  }

  @Test
  void theFirstRefusalHasALine() {
    // when
    deliveries.refused("twins", Reason.AUTHENTICATION_FAILED, "receipt-1");
    // then
    assertThat(lines.texts)
        .singleElement()
        .asString()
        .contains("source=twins")
        .contains("reason=authentication-failed")
        .contains("receipt_id=receipt-1")
        .contains("others_since_last_line=0");
  }

  @Test
  void whatNobodyKnowsIsNotCalledRefusedAndHasALineOfItsOwn() {
    // when
    deliveries.refused("twins", Reason.KAFKA_UNAVAILABLE, "receipt-1");
    deliveries.unknown("twins", Reason.KAFKA_UNAVAILABLE, "receipt-2");
    deliveries.unknown("twins", Reason.KAFKA_UNAVAILABLE, "receipt-3");
    // then
    assertThat(lines.texts).hasSize(2);
    assertThat(lines.texts.get(0)).contains("outcome=refused").contains("receipt-1");
    assertThat(lines.texts.get(1))
        .contains("outcome=unknown")
        .contains("receipt-2")
        .contains("may be kept");
  }

  @Test
  void eachAcknowledgedDeliveryHasALine() {
    // when
    for (int i = 0; i < 3; i++) {
      deliveries.acknowledged(
          event("receipt-" + i),
          new AppendOutcome.Acknowledged(AppendOutcome.Keeper.SPOOL, AppendOutcome.NOT_KNOWN),
          7_000_000);
    }
    // then
    assertThat(lines.texts)
        .hasSize(3)
        .last()
        .asString()
        .contains("source=twins")
        .contains("receipt_id=receipt-2")
        .contains("outcome=acknowledged")
        .contains("kept_by=spool")
        .contains("event_id=0123456789abcdef0123456789abcdef")
        .doesNotContain("landing_")
        .contains("milliseconds=7");
  }

  private static LandingRecord.Event event(String receiptId) {
    return new LandingRecord.Event(
        new LandingRecord.LandingEnvelope(
            "twins", "smartshape", receiptId, 0, "f-1", null, null, Map.of(), new byte[0]),
        new DeduplicationId("0123456789abcdef0123456789abcdef"),
        null);
  }

  @Test
  void aDeliveryThatKafkaKeepsIsLoggedWithItsPlaceInTheLandingLog() {
    // when
    deliveries.acknowledged(
        event("receipt-1"),
        new AppendOutcome.Acknowledged(
            AppendOutcome.Keeper.KAFKA, new AppendOutcome.LandedAt.Known(4, 1182)),
        7_000_000);
    // then
    assertThat(lines.texts)
        .singleElement()
        .asString()
        .contains("kept_by=kafka")
        .contains("landing_partition=4")
        .contains("landing_offset=1182");
  }

  @Test
  void aFloodHasOneLineInAWhileThatCountsTheOthers() {
    // given
    for (int i = 0; i < 1000; i++) {
      deliveries.refused("twins", Reason.AUTHENTICATION_FAILED, "receipt-" + i);
    }
    now += PAUSE - 1;
    deliveries.refused("twins", Reason.AUTHENTICATION_FAILED, "just before");
    assertThat(lines.texts).hasSize(1);
    // when
    now += 1;
    deliveries.refused("twins", Reason.AUTHENTICATION_FAILED, "after");
    deliveries.refused("twins", Reason.AUTHENTICATION_FAILED, "after that");
    // then
    assertThat(lines.texts)
        .hasSize(2)
        .element(1)
        .asString()
        .contains("receipt_id=after,")
        .contains("others_since_last_line=1000");
  }

  @Test
  void sourcesAndReasonsHaveLinesOfTheirOwn() {
    // when
    deliveries.refused("twins", Reason.AUTHENTICATION_FAILED, "1");
    deliveries.refused("twins", Reason.PAYLOAD_TOO_LARGE, "2");
    deliveries.refused("shapes", Reason.AUTHENTICATION_FAILED, "3");
    deliveries.refused("twins", Reason.AUTHENTICATION_FAILED, "4");
    // then
    assertThat(lines.texts).hasSize(3);
  }
}
