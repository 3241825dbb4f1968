package io.penstock.ingest.auth.standardwebhooks;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.auth.Secret;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookKeyTest {

  private static @Nullable String complaint(String secret) {
    return StandardWebhooksAuthenticator.SECRET_FORM.complaint(Secret.of(secret));
  }

  private static String base64(int bytes) {
    return Base64.getEncoder().encodeToString(new byte[bytes]);
  }

  @Test
  void readsKeysAsSvixShowsThem() {
    assertThat(complaint(Deliveries.SECRET)).isNull();
    assertThat(complaint(Deliveries.PUBLIC_KEY)).isNull();
    assertThat(complaint(base64(24))).isNull();
    assertThat(complaint(base64(32))).as("with padding").isNull();
    assertThat(complaint(base64(32).replace("=", ""))).as("without").isNull();
    assertThat(complaint("whsec_" + base64(75))).as("Svix's longest").isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "whsec_, fewer than 24",
    "whsec_AAAA, fewer than 24",
    "your-secret, is not base64",
    "whsec_your-secret, is not base64",
    "whsec_whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, is not base64",
    "'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw ', is not base64",
    "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==, is a private key",
    "whpk_, other than 32 bytes",
    "whpk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, other than 32 bytes"
  })
  void saysWhatIsWrongWithOthers(String secret, String complaint) {
    assertThat(complaint(secret)).contains(complaint).doesNotContain("MfKQ", "AAAA", "your-");
  }

  @Test
  void refusesKeysThatAreTooLongToBeMeant() {
    assertThat(complaint(base64(512))).isNull();
    assertThat(complaint(base64(513))).contains("more than 512");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
      })
  void refusesPublicKeysThatAnybodyCouldSignFor(String hex) {
    assertThat(complaint(publicKey(hex))).contains("not safe");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0200000000000000000000000000000000000000000000000000000000000000",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
      })
  void refusesPublicKeysThatAreNoPoints(String hex) {
    assertThat(complaint(publicKey(hex))).isEqualTo("is not a public key of Ed25519");
  }

  private static String publicKey(String hex) {
    return "whpk_" + Base64.getEncoder().encodeToString(HexFormat.of().parseHex(hex));
  }

  @Test
  void signsOnlyWithASharedKey() {
    assertThat(StandardWebhooksSignature.canSign(Secret.of(Deliveries.SECRET))).isTrue();
    assertThat(StandardWebhooksSignature.canSign(Secret.of(Deliveries.PUBLIC_KEY))).isFalse();
    assertThat(
            StandardWebhooksSignature.headers(
                Secret.of(Deliveries.PUBLIC_KEY), "m", java.time.Instant.EPOCH, Deliveries.BODY))
        .isEmpty();
  }
}
