package io.penstock.ingest.console.letters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.penstock.ingest.deadletter.DeadLetter;
import io.vertx.core.MultiMap;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LetterGroupsTest {

  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final LetterChoice ALL = LetterChoice.of(MultiMap.caseInsensitiveMultiMap());

  private static DeadLetter letter(int offset, String reason, @Nullable String detail) {
    return new DeadLetter(
        new DeadLetter.Position(0, offset),
        "shapes",
        "smartshape",
        reason,
        detail,
        "receipt-" + offset,
        NOW,
        NOW.plusSeconds(offset),
        null,
        null,
        null,
        null,
        Map.of(),
        new byte[0]);
  }

  @Test
  void lettersAreGroupedByReasonAndDetailWithTheNewestFirst() {
    LetterGroups groups = new LetterGroups();
    groups.add(letter(0, "undecodable", "a"));
    groups.add(letter(1, "malformed-json", "b"));
    groups.add(letter(2, "undecodable", "a"));
    groups.add(letter(3, "malformed-json", null));
    assertThat(groups.all(ALL))
        .extracting(group -> group.reason() + " " + group.detail() + " " + group.count())
        .containsExactly("malformed-json  1", "undecodable a 2", "malformed-json b 1");
    assertThat(groups.all(ALL).get(1).lines())
        .extracting(LetterGroups.Line::position)
        .containsExactly("0-2", "0-0");
    assertThat(groups.all(ALL).get(1).query()).isEqualTo("within=7d&reason=undecodable&detail=a");
  }

  @Test
  void groupsAndTheirLettersAreBoundedAndCounted() {
    LetterGroups groups = new LetterGroups();
    for (int i = 0; i < 1_000; i++) {
      groups.add(letter(i, "undecodable", "one"));
      groups.add(letter(i, "undecodable", "number " + i));
    }
    assertThat(groups.all(ALL)).hasSize(LetterGroups.MOST_GROUPS);
    LetterGroups.Group one = groups.all(ALL).getFirst();
    assertThat(one.count()).isEqualTo(1_000);
    assertThat(one.lines()).hasSize(LetterGroups.MOST_OF_ONE);
    assertThat(one.lines().getFirst().position()).isEqualTo("0-999");
    assertThat(groups.others()).isEqualTo(1_000 - LetterGroups.MOST_GROUPS + 1);
  }

  @Test
  void aChoiceStandsInAnAddress() {
    MultiMap parameters =
        MultiMap.caseInsensitiveMultiMap()
            .add("reason", "undecodable")
            .add("detail", "")
            .add("within", "24h");
    LetterChoice choice = LetterChoice.of(parameters);
    assertThat(choice.has(letter(0, "undecodable", null))).isTrue();
    assertThat(choice.has(letter(0, "undecodable", "x"))).isFalse();
    assertThat(choice.selection(NOW).since()).isEqualTo(NOW.minusSeconds(86_400));
    assertThat(choice.words()).isEqualTo("letters for undecodable of the last 24h");
    assertThat(ALL.has(letter(0, "undecodable", "x"))).isTrue();

    MultiMap positions = MultiMap.caseInsensitiveMultiMap().add("p", "3-127");
    assertThat(LetterChoice.of(positions).selection(NOW).positions()).hasSize(1);
    assertThat(LetterChoice.of(positions).selection(NOW).since()).isNull();
    for (int i = 0; i < LetterChoice.MOST_POSITIONS; i++) {
      positions.add("p", "0-" + i);
    }
    assertThatIllegalArgumentException().isThrownBy(() -> LetterChoice.of(positions));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LetterChoice.of(MultiMap.caseInsensitiveMultiMap().add("p", "<script>")));
  }
}
