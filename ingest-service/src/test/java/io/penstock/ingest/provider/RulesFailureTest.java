package io.penstock.ingest.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class RulesFailureTest {

  @Test
  void saysWhatAndWhereAndNothingOfTheBody() {
    // given
    Exception bug =
        new IllegalStateException("a part of a body", new NumberFormatException("another part"));
    // when
    StringWriter logged = new StringWriter();
    RulesFailure.of(bug).printStackTrace(new PrintWriter(logged));
    // then
    assertThat(logged.toString())
        .contains("java.lang.IllegalStateException", getClass().getName())
        .doesNotContain("part");
  }
}
