package io.penstock.ingest.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListHeadersTest {

  @ParameterizedTest
  @CsvSource({
    "'', true",
    "identity, true",
    "' Identity ', true",
    "'identity, identity', true",
    "', identity,', true",
    "gzip, false",
    "'identity, gzip', false",
    "'gzip, identity', false",
    "br, false",
    "aws-chunked, false",
  })
  void onlyWhatIsNotCompressedIsPlain(String contentEncoding, boolean isPlain) {
    assertThat(ListHeaders.isPlain(List.of(contentEncoding))).isEqualTo(isPlain);
  }

  @Test
  void aSecondLineCountsAsTheFirst() {
    assertThat(ListHeaders.isPlain(List.of())).isTrue();
    assertThat(ListHeaders.isPlain(List.of("identity", "gzip"))).isFalse();
    assertThat(ListHeaders.lists(List.of(), "b")).isFalse();
    assertThat(ListHeaders.lists(List.of("a", "c, B"), "b")).isTrue();
    assertThat(ListHeaders.lists(List.of("a", "c; b"), "b")).isFalse();
  }
}
