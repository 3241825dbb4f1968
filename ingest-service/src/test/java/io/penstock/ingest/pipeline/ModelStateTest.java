package io.penstock.ingest.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.pipeline.ModelState.Latest;
import io.penstock.ingest.pipeline.ModelState.Rank;
import io.penstock.ingest.pipeline.ModelState.Readied;
import io.penstock.ingest.provider.ModelReadiness.Subject;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ModelStateTest {

  private static final String ID = "0123456789abcdef0123456789abcdef";
  private static final ModelState FULL =
      new ModelState(
          Map.of(
              Subject.PROCESSED, new Latest(true, ID, new Rank(7L, 8L), 9),
              Subject.ACTIVE, new Latest(false, ID, new Rank(null, null), 10),
              Subject.GONE, new Latest(true, ID, new Rank(5L, null), 8)),
          Optional.of(new Readied(ID, ID, ID)));

  @Test
  void isReadAsItWasWritten() {
    assertThat(ModelState.read(FULL.bytes())).isEqualTo(FULL);
    assertThat(ModelState.read(ModelState.EMPTY.bytes())).isEqualTo(ModelState.EMPTY);
    assertThat(FULL.bytes()).hasSize(ModelState.MOST_BYTES).hasSizeLessThan(256);
  }

  @Test
  void whatAnotherVersionWroteIsNotGuessedAt() {
    byte[] other = FULL.bytes();
    other[0] = 2;
    assertThat(ModelState.read(other)).isEqualTo(ModelState.EMPTY);
    assertThat(ModelState.read(Arrays.copyOf(FULL.bytes(), 20))).isEqualTo(ModelState.EMPTY);
    assertThat(ModelState.read(null)).isEqualTo(ModelState.EMPTY);
  }

  @Test
  void theVersionDecidesThenTheTime() {
    assertThat(new Rank(1L, 9L).isBefore(new Rank(2L, 8L))).isTrue();
    assertThat(new Rank(2L, 8L).isBefore(new Rank(2L, 9L))).isTrue();
    assertThat(new Rank(null, 8L).isBefore(new Rank(2L, 9L))).isTrue();
    assertThat(new Rank(2L, null).isBefore(new Rank(2L, 9L))).isFalse();
    assertThat(new Rank(null, null).isBefore(new Rank(2L, 9L))).isFalse();
  }
}
