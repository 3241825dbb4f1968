package io.penstock.ingest.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records that could stop the pipeline or spoil the one that comes after them. */
class HostileLandingsTest {

  @TempDir private Path stateDirectory;
  private PipelineDriver pipeline;

  @BeforeEach
  void open() {
    pipeline = new PipelineDriver(stateDirectory);
  }

  @AfterEach
  void close() {
    pipeline.close();
  }

  private GenericRecord deadLetter() {
    var letters = pipeline.deadLetters();
    assertThat(letters).hasSize(1);
    return PipelineDriver.letter(letters.get(0));
  }

  private void assertThatTheNextIsPublished() {
    pipeline.alpha.decodes((body, headers) -> pipeline.alpha.decoded(body));
    pipeline.lands(Landed.delivery("next").body("next"));
    assertThat(pipeline.texts()).containsExactly("next");
  }

  @Test
  void anEventThatDoesNotFitItsSchemaCostsItsRecordAlone() {
    // given
    pipeline.alpha.decodes(
        (body, headers) -> {
          var decoded = pipeline.alpha.decoded(body);
          decoded.event().put("text", 42);
          return decoded;
        });
    // when
    pipeline.lands(Landed.delivery("id"));
    // then
    assertThat(deadLetter().get("detail")).hasToString("the event did not fit its schema");
    assertThatTheNextIsPublished();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz",
        "                                ",
        "0123456789ABCDEF0123456789ABCDEF"
      })
  void aDeduplicationIdThatIsNoneCostsItsRecordAlone(String id) {
    // when
    pipeline.lands(Landed.delivery("id").header("penstock-deduplication-id", id));
    // then
    assertThat(deadLetter().get("detail")).asString().contains("penstock-deduplication-id");
    assertThatTheNextIsPublished();
  }

  @Test
  void aTimeThatDoesNotFitItsFieldCostsItsRecordAlone() {
    for (Instant time : List.of(Instant.MAX, Instant.MIN)) {
      // given
      pipeline.alpha.decodes((body, headers) -> pipeline.alpha.decoded(body, "type", time));
      // when
      pipeline.lands(Landed.delivery("id"));
      // then
      assertThat(deadLetter().get("reason")).hasToString("undecodable");
    }
    assertThatTheNextIsPublished();
  }

  @Test
  void aDecoderThatReturnsNothingCostsItsRecordAlone() {
    // given
    pipeline.alpha.decodes((body, headers) -> nothing());
    // when
    pipeline.lands(Landed.delivery("id"));
    // then
    assertThat(deadLetter().get("reason")).hasToString("undecodable");
    assertThatTheNextIsPublished();
  }

  @SuppressWarnings("NullAway") // what no implementation may do, and some may all the same
  private static io.penstock.ingest.provider.Decoding nothing() {
    return null;
  }

  @Test
  void aDeadLetterWithoutItsBodyAndWithoutWordsSaysWhereTheBodyIs() {
    // given
    pipeline.limits("test.dead-letter", 2000);
    // when
    pipeline.lands(Landed.delivery("id").refused("malformed-json", null).body("x".repeat(2000)));
    // then
    assertThat(deadLetter().get("detail")).asString().startsWith("the body was too large");
  }
}
