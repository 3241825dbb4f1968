package io.penstock.ingest.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QueryParametersTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      textBlock =
          """
          none             |
          ''               |
          k=a              | a
          x=1&k=a&y=2      | a
          k=a&k=b          | a,b
          k=a%26b%3Dc      | a&b=c
          k=a+b            | a b
          k=a%2Bb          | a+b
          k=a=b            | a=b
          %6B=a            | a
          k=t%C3%B6k       | tök
          K=a              |
          kk=a&k2=b        |
          x=k=a            |
          k=a;k=b          | a;k=b
          """)
  void findsAllValuesOfAParameter(String query, String values) {
    assertThat(QueryParameters.values(query, "k"))
        .isEqualTo(values == null ? List.of() : List.of(values.split(",", -1)));
  }

  @ParameterizedTest
  @CsvSource({"k", "k=", "k=%", "k=%zz", "k=%C3%"})
  void countsWhatHasNoValue(String query) {
    assertThat(QueryParameters.values(query, "k")).containsExactly("");
    assertThat(QueryParameters.values("k=a&" + query, "k")).containsExactly("a", "");
  }

  @Test
  void takesWhateverComes() {
    Random random = new Random(20261121);
    String alphabet = "k=&%+2fF;#?é\0 ";
    for (int round = 0; round < 20_000; round++) {
      StringBuilder query = new StringBuilder();
      for (int i = random.nextInt(20); i > 0; i--) {
        query.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      assertThat(QueryParameters.values(query.toString(), "k")).doesNotContainNull();
    }
  }
}
