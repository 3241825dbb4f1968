package io.penstock.ingest.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceparentTest {

  private static final String IDS = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331";

  @ParameterizedTest
  @CsvSource({"00, false", "01, true"})
  void theSamplingDecisionIsKept(String flags, boolean sampled) {
    // given
    String header = "00-" + IDS + "-" + flags;
    // then
    assertThat(Traceparent.read(header)).isEqualTo(header);
    assertThat(Traceparent.context(header).isSampled()).isEqualTo(sampled);
  }

  @Test
  void otherFlagsAreKept() {
    assertThat(Traceparent.read("00-" + IDS + "-03")).isEqualTo("00-" + IDS + "-03");
  }

  @ParameterizedTest
  @ValueSource(strings = {"01-" + IDS + "-01", "cc-" + IDS + "-01-what-a-later-version-adds"})
  void aLaterVersionIsReadAsThisOne(String header) {
    assertThat(Traceparent.read(header)).isEqualTo("00-" + IDS + "-01");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00-zz",
        "00-" + IDS,
        "00-" + IDS + "-0",
        "00-" + IDS + "-zz",
        "00-" + IDS + "-01-",
        "00-" + IDS + "-01-and-more",
        "ff-" + IDS + "-01",
        "0x-" + IDS + "-01",
        "01-" + IDS + "-01x",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0af7651916cd43dd8448eb211c80319cxb7ad6b7169203331-01",
        " 00-" + IDS + "-01",
        "\u00e4\u00f6-" + IDS + "-\u00df\u00df"
      })
  void aMalformedHeaderIsPassedOver(String header) {
    assertThat(Traceparent.read(header)).isNull();
    assertThat(Traceparent.context(header).isValid()).isFalse();
  }

  @Test
  void anAbsentHeaderHoldsNothing() {
    assertThat(Traceparent.read(null)).isNull();
  }
}
