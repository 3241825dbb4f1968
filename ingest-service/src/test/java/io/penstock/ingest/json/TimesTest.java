package io.penstock.ingest.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimesTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          2025-09-01T07:26:51.484Z            | 2025-09-01T07:26:51.484Z
          2025-09-01T07:26:51Z                | 2025-09-01T07:26:51Z
          2025-09-01T07:26Z                   | 2025-09-01T07:26:00Z
          2025-09-01T07:26:51.484+0000        | 2025-09-01T07:26:51.484Z
          2025-09-01T07:26:51.484+00          | 2025-09-01T07:26:51.484Z
          2025-09-01T07:26:51.484-00:00       | 2025-09-01T07:26:51.484Z
          2025-09-01T09:26:51.484+02:00       | 2025-09-01T07:26:51.484Z
          2025-09-01T09:26:51.484+0200        | 2025-09-01T07:26:51.484Z
          2025-09-01T09:26:51.484+02          | 2025-09-01T07:26:51.484Z
          2025-08-31T23:56:51-0730            | 2025-09-01T07:26:51Z
          2025-09-01t07:26:51z                | 2025-09-01T07:26:51Z
          2025-09-01 07:26:51Z                | 2025-09-01T07:26:51Z
          2025-09-01 07:26:51 +0000           | 2025-09-01T07:26:51Z
          2025-09-01 07:26:51 UTC             | 2025-09-01T07:26:51Z
          2025-09-01T07:26:51 GMT             | 2025-09-01T07:26:51Z
          2025-09-01T07:26:51,484Z            | 2025-09-01T07:26:51.484Z
          2025-09-01T07:26:51.4Z              | 2025-09-01T07:26:51.400Z
          2025-09-01T07:26:51.48412345678901Z | 2025-09-01T07:26:51.484Z
          2025-09-01T07:26:51.9999999999Z     | 2025-09-01T07:26:51.999Z
          20250901T072651Z                    | 2025-09-01T07:26:51Z
          20250901T072651.484+0000            | 2025-09-01T07:26:51.484Z
          20250901T0726Z                      | 2025-09-01T07:26:00Z
          2025-W36-1T07:26:51Z                | 2025-09-01T07:26:51Z
          2025W361T072651Z                    | 2025-09-01T07:26:51Z
          2025-244T07:26:51Z                  | 2025-09-01T07:26:51Z
          2025244T072651Z                     | 2025-09-01T07:26:51Z
          2025-08-31T24:00:00Z                | 2025-09-01T00:00:00Z
          2025-08-31T24:00:00.000Z            | 2025-09-01T00:00:00Z
          2016-12-31T23:59:60Z                | 2016-12-31T23:59:59Z
          2016-12-31T23:59:60.250Z            | 2016-12-31T23:59:59.250Z
          2017-01-01T00:59:60+01:00           | 2016-12-31T23:59:59Z
          1990-12-31T15:59:60-08:00           | 1990-12-31T23:59:59Z
          Mon, 01 Sep 2025 07:26:51 GMT       | 2025-09-01T07:26:51Z
          2024-02-29T00:00:00Z                | 2024-02-29T00:00:00Z
          """)
  void readsWhatLeavesNoDoubt(String text, Instant time) {
    Long millis = Times.millis(text, null);

    assertThat(millis).isEqualTo(time.toEpochMilli());
    assertThat(Times.millis(text, ZoneOffset.ofHours(5))).as("it has a zone").isEqualTo(millis);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "2025",
        "2025-09-01",
        "20250901",
        "07:26:51Z",
        "2025-09-01Z",
        "2025-09-01T",
        "2025-09-01T07Z",
        "2025-09-01T07:26:51.Z",
        "2025-09-01T07:26:51+",
        "2025-09-01T07:26:51+0",
        "2025-09-01T07:26:51+1",
        "2025-09-01T07:26:51+19:00",
        "2025-09-01T07:26:51+01:60",
        "2025-09-01T07:26:51+01:",
        "2025-09-01T07:26:51ZZ",
        "2025-09-01T07:26:51Z ",
        " 2025-09-01T07:26:51Z",
        "2025-09-01  07:26:51Z",
        "2025-09-01T07:26:51 CEST",
        "2025-09-01T07:26:51 Europe/Berlin",
        "2025-09-01T07:26:60Z",
        "2025-09-01T23:59:61Z",
        "2016-12-31T23:59:60+01:00",
        "2025-09-01T24:00:01Z",
        "2025-09-01T24:30:00Z",
        "2025-09-01T25:00:00Z",
        "2025-09-01T07:60:00Z",
        "2025-13-01T07:26:51Z",
        "2025-02-29T07:26:51Z",
        "2025-366T07:26:51Z",
        "2025-W54-1T07:26:51Z",
        "2025-W36-8T07:26:51Z",
        "2025-0901T07:26:51Z",
        "25-09-01T07:26:51Z",
        "+12025-09-01T07:26:51Z",
        "12025-09-01T07:26:51Z",
        "01.09.2025 07:26:51 UTC",
        "09/01/2025 07:26:51 UTC",
        "Tue, 01 Sep 2025 07:26:51 GMT",
        "yesterday",
        "\u0662\u0660\u0662\u0665-09-01T07:26:51Z"
      })
  void readsNothingDoubtful(String text) {
    assertThat(Times.millis(text, ZoneOffset.UTC)).isNull();
  }

  @Test
  void readsATextWithoutAZoneInAKnownOneOnly() {
    for (String text :
        new String[] {"2025-09-01T07:26:51", "2025-09-01 07:26:51.000000", "20250901T072651"}) {
      assertThat(Times.millis(text, null)).isNull();
      assertThat(Times.millis(text, ZoneOffset.UTC)).isEqualTo(1756711611000L);
      assertThat(Times.millis(text, ZoneOffset.ofHours(2))).isEqualTo(1756704411000L);
    }
  }
}
