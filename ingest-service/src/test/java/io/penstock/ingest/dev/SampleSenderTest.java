package io.penstock.ingest.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.ingest.auth.Place;
import io.penstock.ingest.auth.SharedSecret;
import io.penstock.ingest.config.AuthSpec;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.SecretRef;
import io.penstock.ingest.provider.Providers;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What {@code dev} shows of sources, and what it does not show of their secrets. */
class SampleSenderTest {

  private static final String MARKER = "hunter2-marker";

  private static SampleSender sender(Configuration configuration, Map<String, String> secrets) {
    return new SampleSender(
        "http://127.0.0.1:1", configuration, secrets, () -> Instant.ofEpochSecond(1_800_000_000));
  }

  private static Configuration with(AuthSpec... auth) {
    Configuration base = DevConfiguration.of(Providers.all(), new SecureRandom()).configuration();
    return new Configuration(
        base.roles(),
        base.http(),
        base.kafka(),
        base.schemaRegistry(),
        base.topics(),
        base.delivery(),
        base.deduplication(),
        base.pipeline(),
        base.tracing(),
        List.of(new Configuration.SourceConfig("mine", "csm", 1024, List.of(auth))));
  }

  private static String printed(SampleSender sender) {
    StringWriter out = new StringWriter();
    sender.printSources(new PrintWriter(out, true));
    return out.toString();
  }

  @Test
  void anAddressIsShownWithTheTokenThatWasMadeUpForIt() {
    DevConfiguration dev = DevConfiguration.of(Providers.all(), new SecureRandom());
    String token = dev.secrets().get("PENSTOCK_DEV_CSM_SECRET");

    assertThat(printed(sender(dev.configuration(), dev.secrets())))
        .contains("source csm (csm): POST http://127.0.0.1:1/webhooks/csm/" + token + "\n")
        .contains("url-token secret: " + token)
        .contains("source move (move): POST http://127.0.0.1:1/webhooks/move\n");
  }

  @Test
  void ofATokenThatIsSomebodysOnlyThePlaceIsShown() {
    Configuration configuration =
        with(new SharedSecret(Place.URL_TOKEN, List.of(new SecretRef.Env("MINE"))));

    assertThat(printed(sender(configuration, Map.of("MINE", MARKER))))
        .contains("POST http://127.0.0.1:1/webhooks/mine/TOKEN\n")
        .doesNotContain(MARKER);
  }

  /** Java's own message would be the header's value. */
  @Test
  void aHeaderThatCannotBeSentIsToldWithoutItsValue() {
    Configuration configuration =
        with(new SharedSecret(Place.HEADER, "x-key", List.of(new SecretRef.Env("MINE"))));

    assertThatThrownBy(
            () ->
                sender(configuration, Map.of("MINE", MARKER + "\n" + Duration.ZERO))
                    .send(new PrintWriter(new StringWriter())))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("mine")
        .hasNoCause()
        .hasMessageNotContaining(MARKER);
  }
}
