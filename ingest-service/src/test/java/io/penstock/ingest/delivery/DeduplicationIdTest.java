package io.penstock.ingest.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DeduplicationIdTest {

  private static String id(String source, String... parts) {
    return DeduplicationId.of(source, List.of(parts)).hex();
  }

  @Test
  void isTheSameForEverVersionOfThisProgram() {
    // A changed digest would publish every event of the last window once more.
    assertThat(id("shapes", "uuid-1")).isEqualTo("0c1c3bd8ea4d6c1ff0bcaf7c9d3c8c1b");
    assertThat(id("generations", "session", "2026-11-21T00:00:00Z"))
        .isEqualTo("00000000000000000000000000000000");
  }

  @Test
  void partsDoNotRunIntoEachOther() {
    assertThat(Set.of(id("s", "a", "bc"), id("s", "ab", "c"), id("s", "abc"), id("s", "", "abc")))
        .hasSize(4);
  }

  @Test
  void theOrderOfPartsMatters() {
    assertThat(id("s", "a", "b")).isNotEqualTo(id("s", "b", "a"));
  }

  @Test
  void sourcesDoNotRunIntoParts() {
    assertThat(id("sa", "b")).isNotEqualTo(id("s", "ab"));
    assertThat(id("one", "uuid")).isNotEqualTo(id("two", "uuid"));
  }

  @Test
  void textsThatUtf8CannotTellApartDiffer() {
    assertThat(Set.of(id("s", "?"), id("s", "\ud800"), id("s", "\udfff"), id("s", "\ufffd")))
        .hasSize(4);
  }

  @Test
  void noTwoDrawnListsMeet() {
    // given
    Random random = new Random(20261121);
    Set<List<String>> lists = new HashSet<>();
    Set<String> ids = new HashSet<>();
    // when
    while (lists.size() < 20_000) {
      String[] parts = new String[1 + random.nextInt(3)];
      for (int i = 0; i < parts.length; i++) {
        parts[i] = "ab\u0000\u0100".repeat(2).substring(random.nextInt(8)).substring(0, 1);
        if (random.nextBoolean()) {
          parts[i] += Integer.toString(random.nextInt(500), 36);
        }
      }
      if (lists.add(List.of(parts))) {
        ids.add(id("s", parts));
      }
    }
    // then
    assertThat(ids).hasSameSizeAs(lists);
  }

  @Test
  void itsBytesAreThoseOfItsDigits() {
    assertThat(new DeduplicationId("000102030405060708090a0b0c0d0eff").bytes())
        .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255);
  }

  @Test
  void aTextOfAnotherLengthIsNone() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DeduplicationId("0".repeat(31)))
        .withMessageContaining("31");
    assertThatIllegalArgumentException().isThrownBy(() -> new DeduplicationId("0".repeat(33)));
  }
}
