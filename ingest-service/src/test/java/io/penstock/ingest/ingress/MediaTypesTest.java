package io.penstock.ingest.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MediaTypesTest {

  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      value = {
        "none, true",
        "'', true",
        "application/json, true",
        "application/json; charset=utf-8, true",
        "'APPLICATION/JSON ; charset=\"utf-8\"', true",
        "' application/json', true",
        "text/json, true",
        "application/cloudevents+json, true",
        "application/problem+JSON; x=y, true",
        "text/plain, false",
        "text/x+json, false",
        "application/jsonp, false",
        "application/x-www-form-urlencoded, false",
        "multipart/form-data, false",
        "'text/html, application/json', false",
        "json, false",
      })
  void jsonIsKnownByItsType(@Nullable String contentType, boolean isJson) {
    assertThat(MediaTypes.isJson(contentType)).isEqualTo(isJson);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      value = {
        "none, true",
        "'', true",
        "identity, true",
        "' Identity ', true",
        "gzip, false",
        "'identity, gzip', false",
        "br, false",
      })
  void onlyWhatIsNotCompressedIsPlain(@Nullable String contentEncoding, boolean isPlain) {
    assertThat(MediaTypes.isPlain(contentEncoding)).isEqualTo(isPlain);
  }
}
