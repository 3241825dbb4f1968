package io.penstock.ingest.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretTest {

  private static final String VALUE = "correct horse battery";

  private final Secret secret = Secret.of(VALUE);

  @Test
  void matchesItsOwnBytes() {
    assertThat(secret.matches(VALUE.getBytes(UTF_8))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "c",
        "correct horse batter",
        "correct horse batterx",
        "correct horse battery ",
        "Correct horse battery",
        "correct horse battery\0"
      })
  void matchesNothingElse(String presented) {
    assertThat(secret.matches(presented.getBytes(UTF_8))).isFalse();
  }

  @Test
  void isComparedByDigestsOfOneLengthWhateverTheLengthOfTheValue() {
    for (int length : new int[] {0, 1, 31, 32, 33, 63, 64, 65, 4096}) {
      assertThat(Secret.digest(new byte[length])).hasSize(32);
    }
  }

  @Test
  void theDigestIsNoPlainHashThatOthersCouldCompute() throws Exception {
    byte[] plain = java.security.MessageDigest.getInstance("SHA-256").digest(VALUE.getBytes(UTF_8));

    assertThat(Secret.digest(VALUE.getBytes(UTF_8))).isNotEqualTo(plain);
  }

  @Test
  void keepsItsValueWhenTheArrayThatItCameInChanges() {
    byte[] array = VALUE.getBytes(UTF_8);
    Secret copied = Secret.of(array);

    Arrays.fill(array, (byte) 'x');

    assertThat(copied.matches(VALUE.getBytes(UTF_8))).isTrue();
  }

  @Test
  void computesOnACopyThatIsOverwrittenAfterwards() {
    List<byte[]> leaked = new ArrayList<>();

    String seen =
        secret.compute(
            bytes -> {
              leaked.add(bytes);
              return new String(bytes, UTF_8);
            });

    assertThat(seen).isEqualTo(VALUE);
    assertThat(leaked.getFirst()).containsOnly(0);
    assertThat(secret.matches(VALUE.getBytes(UTF_8))).isTrue();
  }

  @Test
  void equalsASecretOfTheSameValue() {
    assertThat(secret).isEqualTo(Secret.of(VALUE)).hasSameHashCodeAs(Secret.of(VALUE));
    assertThat(secret).isNotEqualTo(Secret.of("another"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\n", " \t\r\n "})
  void isNeverBlank(String value) {
    assertThatIllegalArgumentException().isThrownBy(() -> Secret.of(value));
  }

  @Test
  void showsNothingOfItself() {
    SecretList list = SecretList.of(secret);

    assertThat(List.of(secret, list, list.current()).toString()).doesNotContain(VALUE);
    assertThat(list.current().toString()).contains("redacted");
  }

  @Test
  void aListTellsTheFirstEntryThatMatches() {
    SecretList list = SecretList.of(Secret.of("one"), Secret.of("two"), Secret.of("two"));

    assertThat(list.current().indexOf("one".getBytes(UTF_8))).isZero();
    assertThat(list.current().indexOf("two".getBytes(UTF_8))).isEqualTo(1);
    assertThat(list.current().indexOf("three".getBytes(UTF_8))).isEqualTo(-1);
  }

  @Test
  void aListMovesItsVersionOnOnlyWhenAValueChanges() {
    SecretList list = SecretList.of(Secret.of("one"), Secret.of("two"));
    SecretList.Snapshot before = list.current();

    list.replace(List.of(Secret.of("one"), Secret.of("two")));
    assertThat(list.current()).isSameAs(before);

    list.replace(List.of(Secret.of("one"), Secret.of("three")));
    assertThat(list.current().version()).isGreaterThan(before.version());
  }

  @Test
  void aListIsNeverEmpty() {
    assertThatIllegalArgumentException().isThrownBy(() -> SecretList.of(List.of()));
  }
}
