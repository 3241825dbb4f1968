package io.penstock.ingest.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.subscription.Commands.Ended;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Providers without an API, and what a configuration may say of registrations. */
class DashboardSubscriptionsTest {

  private Commands commands;

  @BeforeEach
  void configure(@TempDir Path directory) {
    commands = new Commands(directory).with("TOKEN", "a-url-token-4711").with("KEY", "an-api-key");
  }

  @Test
  void planSaysWhatToEnterWhere() {
    commands.configure(
        """
        - name: generations
          provider: csm
          auth: [{type: url-token, tokens: [{env: TOKEN}]}]
          subscription: {callback-url: https://hooks.example.com/webhooks/generations}
        - name: holograms
          provider: echo3d
          auth: [{type: query, parameter: key, values: [{file: key.txt}]}]
          subscription: {callback-url: https://hooks.example.com/webhooks/holograms, events: [Upload, Delete]}
        - name: twins
          provider: matterport
          auth: [{type: bearer, tokens: [{env: KEY}]}]
          subscription: {callback-url: https://hooks.example.com/webhooks/twins}
        """);

    Ended planned = commands.run("plan");

    assertThat(planned.status()).as(planned.err()).isZero();
    assertThat(planned.out())
        .contains(
            "webhook URL: https://hooks.example.com/webhooks/generations/<token>",
            "where <token> is the value of the environment variable TOKEN",
            "URL: https://hooks.example.com/webhooks/holograms?key=<key>",
            "key.txt",
            "Set Webhook Trigger(s): Upload, Delete",
            "register it as docs/providers/matterport.md says");
    assertThat(commands.run("apply", "--yes").status()).isZero();
    assertThat(commands.run("ping").status()).isEqualTo(2);
    assertThat(commands.run("list").status()).isZero();
    assertThat(commands.check().out()).contains("ok");
  }

  @Test
  void aConfigurationWithoutOneSaysSo() {
    commands.configure(
        "- {name: a, provider: csm, auth: [{type: url-token, tokens: [{env: TOKEN}]}]}\n");

    assertThat(commands.run("plan").err()).contains("no source of the configuration has a");
    assertThat(commands.run("plan", "--source", "a").err())
        .contains("source a has no subscription");
  }

  private static final String URL = "callback-url: https://hooks.example.com/webhooks/a";
  private static final String API = "api: {credentials: [{env: KEY}]}";
  private static final String TOKEN = "{type: url-token, tokens: [{env: TOKEN}]}";
  private static final String BEARER = "{type: bearer, tokens: [{env: TOKEN}]}";
  private static final String HASH = "{type: bcrypt-token, secrets: [{env: TOKEN}]}";

  /** Provider, auth, subscription, and what {@code config check} says. */
  private static final List<List<String>> WRONG =
      List.of(
          List.of("csm", TOKEN, "callback-url: http://hooks.example.com/a", "must be https"),
          List.of("csm", TOKEN, "callback-url: https://u:p@hooks.example.com/a", "without a user"),
          List.of(
              "csm",
              TOKEN,
              "callback-url: 'https://hooks.example.com/a?x=1'",
              "must have no query"),
          List.of(
              "csm", TOKEN, "callback-url: https://hooks.example.com/", "must end with the path"),
          List.of("csm", TOKEN, "callback-url: hooks", "must be https://HOST/PATH"),
          List.of("csm", TOKEN, "events: []", "callback-url: is required"),
          List.of("csm", TOKEN, URL + ", events: [sesion_status_changed]", "unknown event"),
          List.of("csm", TOKEN, URL + ", " + API, "csm has no API for registrations"),
          List.of("csm", TOKEN, URL + ", version: 2", "whose webhooks have versions"),
          List.of("csm", TOKEN, URL + ", custom-key: x", "repeats such a key"),
          List.of(
              "matterport",
              HASH,
              URL + ", api: {credentials: [{env: KEY}, {env: KEY}]}",
              "Matterport cannot be told bcrypt-token"),
          List.of(
              "matterport",
              BEARER,
              URL + ", " + API,
              "a list of: the id of an API token, its secret"),
          List.of("matterport", BEARER, URL + ", version: 1, events: [created]", "unknown event"),
          List.of("matterport", TOKEN, URL + ", token-credential: true", "needs a bearer token"),
          List.of("matterport", BEARER, URL + ", reconcile: 5m", "needs api"),
          List.of("smartshape", HASH, URL + ", " + API, "has an own address"),
          List.of(
              "smartshape",
              HASH,
              URL + ", api: {url: http://s.example.com, credentials: [{env: KEY}]}",
              "must be https"),
          List.of(
              "smartshape",
              TOKEN,
              URL + ", api: {url: https://s.example.com, credentials: [{env: KEY}]}",
              "needs bcrypt-token in auth"),
          List.of(
              "smartshape",
              BEARER,
              URL + ", api: {url: https://s.example.com, credentials: [{env: KEY}]}",
              "SmartShape cannot be told bearer"),
          List.of(
              "move",
              "{type: standard-webhooks, secrets: [{env: SIGN}]}",
              URL + ", " + API,
              "that is written to a file"),
          List.of(
              "move",
              "{type: standard-webhooks, secrets: [{file: a}]}",
              URL + ", reconcile: 5m, " + API,
              "that of move does not"),
          List.of(
              "webhook", BEARER, URL, "goes only with a provider whose registrations are known"));

  static Stream<List<String>> wrong() {
    return WRONG.stream();
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void configCheckRefusesWhatCannotWork(List<String> wrong) {
    commands.configure(
        "- name: a\n  provider: "
            + wrong.get(0)
            + "\n  auth: ["
            + wrong.get(1)
            + "]\n  subscription: {"
            + wrong.get(2)
            + "}\n");

    Ended ended = commands.check();

    assertThat(ended.out()).contains("error: ", wrong.get(3));
    assertThat(ended.status()).isEqualTo(1);
  }
}
