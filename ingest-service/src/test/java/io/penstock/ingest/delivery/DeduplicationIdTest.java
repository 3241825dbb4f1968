package io.penstock.ingest.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
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
  void isTheSameForEveryVersionOfThisProgram() {
    // A changed digest would publish every event of the last window once more.
    assertThat(id("shapes", "uuid-1")).isEqualTo("a1be99a7de5ae1d2a6f8332e4ad65ef8");
    assertThat(id("generations", "session", "2026-11-21T00:00:00Z"))
        .isEqualTo("f50fda50214fd8c0bc068d5a88185858");
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
      List<String> parts = new ArrayList<>();
      for (int i = random.nextInt(4); i >= 0; i--) {
        parts.add("ab\u0000\u0100".repeat(2).substring(random.nextInt(4), 4 + random.nextInt(5)));
      }
      if (lists.add(parts)) {
        ids.add(DeduplicationId.of("s", parts).hex());
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
