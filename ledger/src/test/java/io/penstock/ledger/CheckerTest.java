package io.penstock.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The ledger is no good if it does not notice: each kind of damage, by the delivery's id. */
class CheckerTest {

  private static final Answer OK = Answer.acknowledged(Duration.ofMillis(3));

  private final List<Delivery> deliveries = new ArrayList<>();
  private final List<Read> records = new ArrayList<>();

  /** Ten acknowledged deliveries of two entities, all of them read as they should be. */
  @BeforeEach
  void send() {
    for (int number = 1; number <= 10; number++) {
      Delivery delivery = new Delivery(number, "csm", "entity-" + number % 2, "digest-" + number);
      deliveries.add(delivery.answered(OK));
      records.add(read(number));
    }
  }

  private static Read read(int number) {
    return new Read("csm", 0, number, "csm-" + number, "digest-" + number);
  }

  private Findings compare() {
    return Checker.compare(deliveries, records);
  }

  @Test
  void findsNothingWhereNothingIsWrong() {
    assertThat(compare()).isEqualTo(Findings.NONE);
  }

  @Test
  void namesTheLostTheDuplicatedTheReorderedAndTheAltered() {
    records.remove(read(3));
    records.add(new Read("csm", 0, 11, "csm-4", "digest-4"));
    Collections.replaceAll(records, read(7), new Read("csm", 0, 9, "csm-7", "digest-7"));
    Collections.replaceAll(records, read(9), new Read("csm", 0, 7, "csm-9", "digest-9"));
    Collections.replaceAll(records, read(2), new Read("csm", 0, 2, "csm-2", "another digest"));

    Findings findings = compare();

    assertThat(findings.lost()).containsExactly("csm-3");
    assertThat(findings.duplicated()).containsExactly("csm-4");
    assertThat(findings.reordered()).containsExactly("csm-7");
    assertThat(findings.altered()).containsExactly("csm-2");
  }

  @Test
  void doesNotCareForTheOrderOfDifferentEntities() {
    records.clear();
    for (int number : new int[] {2, 4, 6, 8, 10, 1, 3, 5, 7, 9}) {
      int offset = records.size();
      records.add(new Read("csm", 0, offset, "csm-" + number, "digest-" + number));
    }

    assertThat(compare()).isEqualTo(Findings.NONE);
  }

  @Test
  void anEntityThatChangesItsPartitionHasLostItsOrder() {
    Collections.replaceAll(records, read(8), new Read("csm", 1, 0, "csm-8", "digest-8"));

    assertThat(compare().reordered()).containsExactly("csm-8");
  }

  @Test
  void aDeliveryInAnotherProvidersTopicIsAltered() {
    Collections.replaceAll(records, read(5), new Read("move", 0, 5, "csm-5", "digest-5"));

    assertThat(compare().altered()).containsExactly("csm-5");
  }

  @Test
  void aRecordThatNobodySentIsNamedByItsPlace() {
    records.add(new Read("csm", 2, 77, "", "a digest"));

    assertThat(compare().altered()).containsExactly("csm[2]@77: of no delivery");
  }

  @Test
  void whatWasNotAcknowledgedMayBeMissingOrComeOnceAtAnyPlaceButNotTwice() {
    Answer cut = new Answer(Answer.Kind.CUT, 0, "cut off", Duration.ZERO);
    for (int number = 11; number <= 13; number++) {
      deliveries.add(new Delivery(number, "csm", "entity-0", "digest-" + number).answered(cut));
    }
    deliveries.add(new Delivery(14, "csm", "entity-0", "digest-14").answered(OK));
    records.add(read(14));
    records.add(new Read("csm", 0, 15, "csm-12", "digest-12"));
    assertThat(compare()).isEqualTo(Findings.NONE);

    records.add(new Read("csm", 0, 16, "csm-12", "digest-12"));
    assertThat(compare().duplicated()).containsExactly("csm-12");
  }

  @Test
  void anAnswerThatAnAuthenticDeliveryMustNotGetIsNamedAlsoIfALaterOneIsGood() {
    Delivery refused = new Delivery(11, "move", "entity", "digest-11");
    refused.answered(
        new Answer(Answer.Kind.WRONG, 401, "authentication-failed", Duration.ofMillis(1)));
    deliveries.add(refused.answered(OK));
    Delivery late = new Delivery(12, "move", "entity", "digest-12");
    deliveries.add(
        late.answered(new Answer(Answer.Kind.LATE, 0, "late", Duration.ofSeconds(15)))
            .answered(OK));
    records.add(new Read("move", 0, 1, "move-11", "digest-11"));
    records.add(new Read("move", 0, 2, "move-12", "digest-12"));

    Findings findings = compare();

    assertThat(findings.wronglyAnswered()).containsExactly("move-11: 401 authentication-failed");
    assertThat(findings.late()).containsExactly("move-12: 0 late");
  }

  @Test
  void whatIsKnownIsNotFoundAgain() {
    records.remove(read(3));
    Findings before = compare();
    records.remove(read(4));

    assertThat(compare().without(before).lost()).containsExactly("csm-4");
    assertThat(before.without(before)).isEqualTo(Findings.NONE);
  }

  @Test
  void theReportHasARowForEachCase() {
    Result result = new Result("a case", deliveries, 10, compare(), Duration.ofMillis(1_540));

    assertThat(Report.table(List.of(result)))
        .contains("| a case | 10 | 10 | 0 | 10 | 0 | 0 | 0 | 0 | 0 | 3 | 3 | 3 | 1.5 | none |");
  }
}
