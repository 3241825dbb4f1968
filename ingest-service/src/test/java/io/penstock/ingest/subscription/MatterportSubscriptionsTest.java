package io.penstock.ingest.subscription;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.subscription.Commands.Ended;
import io.penstock.ingest.subscription.FakeApi.Reply;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Matterport's registrations through the real command, at an API that behaves as documented. */
class MatterportSubscriptionsTest {

  private static final String PASSWORD = "twins-password-\"quoted\\ ü";
  private static final String URL_TOKEN = "twins-url-token/with a slash";

  private final FakeMatterport matterport = new FakeMatterport();
  private Commands commands;

  @BeforeEach
  void configure(@TempDir Path directory) {
    commands =
        new Commands(directory)
            .with("TWINS_PASSWORD", PASSWORD)
            .with("URL_TOKEN", URL_TOKEN)
            .with("BEARER", "twins-bearer-token")
            .with("HEADER", "twins-header-value")
            .with("QUERY", "twins-query-value")
            .with("TOKEN_ID", FakeMatterport.TOKEN_ID)
            .with("TOKEN_SECRET", FakeMatterport.TOKEN_SECRET);
    twins("[{type: basic, username: penstock, passwords: [{env: TWINS_PASSWORD}]}]", "");
  }

  private void twins(String auth, String more) {
    commands.configure(
        """
        - name: twins
          provider: matterport
          auth: %s
          subscription:
            callback-url: https://hooks.example.com/webhooks/twins
        %s
            api: {url: '%s', credentials: [{env: TOKEN_ID}, {env: TOKEN_SECRET}]}
        """
            .formatted(auth, more.indent(4).stripTrailing(), matterport.url()));
  }

  @AfterEach
  void everyRequestWasAllowedByTheSchema() {
    assertThat(matterport.faults()).isEmpty();
    matterport.close();
  }

  private Map<String, Object> only() {
    assertThat(matterport.callbacks()).hasSize(1);
    return matterport.callbacks().values().iterator().next();
  }

  private String onlyId() {
    return (String) requireNonNull(only().get("id"));
  }

  @SuppressWarnings("unchecked")
  private static List<String> events(Map<String, Object> callback) {
    return (List<String>) requireNonNull(callback.get("eventTypes"));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> target(Map<String, Object> callback) {
    return (Map<String, Object>) requireNonNull(callback.get("callback"));
  }

  @Test
  void applyRegistersWhatTheFileSaysAndAgainChangesNothing() {
    Ended planned = commands.run("plan");
    assertThat(planned.status()).as(planned.err()).isEqualTo(2);
    assertThat(planned.out())
        .contains("twins (matterport)", "+ register activation_state_changed, bundle_updated")
        .contains("address: https://hooks.example.com/webhooks/twins")
        .contains("with: basic as penstock");
    assertThat(matterport.callbacks()).isEmpty();

    Ended applied = commands.run("apply", "--yes");
    assertThat(applied.status()).as(applied.err()).isZero();
    assertThat(applied.err()).contains("1 changes were made");
    assertThat(events(only())).hasSize(10).contains("processed");
    assertThat(only()).containsEntry("version", 2).doesNotContainKey("webhookCustomKey");
    assertThat(target(only()))
        .containsAllEntriesOf(
            Map.of(
                "scheme", "https",
                "host", "hooks.example.com",
                "port", 443,
                "path", "webhooks/twins",
                "credType", "basic",
                "credKey", "penstock",
                "credSecret", PASSWORD,
                "additionalHeaders", List.of(),
                "queryParams", List.of()));

    assertThat(commands.run("plan").status()).isZero();
    int before = matterport.asked().size();
    Ended again = commands.run("apply", "--yes");
    assertThat(again.status()).isZero();
    assertThat(again.out()).contains("= as configured");
    assertThat(matterport.asked()).hasSize(before + 1);
  }

  @Test
  void nothingIsChangedWithoutAWord() {
    Ended ended = commands.run("apply");

    assertThat(ended.status()).isEqualTo(2);
    assertThat(ended.err()).contains("Nothing was changed: give --yes");
    assertThat(matterport.callbacks()).isEmpty();
  }

  @Test
  void whatTheSourceChecksIsWhatIsRegistered() {
    twins(
        "[{type: url-token, tokens: [{env: URL_TOKEN}]}, {type: bearer, tokens: [{env: BEARER}]},"
            + " {type: header, name: X-Key, values: [{env: TWINS_PASSWORD}, {env: HEADER}]},"
            + " {type: query, parameter: key, values: [{env: QUERY}]}]",
        "events: [processed, activation_state_changed]\ncustom-key: mine");

    Ended applied = commands.run("apply", "--yes");

    assertThat(applied.status()).as(applied.err()).isZero();
    assertThat(only()).containsEntry("webhookCustomKey", "mine");
    assertThat(only().get("eventTypes"))
        .isEqualTo(List.of("activation_state_changed", "processed"));
    assertThat(target(only()))
        .containsEntry("path", "webhooks/twins/twins-url-token%2Fwith%20a%20slash")
        .containsEntry(
            "additionalHeaders",
            List.of(
                Map.of("key", "x-key", "value", "twins-header-value"),
                Map.of("key", "Authorization", "value", "Bearer twins-bearer-token")))
        .containsEntry("queryParams", List.of(Map.of("key", "key", "value", "twins-query-value")))
        .doesNotContainKey("credType");
    assertThat(applied.out()).contains("https://hooks.example.com/webhooks/twins/***");
    assertThat(commands.run("list").out()).contains("webhooks/twins/***");
    assertThat(commands.run("plan").status()).isZero();
  }

  @Test
  void aTokenOfMatterportsOwnKindAndVersion1() {
    twins("[{type: bearer, tokens: [{env: BEARER}]}]", "version: 1\ntoken-credential: true");

    assertThat(commands.run("apply", "--yes").status()).isZero();

    assertThat(only()).containsEntry("version", 1);
    assertThat(events(only())).contains("uploaded", "inserted").hasSize(7);
    assertThat(target(only()))
        .containsEntry("credType", "token")
        .containsEntry("credSecret", "twins-bearer-token");
    assertThat(commands.run("plan").status()).isZero();
  }

  /** A neighbour's address is near, and is no change by hand of this one. */
  @Test
  void theRegistrationOfAnotherSourceIsLeftAlone() {
    String source =
        """
        - name: %1$s
          provider: matterport
          auth: [{type: basic, username: penstock, passwords: [{env: TWINS_PASSWORD}]}]
          subscription:
            callback-url: https://hooks.example.com/webhooks/%1$s
            api: {url: '%2$s', credentials: [{env: TOKEN_ID}, {env: TOKEN_SECRET}]}
        """;
    commands.configure(
        source.formatted("twins", matterport.url()) + source.formatted("others", matterport.url()));
    assertThat(commands.run("apply", "--source", "others", "--yes").status()).isZero();
    String other = onlyId();

    Ended planned = commands.run("plan", "--source", "twins");
    assertThat(planned.out()).contains("+ register").doesNotContain(other);

    assertThat(commands.run("apply", "--source", "twins", "--yes").status()).isZero();
    assertThat(matterport.callbacks()).hasSize(2).containsKey(other);
    assertThat(commands.run("plan").status()).isZero();
  }

  @Test
  void aChangeByHandIsShownAndUndone() {
    commands.run("apply", "--yes");
    String id = onlyId();

    matterport.change(id, "eventTypes", List.of("created", "deleted"));
    Ended events = commands.run("plan");
    assertThat(events.status()).isEqualTo(2);
    assertThat(events.out()).contains("~ replace " + id, "events: + activation_state_changed");
    assertThat(commands.run("apply", "--yes").status()).isZero();
    assertThat(events(only())).hasSize(10);

    id = onlyId();
    matterport.change(
        id,
        "callback",
        Map.of("scheme", "http", "host", "hooks.example.com", "port", 443, "path", "webhooks/x"));
    matterport.change(id, "version", 1);
    Ended address = commands.run("plan");
    assertThat(address.out())
        .contains("~ change " + id)
        .contains(
            "http://hooks.example.com:443/webhooks/x -> https://hooks.example.com/webhooks/twins")
        .contains("version: 1 -> 2");
    assertThat(commands.run("apply", "--yes").status()).isZero();
    assertThat(onlyId()).isEqualTo(id);
    assertThat(target(only()))
        .containsEntry("path", "webhooks/twins")
        .containsEntry("scheme", "https");
    assertThat(only()).containsEntry("version", 2);

    matterport.forget(id);
    assertThat(commands.run("plan").out()).contains("+ register");
    assertThat(commands.run("apply", "--yes").status()).isZero();
    assertThat(matterport.callbacks()).hasSize(1);
  }

  @Test
  void registrationsOfOthersAreLeftAloneAndSurplusOnesEnd() {
    String elsewhere =
        matterport.register(List.of("created"), "other.example.com", "webhooks/twins");
    String staging =
        matterport.register(List.of("created"), "hooks.example.com", "staging/webhooks/twins");
    String doubled =
        matterport.register(List.of("created"), "hooks.example.com", "/webhooks/twins");
    String best =
        matterport.register(
            List.of(
                "activation_state_changed",
                "bundle_updated",
                "created",
                "deleted",
                "details_changed",
                "processed",
                "restored",
                "transferred_in",
                "transferred_out",
                "visibility_changed"),
            "HOOKS.example.com",
            "webhooks/twins");

    Ended applied = commands.run("apply", "--yes");

    assertThat(applied.status()).as(applied.err()).isZero();
    assertThat(applied.out()).contains("- remove " + doubled);
    assertThat(matterport.callbacks()).containsOnlyKeys(elsewhere, staging, best);
    assertThat(commands.run("list").out())
        .contains(elsewhere + " leads elsewhere", best + " leads to this source");

    assertThat(commands.run("remove", "--yes").status()).isZero();
    assertThat(matterport.callbacks()).containsOnlyKeys(elsewhere, staging);
    assertThat(commands.run("remove", "--yes").status()).isZero();
  }

  @Test
  void changedSecretsAreSentAgainOnDemand() {
    commands.run("apply", "--yes");
    commands.with("TWINS_PASSWORD", "another-password-of-twins");

    assertThat(commands.run("plan").status()).isZero();
    Ended renewed = commands.run("apply", "--renew", "--yes");

    assertThat(renewed.out()).contains("credentials: not shown -> sent again");
    assertThat(target(only())).containsEntry("credSecret", "another-password-of-twins");
  }

  @Test
  void aPingIsAskedForOfWhatIsRegistered() {
    assertThat(commands.run("ping").status()).isEqualTo(1);
    commands.run("apply", "--yes");

    Ended ended = commands.run("ping", "--source", "twins");

    assertThat(ended.status()).isZero();
    assertThat(matterport.pinged()).containsExactly(onlyId());
    assertThat(ended.out()).contains("penstock tail --source twins");
  }

  @Test
  void anExpiredTokenAndOtherRefusalsSayWhatToDo() {
    matterport.answerNext(Reply.of(401, "{\"message\":\"no\"}"));
    assertFails("it does not accept the credentials of subscription.api", "nothing was changed");
    commands.with("TOKEN_SECRET", "an-expired-token-secret");
    assertFails("answers 401");
    commands.with("TOKEN_SECRET", FakeMatterport.TOKEN_SECRET);

    matterport.answerNext(Reply.of(200, "<html>"));
    assertFails("without JSON: is subscription.api.url the address");
    matterport.answerNext(Reply.of(200, "{\"data\":{\"modelEventWebhookCallbacks\":{}}}"));
    assertFails("with other JSON than it documents");
    matterport.answerNext(Reply.of(200, "[".repeat(100_000)));
    assertFails("without JSON");
    matterport.answerNext(Reply.of(200, " ".repeat(5 * 1024 * 1024)));
    assertFails("more than 4 MiB");
    matterport.answerNext(Reply.of(500, "{}"));
    assertFails("answers 500");
    matterport.answerNext(new Reply(302, Map.of("location", "http://127.0.0.1:1/"), new byte[0]));
    assertFails("redirect");
    matterport.answerNext(new Reply(429, Map.of("retry-after", "3600"), new byte[0]));
    assertFails("too many requests", "run this again in 3600 s");
    Reply now = new Reply(429, Map.of("retry-after", "0"), new byte[0]);
    matterport.answerNext(now, now, now, now);
    assertFails("too many requests, after 4 attempts");
    matterport.answerNext(
        Reply.of(
            200,
            "{\"data\":{\"modelEventWebhookCallbacks\":{\"nextOffset\":7,\"totalResults\":0,"
                + "\"results\":[]}}}"),
        Reply.of(
            200,
            "{\"data\":{\"modelEventWebhookCallbacks\":{\"nextOffset\":7,\"totalResults\":0,"
                + "\"results\":[]}}}"));
    assertFails("does not end");
    assertThat(matterport.asked().getLast().body()).contains("(offset: 7)");
    matterport.answerNext(
        Reply.of(
            200,
            "{\"data\":{\"modelEventWebhookCallbacks\":{\"totalResults\":3,\"results\":[]}}}"));
    assertFails("there are 3 callbacks, and lists 0");
    assertThat(matterport.callbacks()).isEmpty();
  }

  private void assertFails(String... sentences) {
    Ended ended = commands.run("apply", "--yes");
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err()).contains("error: ").contains(sentences);
  }

  @Test
  void aPauseThatTheProviderAsksForIsKept() {
    matterport.answerNext(
        new Reply(429, Map.of("retry-after", "0"), new byte[0]),
        new Reply(503, Map.of("retry-after", "Thu, 26 Nov 2020 20:00:00 GMT"), new byte[0]));

    assertThat(commands.run("apply", "--yes").status()).isZero();

    assertThat(matterport.callbacks()).hasSize(1);
    assertThat(matterport.asked()).hasSize(4);
  }

  @Test
  void aMessageThatQuotesASecretIsNotRepeated() {
    matterport.answerAfter(
        1, Reply.of(200, "{\"errors\":[{\"message\":\"bad literal twins-passw\\u001b[2J\"}]}"));
    Ended quoted = commands.run("apply", "--yes");
    assertThat(quoted.status()).isEqualTo(1);
    assertThat(quoted.err()).contains("left out, since it quotes what was sent");

    matterport.answerAfter(1, Reply.of(200, "{\"errors\":[{\"message\":\"no \\u001b[2J\"}]}"));
    assertThat(commands.run("apply", "--yes").err())
        .contains("refuses: no ?[2J", "not done: twins: + register")
        .doesNotContain("\u001b");
  }

  @Test
  void anErrorHalfWaySaysWhatWasDone() {
    commands.run("apply", "--yes");
    String id = onlyId();
    matterport.change(id, "eventTypes", List.of("created"));
    matterport.answerAfter(
        2, Reply.of(200, "{\"errors\":[{\"message\":\"Error fetching data\"}]}"));

    Ended ended = commands.run("apply", "--yes");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err())
        .contains("Error fetching data")
        .contains("the old one " + id + " is probably still there")
        .contains("not known: twins: ~ replace " + id);
    assertThat(matterport.callbacks()).hasSize(2);
    // and the next run goes on from there
    assertThat(commands.run("apply", "--yes").status()).isZero();
    assertThat(events(only())).hasSize(10);
  }

  @Test
  void nothingListens() {
    matterport.close();
    Ended ended = commands.run("plan");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err()).contains("cannot be reached at subscription.api.url");
  }

  @Test
  void aSecretThatIsNotThereIsNamed() {
    twins("[{type: bearer, tokens: [{env: NOT_SET}]}]", "");

    Ended ended = commands.run("plan");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err()).contains("source twins: environment variable NOT_SET is not set");
    assertThat(commands.run("plan", "--source", "other").err()).contains("no source has the name");
  }
}
