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
        "none, none, true",
        "'', none, true",
        "application/json, none, true",
        "application/json; charset=utf-8, none, true",
        "'APPLICATION/JSON ; charset=\"utf-8\"', none, true",
        "' application/json', none, true",
        "text/json, none, true",
        "application/cloudevents+json, none, true",
        "application/problem+JSON; x=y, none, true",
        "application/json, '', true",
        "application/json, identity, true",
        "application/json, ' Identity ', true",
        "application/json, gzip, false",
        "application/json, 'identity, gzip', false",
        "none, br, false",
        "text/plain, none, false",
        "text/x+json, none, false",
        "application/jsonp, none, false",
        "application/x-www-form-urlencoded, none, false",
        "multipart/form-data, none, false",
        "'text/html, application/json', none, false",
        "json, none, false",
      })
  void onlyPlainJsonIsRead(
      @Nullable String contentType, @Nullable String contentEncoding, boolean isJson) {
    assertThat(MediaTypes.isPlainJson(contentType, contentEncoding)).isEqualTo(isJson);
  }
}
