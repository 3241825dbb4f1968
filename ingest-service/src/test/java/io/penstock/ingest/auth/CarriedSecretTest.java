package io.penstock.ingest.auth;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What each place of a request can carry, and what is said of a secret that it cannot. */
class CarriedSecretTest {

  private static final String MARKER = "hunter2-marker";

  private static Arguments row(CarriedSecret place, String value, String said) {
    return Arguments.of(place, value, said);
  }

  static Stream<Arguments> unusable() {
    return Stream.of(
        row(CarriedSecret.HEADER, " " + MARKER, "white space"),
        row(CarriedSecret.HEADER, MARKER + "\t", "white space"),
        row(CarriedSecret.HEADER, MARKER + " ", "white space"),
        row(CarriedSecret.HEADER, MARKER.repeat(2000), "too long for all headers"),
        row(CarriedSecret.BEARER, MARKER + " ", "white space"),
        row(CarriedSecret.BEARER, MARKER + " two", "white space"),
        row(CarriedSecret.BEARER, MARKER + "\ttwo", "control character"),
        row(CarriedSecret.PASSWORD, MARKER.repeat(1000), "too long for all headers"),
        row(CarriedSecret.URL_TOKEN, ".", "dot segment"),
        row(CarriedSecret.URL_TOKEN, "..", "dot segment"),
        row(CarriedSecret.URL_TOKEN, MARKER.repeat(600), "too long for a request line"),
        row(CarriedSecret.URL_TOKEN, "/".repeat(3000), "too long for a request line"),
        row(CarriedSecret.QUERY, MARKER.repeat(600), "too long for a request line"));
  }

  @ParameterizedTest
  @MethodSource("unusable")
  void saysWhyAPlaceCannotCarryAValueAndNeverRepeatsIt(
      CarriedSecret place, String value, String said) {
    assertThat(place.complaint(Secret.of(value))).contains(said).doesNotContain(MARKER);
  }

  /** Of a file, the last line break is left out before; here is what is left. */
  @ParameterizedTest
  @EnumSource
  void noPlaceTakesControlCharacters(CarriedSecret place) {
    for (String value :
        List.of(
            MARKER + "\n",
            MARKER + "\r\n",
            MARKER + "\n\n",
            MARKER + "\r",
            MARKER + "\n" + MARKER)) {
      assertThat(place.complaint(Secret.of(value))).as(place.name()).isNotNull();
      assertThat(place.complaint(Secret.of(value))).doesNotContain(MARKER);
    }
    assertThat(place.complaint(Secret.of(MARKER + "\n"))).startsWith("ends in a line break");
    assertThat(place.complaint(Secret.of("\n" + MARKER))).startsWith("has a control character");
    assertThat(place.complaint(Secret.of(MARKER + "\0"))).startsWith("has a control character");
    assertThat(place.complaint(Secret.of(MARKER + "\u007f"))).startsWith("has a control character");
    assertThat(place.complaint(Secret.of(MARKER.getBytes(UTF_16LE))))
        .startsWith("has a control character");
    assertThat(place.complaint(Secret.of("\ufeff" + MARKER)))
        .startsWith("begins with a byte order mark");
  }

  /** The bytes of a header and of a password are compared as they come; the rest is decoded. */
  @ParameterizedTest
  @EnumSource
  void whatIsNoUtf8CanOnlyStandWhereBytesAreCompared(CarriedSecret place) {
    Secret latin = Secret.of("Schlüssel-zum-Haus".getBytes(ISO_8859_1));
    boolean isDecoded =
        List.of(CarriedSecret.URL_TOKEN, CarriedSecret.QUERY, CarriedSecret.BODY_FIELD)
            .contains(place);

    if (isDecoded) {
      assertThat(place.complaint(latin)).startsWith("is not UTF-8");
    } else {
      assertThat(place.complaint(latin)).isNull();
      assertThat(place.doubt(latin)).startsWith("is not UTF-8");
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyPlaceTakesWhatAGeneratorMakes(CarriedSecret place) {
    for (String value :
        List.of("wJalrXUtnFEMI-K7MDENG", "5f4dcc3b5aa765d61d8327deb882cf99", "a.b_c~d-0123")) {
      assertThat(place.complaint(Secret.of(value))).isNull();
      assertThat(place.doubt(Secret.of(value))).isNull();
    }
  }

  static Stream<Arguments> doubtful() {
    return Stream.of(
        row(CarriedSecret.HEADER, "short", "can be guessed"),
        row(CarriedSecret.HEADER, "not-ascii-ü", "is not ASCII"),
        row(CarriedSecret.BEARER, "1|laravel-token", "RFC 6750"),
        row(CarriedSecret.URL_TOKEN, "the token / of mine", "percent-encoded"),
        row(CarriedSecret.URL_TOKEN, "encoded%2Falready", "percent-encoded"),
        row(CarriedSecret.QUERY, MARKER + " ", "white space"),
        row(CarriedSecret.PASSWORD, " " + MARKER, "white space"),
        row(CarriedSecret.BODY_FIELD, MARKER + "\u00a0", "white space"),
        row(CarriedSecret.HASHED, MARKER.repeat(6), "longer than 72 bytes"));
  }

  @ParameterizedTest
  @MethodSource("doubtful")
  void doubtsWhatIsHardlyMeant(CarriedSecret place, String value, String said) {
    assertThat(place.complaint(Secret.of(value))).isNull();
    assertThat(place.doubt(Secret.of(value))).contains(said).doesNotContain(MARKER);
  }
}
