package io.penstock.ingest.auth.bcrypt;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.penstock.ingest.auth.Secret;
import java.security.SecureRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against hashes that other programs made: crypt_blowfish, OpenBSD, Node and PHP. */
class BcryptHashTest {

  private static final String KEY_72 =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

  private static final String HASH_OF_72 =
      "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui";

  private static boolean matches(byte[] secret, String token) {
    return BcryptHash.matches(Secret.of(secret), requireNonNull(BcryptToken.parse(token)));
  }

  /** Openwall's public vectors, as in crypt_blowfish 1.3; bytes are given as ISO 8859-1. */
  static Stream<Arguments> openwall() {
    String salt = "$05$/OK.fbVrR/bpIqNJ5ianF.";
    return Stream.of(
        Arguments.of("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
        Arguments.of("U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"),
        Arguments.of("U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"),
        Arguments.of(KEY_72 + "chars after 72 are ignored", HASH_OF_72),
        Arguments.of("\u00ff\u00ff\u00a3", "$2y" + salt + "CE5elHaaO4EbggVDjb8P19RukzXSM3e"),
        Arguments.of("\u00ff\u00ff\u00a3", "$2b" + salt + "CE5elHaaO4EbggVDjb8P19RukzXSM3e"),
        Arguments.of("\u00a3", "$2y" + salt + "Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq"),
        Arguments.of("\u00a3", "$2a" + salt + "Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq"),
        Arguments.of("\u00a3", "$2b" + salt + "Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq"),
        Arguments.of("\u00ff\u00a3345", "$2y" + salt + "nRht2l/HRhr6zmCp9vYUvvsqynflf9e"),
        Arguments.of("\u00ff\u00a3345", "$2a" + salt + "nRht2l/HRhr6zmCp9vYUvvsqynflf9e"),
        Arguments.of("\u00a3ab", "$2a" + salt + "6IflQkJytoRVc1yuaNtHfiuq.FRlSIS"),
        Arguments.of("\u00a3ab", "$2y" + salt + "6IflQkJytoRVc1yuaNtHfiuq.FRlSIS"),
        Arguments.of(
            "\u00aa".repeat(72) + "chars after 72 are ignored as usual",
            "$2a" + salt + "swQOIzjOiJ9GHEPuhEkvqrUyvWhEMx6"),
        Arguments.of("\u00aaU".repeat(36), "$2a" + salt + "R9xrDjiycxMbQE2bp.vgqlYpW5wx2yy"),
        Arguments.of("U\u00aa\u00ff".repeat(24), "$2a" + salt + "9tQZzcJfm3uj2NvJ/n5xkhpqLrMpWCe"));
  }

  @ParameterizedTest
  @MethodSource("openwall")
  void verifiesWhatOpenwallMade(String secret, String token) {
    assertThat(matches(secret.getBytes(ISO_8859_1), token)).isTrue();
  }

  @ParameterizedTest
  @MethodSource("openwall")
  void refusesWhatIsChangedInTheFirst72Bytes(String secret, String token) {
    byte[] other = secret.getBytes(ISO_8859_1);
    other[Math.min(other.length, 72) - 1] ^= 1;

    assertThat(matches(other, token)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "ππππππππ, $2a$10$.TtQJ4Jr6isd4Hp.mVfZeuh6Gws4rOQ/vdBczhDx.19NFK0Y84Dle",
    "p@5sw0rd, $2b$12$zQ4CooEXdGqcwi0PHsgc8eAf0DLXE/XHoBE8kCSGQ97rXwuClaPam"
  })
  void verifiesWhatOpenBsdsCodeMade(String secret, String token) {
    assertThat(matches(secret.getBytes(UTF_8), token)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {72, 73, 98, 254, 255, 256, 1000})
  void looksAtTheFirst72BytesOfALongSecret(int length) {
    String secret = (KEY_72 + "x".repeat(1000)).substring(0, length);

    for (char version : new char[] {'a', 'b', 'y'}) {
      assertThat(matches(secret.getBytes(UTF_8), HASH_OF_72.replace("$2a", "$2" + version)))
          .as("$2%s", version)
          .isTrue();
    }
  }

  @Test
  void looksAtTheWholeOfAShorterSecret() {
    assertThat(matches(KEY_72.substring(0, 71).getBytes(UTF_8), HASH_OF_72)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {254, 255})
  void agreesWithOpenBsdOnThe72BytesOfAVeryLongSecret(int length) {
    String secret = "0123456789".repeat(26).substring(0, length);

    assertThat(
            matches(
                secret.getBytes(UTF_8),
                "$2b$05$CCCCCCCCCCCCCCCCCCCCC.XxrQqgBi/5Sxuq9soXzDtjIZ7w5pMfK"))
        .isTrue();
    assertThat(
            matches(
                secret.getBytes(UTF_8),
                "$2a$05$CCCCCCCCCCCCCCCCCCCCC.6.O1dLNbjod2uo0DVcW.jHucKbPDdHS"))
        .as("what an old program made of 255 bytes is not repeated")
        .isFalse();
  }

  @Test
  void doesNotStopAtAZero() {
    byte[] salt = new byte[16];
    String token =
        new String(
            BCrypt.with(BCrypt.Version.VERSION_2B).hash(4, salt, new byte[] {'a', 0, 'b'}), UTF_8);

    assertThat(matches(new byte[] {'a', 0, 'b'}, token)).isTrue();
    assertThat(matches(new byte[] {'a', 0, 'c'}, token)).isFalse();
    assertThat(matches(new byte[] {'a'}, token)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 20, 71, 72, 73, 200})
  void makesTokensThatItVerifies(int length) {
    Secret secret = Secret.of("s".repeat(length));

    String token = BcryptHash.token(secret, 4, new SecureRandom());

    assertThat(token).startsWith("$2b$04$").hasSize(60);
    assertThat(BcryptHash.matches(secret, requireNonNull(BcryptToken.parse(token)))).isTrue();
    assertThat(BcryptHash.token(secret, 4, new SecureRandom())).isNotEqualTo(token);
  }

  @Test
  void makesTokensThatTheLibraryVerifiesByItself() {
    String token = BcryptHash.token(Secret.of("some secret"), 5, new SecureRandom());

    assertThat(
            BCrypt.verifyer(BCrypt.Version.VERSION_2B)
                .verifyStrict("some secret".getBytes(UTF_8), token.getBytes(UTF_8))
                .verified)
        .isTrue();
  }
}
