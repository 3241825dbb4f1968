package io.penstock.ingest.provider.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.config.WebhookConfig;
import io.penstock.ingest.config.WebhookConfig.Entity;
import io.penstock.ingest.config.WebhookConfig.ValuePlace;
import io.penstock.ingest.provider.Decoding;
import io.penstock.ingest.provider.Decoding.Decoded;
import io.penstock.ingest.provider.EventRecords;
import io.penstock.ingest.provider.Identification;
import io.penstock.ingest.provider.Identification.Identified;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.Sample;
import io.penstock.ingest.provider.TestEvents;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;

class WebhookTest {

  private static final String FORM = "application/x-www-form-urlencoded";

  private static final Provider GITHUB =
      new Webhook(
          "github",
          new WebhookConfig(
              List.of(header("x-github-event")),
              new WebhookConfig.Id.At(List.of(header("x-github-delivery"))),
              new Entity.At(List.of(pointer("/repository/full_name"), pointer("/organization/id"))),
              List.of(pointer("/head_commit/timestamp")),
              List.of("x-github-hook-id")));

  private static final byte[] PUSH =
      """
      {"repository": {"full_name": "acme/models"}, "head_commit": {"timestamp": "2025-09-01T07:26:51Z"}}"""
          .getBytes(UTF_8);

  private static final Map<String, String> PUSH_HEADERS =
      Map.of(
          "x-github-event",
          "push",
          "x-github-delivery",
          "72d3162e-cc78-11e3-81ab-4c9367dc0958",
          "x-github-hook-id",
          "292430182",
          "content-type",
          "application/json");

  private static ValuePlace pointer(String path) {
    return new ValuePlace.Pointer(path);
  }

  private static ValuePlace header(String name) {
    return new ValuePlace.Header(name);
  }

  private static Webhook of(WebhookConfig.Id id, Entity entity) {
    return new Webhook("any", new WebhookConfig(List.of(), id, entity, List.of(), List.of()));
  }

  private static Identification identify(Provider provider, String body) {
    return provider.identify(body.getBytes(UTF_8), Map.of());
  }

  @Test
  void anEventIsIdentifiedByWhatTheRulesName() {
    assertThat(GITHUB.identify(PUSH, PUSH_HEADERS))
        .isEqualTo(new Identified("acme/models", List.of("72d3162e-cc78-11e3-81ab-4c9367dc0958")));
    assertThat(GITHUB.identify("{\"organization\":{\"id\":7}}".getBytes(UTF_8), PUSH_HEADERS))
        .isEqualTo(new Identified("7", List.of("72d3162e-cc78-11e3-81ab-4c9367dc0958")));
  }

  @Test
  void withoutAnEntityTheIdIsTheKeySoThatCopiesMeet() {
    assertThat(GITHUB.identify("{}".getBytes(UTF_8), PUSH_HEADERS))
        .isEqualTo(
            new Identified(
                "72d3162e-cc78-11e3-81ab-4c9367dc0958",
                List.of("72d3162e-cc78-11e3-81ab-4c9367dc0958")));
    Identified digest = (Identified) identify(new Webhook(), "{\"a\":1}");
    assertThat(digest.uniqueParts()).isEqualTo(Identification.allOf("{\"a\":1}".getBytes(UTF_8)));
    assertThat(digest.entityKey()).isEqualTo(digest.uniqueParts().getLast());
  }

  @Test
  void withoutAnIdEqualBodiesMeetAndHaveNoUniqueParts() {
    Webhook none = of(new WebhookConfig.Id.None(), new Entity.OfEvent());
    assertThat(identify(none, "{\"a\":1}")).isEqualTo(identify(none, "{\"a\":1}"));
    assertThat(((Identified) identify(none, "{\"a\":1}")).uniqueParts()).isEmpty();
    assertThat(((Identified) identify(none, "{\"a\":1}")).entityKey())
        .isNotEqualTo(((Identified) identify(none, "{\"a\":2}")).entityKey());
  }

  @Test
  void oneOrderForAllIsOneKey() {
    Webhook all = of(new WebhookConfig.Id.Digest(), new Entity.All());
    assertThat(((Identified) identify(all, "{\"a\":1}")).entityKey()).isEqualTo("any");
    assertThat(((Identified) identify(all, "[]")).entityKey()).isEqualTo("any");
  }

  @Test
  void whatIsMissingIsNamedByTheRulesAlone() {
    Map<String, String> withoutId = new HashMap<>(PUSH_HEADERS);
    withoutId.remove("x-github-delivery");
    assertThat(GITHUB.identify(PUSH, withoutId))
        .isEqualTo(
            new Identification.Missing(
                "the id is missing, empty or not text: the header x-github-delivery"));
    assertThat(GITHUB.identify(PUSH, Map.of()))
        .isEqualTo(
            new Identification.Missing(
                "the type is missing, empty or not text: the header x-github-event"));
    Webhook nested =
        of(new WebhookConfig.Id.At(List.of(pointer("/a/0"), pointer("/b"))), new Entity.OfEvent());
    assertThat(identify(nested, "{\"a\":[[]],\"b\":{}}"))
        .isEqualTo(
            new Identification.Missing(
                "the id is missing, empty or not text: /a/0 of the body or /b of the body"));
    assertThat(identify(nested, "{\"a\":["))
        .isInstanceOfSatisfying(
            Identification.Malformed.class,
            malformed -> assertThat(malformed.detail()).startsWith("not JSON, near byte"));
  }

  @Test
  void anEventHasItsHeadersItsTypeAndItsTime() {
    Decoded decoded = (Decoded) GITHUB.decode(PUSH, PUSH_HEADERS);

    assertThat(decoded.type()).isEqualTo("push");
    assertThat(decoded.occurredAt()).isEqualTo(Instant.parse("2025-09-01T07:26:51Z"));
    assertThat(decoded.deviations()).isEmpty();
    assertThat(decoded.event().get("headers"))
        .isEqualTo(
            Map.of(
                "x-github-event",
                "push",
                "x-github-delivery",
                "72d3162e-cc78-11e3-81ab-4c9367dc0958",
                "x-github-hook-id",
                "292430182"));
    assertThat(decoded.event().get("contentType")).isEqualTo("application/json");
    assertThat(decoded.event().get("json")).as("the pipeline sets it").isNull();
    assertThat(EventRecords.hasDocumentedType("push", decoded.event(), decoded.deviations()))
        .isTrue();
    assertThat(TestEvents.encode(TestEvents.complete(decoded, PUSH))).isNotEmpty();
  }

  @Test
  void aTimeThatIsNoneIsADeviationAndOneThatIsNotThereIsNot() {
    Decoded decoded = (Decoded) GITHUB.decode("{}".getBytes(UTF_8), PUSH_HEADERS);
    assertThat(decoded.occurredAt()).isNull();
    assertThat(decoded.deviations()).isEmpty();
    byte[] soon = "{\"head_commit\":{\"timestamp\":\"soon\"}}".getBytes(UTF_8);
    assertThat(((Decoded) GITHUB.decode(soon, PUSH_HEADERS)).deviations())
        .isEqualTo(Set.of("metadata.occurredAt"));
  }

  @Test
  void aFormIsAnObjectOfItsFields() {
    Webhook sms =
        of(new WebhookConfig.Id.At(List.of(pointer("/MessageSid"))), new Entity.OfEvent());
    byte[] form = "MessageSid=SM1&Body=two+words&Media=a&Media=b".getBytes(UTF_8);
    Map<String, String> headers = Map.of("content-type", FORM + "; charset=UTF-8");

    assertThat(sms.identify(form, headers)).isEqualTo(new Identified("SM1", List.of("SM1")));
    GenericRecord event = ((Decoded) sms.decode(form, headers)).event();
    assertThat(event.get("json"))
        .isEqualTo("{\"MessageSid\":\"SM1\",\"Body\":\"two words\",\"Media\":[\"a\",\"b\"]}");
    assertThat(sms.identify("a=%".getBytes(UTF_8), headers))
        .isEqualTo(
            new Identification.Malformed(
                "not a form: a percent sign without its two digits, behind byte 0"));
    assertThat(sms.decode("a=%".getBytes(UTF_8), headers)).isInstanceOf(Decoding.Undecodable.class);
  }

  @Test
  void jsonIsJsonWhateverItsContentTypeIs() {
    Webhook sms = of(new WebhookConfig.Id.At(List.of(pointer("/id"))), new Entity.OfEvent());
    byte[] json = " {\"id\":\"1\"}".getBytes(UTF_8);
    assertThat(sms.identify(json, Map.of("content-type", FORM)))
        .isEqualTo(new Identified("1", List.of("1")));
    assertThat(((Decoded) sms.decode(json, Map.of("content-type", FORM))).event().get("json"))
        .isNull();
  }

  /** A sample has something in every place, whatever the places are. */
  @Test
  void itsSampleIsAnEventByItsRules() {
    Webhook odd =
        new Webhook(
            "odd",
            new WebhookConfig(
                List.of(pointer("/a/0/b"), header("x-type")),
                new WebhookConfig.Id.At(List.of(pointer("/a/1"), pointer("/c~1d"))),
                new Entity.At(List.of(pointer("/e"))),
                List.of(pointer("/a/2")),
                List.of()));
    for (Provider provider : List.of(GITHUB, new Webhook(), odd)) {
      Sample sample = provider.samples().getFirst();
      assertThat(provider.identify(sample.body(), sample.headers())).isInstanceOf(Identified.class);
      assertThat(provider.decode(sample.body(), sample.headers())).isInstanceOf(Decoded.class);
    }
  }

  @Test
  void nothingInABodyMakesTheRulesThrow() {
    Random random = new Random(20261126);
    byte[] alphabet = "{}[]\",:01e-. %&=+\\u\u00e9".getBytes(UTF_8);
    Webhook rules =
        new Webhook(
            "any",
            new WebhookConfig(
                List.of(pointer("/0"), pointer("/a/0")),
                new WebhookConfig.Id.At(List.of(pointer("/a"), pointer("/1"))),
                new Entity.At(List.of(pointer("/b/0"))),
                List.of(pointer("/t")),
                List.of()));
    for (int round = 0; round < 20_000; round++) {
      byte[] body = new byte[random.nextInt(60)];
      for (int i = 0; i < body.length; i++) {
        body[i] = alphabet[random.nextInt(alphabet.length)];
      }
      Map<String, String> headers = round % 2 == 0 ? Map.of() : Map.of("content-type", FORM);
      Identification identified = rules.identify(body, headers);
      Decoding decoding = rules.decode(body, headers);
      if (identified instanceof Identified) {
        assertThat(decoding).as("what is identified can be decoded").isInstanceOf(Decoded.class);
      }
    }
  }
}
