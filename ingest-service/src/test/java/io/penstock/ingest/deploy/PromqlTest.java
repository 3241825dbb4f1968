package io.penstock.ingest.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PromqlTest {

  @Test
  void seriesAreToldFromFunctionsLabelsAndWords() {
    assertThat(
            Promql.seriesNames(
                """
                histogram_quantile(0.9, sum by (le, up) (rate(a_bucket{x=~"(b) or c{2}}"}[5m])))
                  > on (namespace) group_left () p:q:r1h offset 1d and max without (z) (d) unless e
                """))
        .containsExactly("a_bucket", "d", "e", "p:q:r1h");
  }

  @Test
  void whatFiltersOrIsPastIsTakenOut() {
    assertThat(
            Promql.operands(
                """
                (sum by (x) (a{b="> or c"}) > 0 unless a offset 1h) or absent(c{d="e"}) or (f / (g > 1) == bool 1)
                """))
        .containsExactly(
            "sum by ( x ) ( a {b=\"> or c\"} ) > bool 0 and a",
            "( c {d=\"e\"} )",
            "f / ( g > bool 1 ) == bool 1");
  }

  @Test
  void anOrThatCouldHideAnEmptySideIsNotTaken() {
    assertThatThrownBy(() -> Promql.operands("sum(a or b)"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whatIsNoExpressionIsNotTaken() {
    assertThatThrownBy(() -> Promql.operands("a $ b")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Promql.operands("(a")).isInstanceOf(IllegalArgumentException.class);
  }
}
