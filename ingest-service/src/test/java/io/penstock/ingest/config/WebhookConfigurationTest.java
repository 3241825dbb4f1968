package io.penstock.ingest.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.config.Configuration.SourceConfig;
import io.penstock.ingest.config.ConfigurationReader.Result;
import io.penstock.ingest.config.WebhookConfig.Entity;
import io.penstock.ingest.config.WebhookConfig.ValuePlace;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.ProviderCatalog;
import io.penstock.ingest.source.AuthKinds;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a source of the generic provider may say, and what it may not. */
class WebhookConfigurationTest {

  private static Result read(String sources) {
    return new ConfigurationReader(
            Map.of(),
            Map.of(
                "csm", Duration.ofSeconds(4),
                "matterport", Duration.ofSeconds(4),
                "webhook", Duration.ofSeconds(4)),
            AuthKinds.ALL,
            SecretCheck.NONE)
        .read(
            "kafka: {bootstrap-servers: 'k:1'}\nschema-registry: {url: 'http://r'}\nsources:\n"
                + sources,
            Path.of("/etc"));
  }

  private static String source(String name, String webhook) {
    return "  - {name: "
        + name
        + ", provider: webhook, auth: [{type: hmac, preset: github, secrets: [{env: "
        + name.toUpperCase(java.util.Locale.ROOT).replace('-', '_')
        + "}]}], webhook: "
        + webhook
        + "}\n";
  }

  private static List<SourceConfig> valid(String sources) {
    Result result = read(sources);
    assertThat(result).isInstanceOf(Result.Valid.class);
    return ((Result.Valid) result).configuration().sources();
  }

  private static void assertProblem(String sources, String problem) {
    Result result = read(sources);
    assertThat(result).as(sources).isInstanceOf(Result.Invalid.class);
    assertThat(((Result.Invalid) result).problems().stream().map(Object::toString))
        .anySatisfy(each -> assertThat(each).contains(problem));
  }

  @Test
  void everyKeyIsRead() {
    SourceConfig source =
        valid(
                source(
                    "repositories",
                    "{topic: github, id: 'header:X-GitHub-Delivery', type: ['header:x-github-event',"
                        + " /action], entity: /repository/full_name, time: /head_commit/timestamp,"
                        + " headers: [X-GitHub-Hook-ID]}"))
            .getFirst();

    assertThat(source.name()).isEqualTo("repositories");
    assertThat(source.provider()).isEqualTo("github");
    assertThat(source.webhook())
        .isEqualTo(
            new WebhookConfig(
                List.of(new ValuePlace.Header("x-github-event"), new ValuePlace.Pointer("/action")),
                new WebhookConfig.Id.At(List.of(new ValuePlace.Header("x-github-delivery"))),
                new Entity.At(List.of(new ValuePlace.Pointer("/repository/full_name"))),
                List.of(new ValuePlace.Pointer("/head_commit/timestamp")),
                List.of("x-github-hook-id")));
  }

  @Test
  void onlyTheIdIsRequired() {
    SourceConfig source = valid(source("forms", "{id: digest}")).getFirst();

    assertThat(source.provider()).as("the topic is named as the source").isEqualTo("forms");
    assertThat(source.webhook()).isEqualTo(WebhookConfig.DEFAULT);
    assertProblem(source("forms", "{}"), "sources[0].webhook.id: is required");
    assertProblem(
        "  - {name: a, provider: webhook, auth: [{type: url-token, tokens: [{env: A}]}]}\n",
        "sources[0].webhook.id: is required");
    assertThat(valid(source("forms", "{id: none, entity: all}")).getFirst().webhook())
        .isEqualTo(
            new WebhookConfig(
                List.of(), new WebhookConfig.Id.None(), new Entity.All(), List.of(), List.of()));
  }

  @Test
  void aTopicOfAnotherIsRefused() {
    assertProblem(
        source("a", "{id: digest, topic: csm}"),
        "sources[0].webhook.topic: must not be csm, the topic of that provider (line");
    assertProblem(
        source("csm", "{id: digest}"),
        "must not be csm, the topic of that provider, which is the source's name: set another");
    for (String internal : List.of("inbound", "dead-letter", "control")) {
      assertProblem(
          source("a", "{id: digest, topic: " + internal + "}"),
          "must not be " + internal + ", a topic of Penstock's own");
    }
    assertProblem(
        source("a", "{id: digest, topic: matterport-model-ready}"),
        "must not begin with matterport-, as topics of that provider may");
    assertProblem(source("a", "{id: digest, topic: A.B}"), "must be 1 to 64 lower case letters");
    assertThat(valid(source("a", "{id: digest, topic: webhook}"))).hasSize(1);
  }

  @Test
  void sourcesOfOneTopicHaveOneSetOfRules() {
    String rules = "{topic: github, id: 'header:x-github-delivery'}";
    List<SourceConfig> sources = valid(source("one", rules) + source("two", rules));
    assertThat(sources).extracting(SourceConfig::provider).containsExactly("github", "github");
    assertProblem(
        source("one", rules) + source("two", "{topic: github, id: digest}"),
        "sources[1].webhook.topic: is the topic of a source with other rules");
    assertProblem(
        source("one", "{id: digest}") + source("two", "{topic: one, id: none}"),
        "is the topic of a source with other rules");
  }

  @Test
  void aCredentialIsNotPublished() {
    assertProblem(
        source("a", "{id: digest, headers: [Authorization]}"),
        "must not be a header that holds a credential");
    assertProblem(
        source("a", "{id: digest, headers: [X-Hub-Signature-256]}"),
        "must not be the header that authenticates the sender (hmac)");
    assertProblem(
        source("a", "{id: 'header:cookie'}"), "must not be a header that holds a credential");
  }

  @Test
  void whatIsNoPlaceIsRefused() {
    for (String place : List.of("x-github-event", "'header:'", "'header:a b'", "/a~2", "''")) {
      assertProblem(source("a", "{id: digest, type: " + place + "}"), "must be a JSON Pointer");
    }
    assertProblem(source("a", "{id: [/a, /a]}"), "has a place twice");
    assertProblem(source("a", "{id: [/a, /b, /c, /d, /e, /f]}"), "must not have more than 5");
    assertProblem(source("a", "{id: digest, other: 1}"), "unknown key");
  }

  @Test
  void onlyTheGenericProviderHasRulesInTheFile() {
    assertProblem(
        "  - {name: a, provider: csm, auth: [{type: url-token, tokens: [{env: A}]}], webhook: {id:"
            + " digest}}\n",
        "sources[0].webhook: goes only with provider: webhook");
  }

  @Test
  void everyTopicIsAProviderOfTheConfiguration() {
    Result.Valid result =
        (Result.Valid)
            read(
                source("one", "{topic: github, id: digest}")
                    + source("two", "{topic: github, id: digest}")
                    + source("forms", "{id: none}"));

    ProviderCatalog catalog = ProviderCatalog.of(result.configuration());

    assertThat(catalog.all())
        .extracting(Provider::name)
        .containsExactly("smartshape", "csm", "move", "matterport", "echo3d", "github", "forms");
    assertThat(catalog.byName("github")).isPresent();
    assertThat(catalog.byName("webhook")).as("no source has this topic").isEmpty();
  }
}
