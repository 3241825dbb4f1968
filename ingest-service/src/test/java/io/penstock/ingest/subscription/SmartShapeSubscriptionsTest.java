package io.penstock.ingest.subscription;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.subscription.Commands.Ended;
import io.penstock.ingest.subscription.FakeApi.Reply;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SmartShape's registrations through the real command, at an API that behaves as documented. */
class SmartShapeSubscriptionsTest {

  private static final String URL_TOKEN = "shapes-url-token-4711";
  private static final String SECRET = "shapes-secret-0815";
  private static final String ADDRESS = "https://hooks.example.com/webhooks/shapes/" + URL_TOKEN;

  private final FakeSmartShape smartshape = new FakeSmartShape();
  private Commands commands;

  @BeforeEach
  void configure(@TempDir Path directory) {
    commands =
        new Commands(directory)
            .with("URL_TOKEN", URL_TOKEN)
            .with("SECRET", SECRET)
            .with("ACCESS", FakeSmartShape.TOKEN);
    shapes("[file_uploaded, file_optimized, attribute_updated]");
  }

  private void shapes(String events) {
    commands.configure(
        """
        - name: shapes
          provider: smartshape
          auth:
            - {type: url-token, tokens: [{env: URL_TOKEN}]}
            - {type: bcrypt-token, secrets: [{env: SECRET}]}
          subscription:
            callback-url: https://hooks.example.com/webhooks/shapes
            events: %s
            api: {url: '%s/', credentials: [{env: ACCESS}]}
        """
            .formatted(events, smartshape.url()));
  }

  @AfterEach
  void close() {
    smartshape.close();
  }

  @Test
  void eachEventIsRegisteredWithTheSecretThatTheSourceChecks() {
    assertThat(commands.run("plan").status()).isEqualTo(2);
    Ended applied = commands.run("apply", "--yes");

    assertThat(applied.status()).as(applied.err()).isZero();
    assertThat(smartshape.events())
        .isEqualTo(Set.of("file_uploaded", "file_optimized", "attribute_updated"));
    assertThat(smartshape.webhooks().values())
        .hasSize(3)
        .allSatisfy(
            webhook -> {
              assertThat(webhook.path("url").asText()).isEqualTo(ADDRESS);
              assertThat(webhook.path("secretToken").asText()).isEqualTo(SECRET);
            });

    int before = smartshape.asked().size();
    assertThat(commands.run("plan").status()).isZero();
    assertThat(commands.run("apply", "--yes").status()).isZero();
    assertThat(smartshape.asked()).hasSize(before + 2);
    assertThat(commands.run("list").out()).contains("webhooks/shapes/***");
  }

  @Test
  void changesByHandAreShownAndUndoneAndRemoveLeavesNothing() {
    commands.run("apply", "--yes");
    String forgotten = smartshape.webhooks().keySet().iterator().next();
    smartshape.forget(forgotten);
    String unwanted = smartshape.register("annotation_created", ADDRESS);
    String doubled = smartshape.register("file_uploaded", ADDRESS);
    String others = smartshape.register("file_uploaded", "https://other.example.com/a/b");

    Ended planned = commands.run("plan");
    assertThat(planned.status()).isEqualTo(2);
    assertThat(planned.out())
        .contains(
            "+ register attribute_updated",
            "- remove " + unwanted + " for annotation_created: the configuration does not ask");
    assertThat(commands.run("apply", "--yes").status()).isZero();
    assertThat(smartshape.webhooks()).hasSize(4).containsKey(others).doesNotContainKey(unwanted);
    assertThat(planned.out()).contains("- remove ").contains("there is another");
    assertThat(doubled).isNotEmpty();

    String moved =
        smartshape.webhooks().keySet().stream()
            .filter(id -> !id.equals(others))
            .findFirst()
            .orElseThrow();
    String event = requireNonNull(smartshape.webhooks().get(moved)).path("event").asText();
    requireNonNull(smartshape.webhooks().get(moved))
        .put("url", "https://hooks.example.com/webhooks/shapes/other");
    Ended address = commands.run("plan");
    assertThat(address.out())
        .contains("~ replace " + moved + " for " + event)
        .contains("/webhooks/shapes/other -> https://hooks.example.com/webhooks/shapes/***");
    assertThat(commands.run("apply", "--yes").status()).isZero();
    assertThat(smartshape.webhooks()).hasSize(4).doesNotContainKey(moved);

    assertThat(commands.run("remove", "--yes").status()).isZero();
    assertThat(smartshape.webhooks()).containsOnlyKeys(others);
  }

  @Test
  void aRenewedSecretReplacesEachRegistration() {
    commands.run("apply", "--yes");
    Set<String> before = smartshape.webhooks().keySet();
    commands.with("SECRET", "a-new-secret-of-shapes");

    assertThat(commands.run("apply", "--renew", "--yes").status()).isZero();

    assertThat(smartshape.webhooks()).hasSize(3).doesNotContainKeys(before.toArray(String[]::new));
    assertThat(smartshape.webhooks().values())
        .allSatisfy(
            webhook ->
                assertThat(webhook.path("secretToken").asText())
                    .isEqualTo("a-new-secret-of-shapes"));
  }

  @Test
  void anErrorHalfWaySaysWhatWasDoneAndTheNextRunGoesOn() {
    smartshape.answerAfter(2, Reply.of(400, "{}"));

    Ended ended = commands.run("apply", "--yes");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err())
        .contains(
            "done: shapes: + register attribute_updated",
            "not done: shapes: + register file_optimized",
            "not done: shapes: + register file_uploaded");
    assertThat(smartshape.events()).isEqualTo(Set.of("attribute_updated"));
    assertThat(commands.run("apply", "--yes").status()).isZero();
    assertThat(smartshape.webhooks()).hasSize(3);
  }

  @Test
  void whatIsNotAuthorizedOrNotToldIsSaid() {
    commands.with("ACCESS", "an-expired-access-token");
    Ended refused = commands.run("apply", "--yes");
    assertThat(refused.status()).isEqualTo(1);
    assertThat(refused.err()).contains("answers 503: it does not accept the credentials");

    commands.with("ACCESS", FakeSmartShape.TOKEN);
    smartshape.register("file_uploaded", ADDRESS);
    smartshape.hideAddresses();
    Ended untold = commands.run("apply", "--yes");
    assertThat(untold.status()).isEqualTo(1);
    assertThat(untold.err()).contains("a webhook without its address");
    assertThat(smartshape.webhooks()).hasSize(1);
  }

  @Test
  void aTestIsMadeByHand() {
    Ended ended = commands.run("ping");

    assertThat(ended.status()).isEqualTo(2);
    assertThat(ended.out()).contains("change an attribute or upload a file");
  }
}
