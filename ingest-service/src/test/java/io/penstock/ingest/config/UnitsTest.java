package io.penstock.ingest.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnitsTest {

  @ParameterizedTest
  @CsvSource({
    "0B, 0",
    "512B, 512",
    "1kB, 1000",
    "3MB, 3000000",
    "2GB, 2000000000",
    "1KiB, 1024",
    "1 MiB, 1048576",
    "4GiB, 4294967296",
    "999999999999999GiB, 9223372036854775807"
  })
  void aSizeIsANumberAndAUnit(String text, long bytes) {
    assertThat(Units.bytes(text)).contains(bytes);
  }

  @ParameterizedTest
  @CsvSource({"250ms, 250", "1s, 1000", "5m, 300000", "72h, 259200000", "3d, 259200000"})
  void aDurationIsANumberAndAUnit(String text, long millis) {
    assertThat(Units.millis(text)).contains(millis);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "B",
        "-1B",
        "+1B",
        "01B",
        "1.5MiB",
        "1mib",
        "1K",
        "1  B",
        "1s",
        "1\u0661B",
        "9999999999999999B"
      })
  void anythingElseIsNoSize(String text) {
    assertThat(Units.bytes(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"1B, 1", "1000B, 1000", "1KiB, 1024", "64MiB, 67108864", "0B, 0"})
  void sizesAreWrittenAsTheyAreRead(String text, long bytes) {
    assertThat(Units.format(bytes)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"10ms, 10", "90s, 90000", "3d, 259200000", "25h, 90000000"})
  void durationsAreWrittenAsTheyAreRead(String text, long millis) {
    assertThat(Units.format(Duration.ofMillis(millis))).isEqualTo(text);
  }
}
