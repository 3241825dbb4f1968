package io.penstock.ingest.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class UrlTokenAuthenticatorTest {

  private final List<Integer> matched = new ArrayList<>();
  private final SecretList tokens = SecretList.of(Secret.of("old-token"), Secret.of("neuer-tökén"));
  private final Authenticator authenticator =
      Place.URL_TOKEN.authenticator("", tokens, matched::add);

  private Verdict screen(@Nullable String token) {
    return authenticator.screen(FakeHead.withUrlToken(token));
  }

  @Test
  void acceptsAnyEntryAndTellsWhich() {
    assertThat(screen("neuer-tökén")).isEqualTo(Verdict.ACCEPTED);
    assertThat(screen("old-token")).isEqualTo(Verdict.ACCEPTED);

    assertThat(matched).containsExactly(1, 0);
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {"", "old-toke", "old-token ", "OLD-TOKEN", "old-tokenneuer-tökén", "\ud800"})
  void refusesEverythingElse(@Nullable String token) {
    assertThat(screen(token)).isInstanceOf(Verdict.Refused.class);
    assertThat(matched).isEmpty();
  }

  @Test
  void refusesARemovedTokenAtOnce() {
    tokens.replace(List.of(Secret.of("neuer-tökén")));

    assertThat(screen("old-token")).isInstanceOf(Verdict.Refused.class);
    assertThat(screen("neuer-tökén")).isEqualTo(Verdict.ACCEPTED);
  }

  @Test
  void needsNoBody() {
    assertThat(authenticator.needsBody()).isFalse();
    assertThat(authenticator.verify(FakeHead.withUrlToken("old-token"), new byte[0]).result())
        .isEqualTo(Verdict.ACCEPTED);
  }
}
