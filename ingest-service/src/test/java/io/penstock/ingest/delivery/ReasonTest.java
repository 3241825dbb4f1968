package io.penstock.ingest.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ReasonTest {

  @Test
  void theVocabularyIsTheOneThatIsDocumented() {
    assertThat(Arrays.stream(Reason.values()).map(reason -> reason.code() + " " + reason.status()))
        .containsExactlyInAnyOrder(
            "unknown-source 404",
            "method-not-allowed 405",
            "unsupported-content-type 415",
            "payload-too-large 413",
            "authentication-failed 401",
            "malformed-json 400",
            "missing-identity 400",
            "undecodable 200",
            "rate-limited 429",
            "overloaded 503",
            "kafka-unavailable 503",
            "spool-full 503",
            "shutting-down 503");
  }
}
