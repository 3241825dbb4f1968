package io.penstock.ingest.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookPathTest {

  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      value = {
        "/webhooks/twins, twins, none",
        "/webhooks/twins/, twins, none",
        "/webhooks/twins/token, twins, token",
        "/webhooks/twins/token/, twins, token",
        "/webhooks/twins/token;v=1, twins, token;v=1",
        "/webhooks/twins;v=1/token, twins;v=1, token",
        "/webhooks/twins/.., twins, ..",
        "/webhooks/twins/%2e%2e/, twins, ..",
        "/webhooks/../twins, .., twins",
        "/webhooks//, '', none",
        "/webhooks/twins/to%6ben, twins, token",
        "/webhooks/twins/a+b, twins, a+b",
        "/webhooks/twins/a%2Bb, twins, a+b",
        "/webhooks/twins/a%2Fb, twins, a/b",
        "/webhooks/twins/%C3%BC, twins, ü",
        "/webhooks/tw%69ns, tw%69ns, none",
        "/webhooks/, '', none",
        "/webhooks//token, '', token",
      })
  void readsSourceAndToken(
      String path, String source, @org.jspecify.annotations.Nullable String token) {
    assertThat(WebhookPath.parse(path)).isEqualTo(new WebhookPath(source, token));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/webhooks/twins/%", "/webhooks/twins/%zz", "/webhooks/twins/%4"})
  void aTokenThatCannotBeDecodedIsAnEmptyOne(String path) {
    assertThat(WebhookPath.parse(path)).isEqualTo(new WebhookPath("twins", ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "*",
        "/webhooks",
        "/Webhooks/twins",
        "/other/twins",
        "//webhooks/twins",
        "/webhooks/twins/token/more",
        "/webhooks/twins//",
        "/webhooks/twins//token",
        "/webhooks/twins/token//",
        "/webhooks/./twins/token",
        "/webhooks//twins/token",
        "webhooks/twins"
      })
  void otherFormsAreNobodys(String path) {
    assertThat(WebhookPath.parse(path)).isNull();
  }

  @Test
  void itsTextDoesNotShowTheToken() {
    assertThat(new WebhookPath("twins", "secret")).asString().doesNotContain("secret");
  }
}
