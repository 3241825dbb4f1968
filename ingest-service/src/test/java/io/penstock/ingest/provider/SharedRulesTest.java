package io.penstock.ingest.provider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.hash.Hashing;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The rules that no provider makes for itself. */
class SharedRulesTest {

  @Test
  void entityKeysAreTheNamesOfEntitiesUpTo256Bytes() {
    assertThat(EntityKey.of("SESSION_1")).isEqualTo("SESSION_1");
    assertThat(EntityKey.of("é".repeat(128))).isEqualTo("é".repeat(128));
    assertThat(EntityKey.of("x".repeat(256))).isEqualTo("x".repeat(256));
  }

  @Test
  void longerNamesBecomeTheirDigest() {
    String name = "é".repeat(128) + "x";

    assertThat(EntityKey.of(name))
        .isEqualTo("sha256:" + Hashing.sha256().hashString(name, UTF_8))
        .hasSize("sha256:".length() + 64);
  }

  @Test
  void eventsHappenInThisCentury() {
    assertThat(EventTime.plausible(null)).isNull();
    assertThat(EventTime.plausible(1_550_824_906_016L))
        .isEqualTo(Instant.parse("2019-02-22T08:41:46.016Z"));
    assertThat(EventTime.plausible(1_550_824_906L)).as("seconds taken for milliseconds").isNull();
    assertThat(EventTime.plausible(1_550_824_906_016_000L)).as("microseconds").isNull();
    assertThat(EventTime.plausible(0L)).isNull();
    assertThat(EventTime.plausible(Long.MIN_VALUE)).isNull();
    assertThat(EventTime.plausible(Long.MAX_VALUE)).isNull();
  }

  @Test
  void everyProviderIsFoundByItsName() {
    for (Provider provider : Providers.all()) {
      assertThat(provider.name()).matches("[a-z][a-z0-9]*");
      assertThat(Providers.byName(provider.name())).containsSame(provider);
    }
    assertThat(Providers.byName("nobody")).isEmpty();
    assertThat(Providers.all()).extracting(Provider::name).doesNotHaveDuplicates();
  }
}
