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
    return DeduplicationId.of(source, "entity", List.of(parts), "receipt").hex();
  }

  /**
   * A change here is a breaking change: consumers keep ids, and every event of the last window
   * would be published once more.
   */
  @Test
  void isTheSameForEveryVersionOfThisProgram() {
    assertThat(DeduplicationId.of("shapes", "file", List.of("uuid-1"), "receipt").hex())
        .isEqualTo("61c7990937582ac8bbfbd56d79c3036c");
    assertThat(
            DeduplicationId.of("generations", "s", List.of("s", "2026-11-21T00:00:00Z"), "receipt")
                .hex())
        .isEqualTo("de3b9a89fcddd5d71313cce7dc284c1a");
    assertThat(DeduplicationId.of("assets", "collection", List.of(), "receipt").hex())
        .isEqualTo("de58bcb63a7aa39ff83a5d2f8fe08043");
    assertThat(DeduplicationId.ofContent("assets", "00ff").hex())
        .isEqualTo("8e5164c447dcc8a8871da0ccfce9253a");
    assertThat(DeduplicationId.ofDeadLetter("webhooks.inbound", 3, 127, "receipt").hex())
        .isEqualTo("6bc19737e94ec60b128698392d0b55df");
  }

  @Test
  void whatIsOfDifferentEntitiesIsNeverOne() {
    assertThat(DeduplicationId.of("s", "one", List.of("uuid"), "receipt"))
        .isNotEqualTo(DeduplicationId.of("s", "two", List.of("uuid"), "receipt"));
    assertThat(DeduplicationId.of("s", "one", List.of(), "receipt"))
        .isNotEqualTo(DeduplicationId.of("s", "two", List.of(), "receipt"));
    assertThat(DeduplicationId.of("s", "ab", List.of("c"), "receipt"))
        .as("an entity does not run into its parts")
        .isNotEqualTo(DeduplicationId.of("s", "a", List.of("bc"), "receipt"));
  }

  @Test
  void theReceiptCountsOnlyWhereNothingElseTellsEventsApart() {
    assertThat(DeduplicationId.of("s", "e", List.of("uuid"), "receipt-1"))
        .isEqualTo(DeduplicationId.of("s", "e", List.of("uuid"), "receipt-2"));
    assertThat(DeduplicationId.of("s", "e", List.of(), "receipt-1"))
        .isNotEqualTo(DeduplicationId.of("s", "e", List.of(), "receipt-2"))
        .as("nor is a receipt id that a provider sends an event of Penstock's")
        .isNotEqualTo(DeduplicationId.of("s", "e", List.of("receipt-1"), "receipt-1"));
  }

  @Test
  void idsOfDifferentKindsNeverMeet() {
    assertThat(
            Set.of(
                DeduplicationId.of("a", "1", List.of("2", "r"), "r"),
                DeduplicationId.of("a", "1", List.of(), "r"),
                DeduplicationId.ofContent("a", "1"),
                DeduplicationId.ofDeadLetter("a", 1, 2, "r")))
        .hasSize(4);
  }

  @Test
  void eachDeadLetterHasAnIdOfItsOwnWhichItKeeps() {
    DeduplicationId letter = DeduplicationId.ofDeadLetter("inbound", 1, 23, "receipt");

    assertThat(letter).isEqualTo(DeduplicationId.ofDeadLetter("inbound", 1, 23, "receipt"));
    assertThat(
            Set.of(
                letter,
                DeduplicationId.ofDeadLetter("inbound", 12, 3, "receipt"),
                DeduplicationId.ofDeadLetter("inbound", 1, 24, "receipt"),
                DeduplicationId.ofDeadLetter("inbound", 1, 23, "receipt-2"),
                DeduplicationId.ofDeadLetter("other", 1, 23, "receipt")))
        .hasSize(5);
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
      for (int i = random.nextInt(4); i >= 0; i--) { // one part at least
        parts.add("ab\u0000\u0100".repeat(2).substring(random.nextInt(4), 4 + random.nextInt(5)));
      }
      if (lists.add(parts)) {
        ids.add(DeduplicationId.of("s", "e", parts, "receipt").hex());
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
