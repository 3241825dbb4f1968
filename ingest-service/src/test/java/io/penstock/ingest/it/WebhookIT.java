package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.it.Outsider.Read;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.macs.HMac;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.util.encoders.Hex;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Senders that Penstock has no code for, by configuration alone: through HTTP, Kafka and the
 * registry. Signatures are made by another library's HMAC, and events are read by a consumer that
 * shares no code with the service.
 */
@ExtendWith(Stack.Shared.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // set before all tests
class WebhookIT {

  private static final InstantSource CLOCK = InstantSource.system();
  private static final String GITHUB_SECRET = "github-secret-for-this-test";
  private static final String STRIPE_SECRET = "whsec_stripe-secret-for-this-test";
  private static final String SLACK_SECRET = "slack-secret-for-this-test";
  private static final String USUAL = "auth: [{type: url-token, tokens: [{env: CSM_URL_TOKEN}]}]";

  private static final String SOURCES =
      """

        - name: repositories
          provider: webhook
          auth: [{type: hmac, preset: github, secrets: [{env: GITHUB_SECRET}]}]
          webhook:
            topic: github
            id: header:x-github-delivery
            type: header:x-github-event
            entity: /repository/full_name
            time: /head_commit/timestamp
            headers: [x-github-hook-id]
        - name: payments
          provider: webhook
          auth: [{type: hmac, preset: stripe, secrets: [{env: STRIPE_SECRET}]}]
          webhook: {id: /id, type: /type, entity: [/data/object/customer, /data/object/id], time: /created}
        - name: commands
          provider: webhook
          auth: [{type: hmac, preset: slack, secrets: [{env: SLACK_SECRET}]}]
          challenge: {type: url-verification}
          webhook: {topic: slack, id: /trigger_id, type: /command, entity: /channel_id}
        - name: pages
          provider: webhook
          auth: [{type: hmac, preset: github, secrets: [{env: GITHUB_SECRET}]}]
          challenge: {type: echo, tokens: [{env: VERIFY_TOKEN}]}
          webhook: {id: digest}
        - name: mails
          provider: webhook
          auth: [{type: body-field, field: clientState, values: [{env: VERIFY_TOKEN}]}]
          challenge: {type: validation-token}
          webhook: {id: digest}
      """;

  private Settings settings;
  private Instance instance;
  private Sender sender;
  private Outsider outsider;

  @BeforeAll
  void start(Stack stack) {
    settings =
        Settings.of(stack)
            .withText(USUAL, USUAL + SOURCES.stripTrailing())
            .with("GITHUB_SECRET", GITHUB_SECRET)
            .with("STRIPE_SECRET", STRIPE_SECRET)
            .with("SLACK_SECRET", SLACK_SECRET)
            .with("VERIFY_TOKEN", "a token that both sides know");
    instance = Instance.ready(settings);
    sender = new Sender();
    outsider = new Outsider(settings);
  }

  @AfterAll
  void stop() {
    outsider.close();
    sender.close();
    instance.close();
  }

  /** Bouncy Castle's HMAC and hexadecimal digits: the service uses the JDK's. */
  private static String hex(String secret, String before, byte[] body) {
    byte[] first = before.getBytes(UTF_8);
    HMac mac = new HMac(new SHA256Digest());
    mac.init(new KeyParameter(secret.getBytes(UTF_8)));
    mac.update(first, 0, first.length);
    mac.update(body, 0, body.length);
    byte[] signature = new byte[mac.getMacSize()];
    mac.doFinal(signature, 0);
    return Hex.toHexString(signature);
  }

  /** The example of GitHub's documentation, "Validating webhook deliveries". */
  @Test
  void theLibraryThatSignsHereMakesTheSignatureOfGitHubsExample() {
    assertThat(hex("It's a Secret to Everybody", "", "Hello, World!".getBytes(UTF_8)))
        .isEqualTo("757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17");
  }

  private HttpResponse<String> push(String delivery, byte[] body, String signature) {
    return sender.send(
        Sender.request(instance.url() + "/webhooks/repositories", body)
            .header("X-GitHub-Event", "push")
            .header("X-GitHub-Delivery", delivery)
            .header("X-GitHub-Hook-ID", "292430182")
            .header("X-Hub-Signature-256", "sha256=" + signature)
            .build());
  }

  private List<Read> events(String topic) {
    return outsider.readAll(settings.prefix() + "." + topic);
  }

  @Test
  void aDeliveryOfGitHubIsAnEventOnceAndItsMetadataIsFilled() {
    String json =
        "{\"ref\":\"refs/heads/main\",\"repository\":{\"full_name\":\"acme/models\"},"
            + "\"head_commit\":{\"timestamp\":\"2025-09-01T09:26:51+02:00\"}}";
    byte[] body = json.getBytes(UTF_8);
    String id = "72d3162e-cc78-11e3-81ab-4c9367dc0958";
    String signature = hex(GITHUB_SECRET, "", body);

    assertThat(push(id, body, signature).statusCode()).isEqualTo(200);
    assertThat(push(id, body, signature).statusCode()).isEqualTo(200);
    byte[] changed = body.clone();
    changed[10] ^= 1;
    assertThat(push("other", changed, signature).statusCode()).isEqualTo(401);
    HttpResponse<String> unidentified = push(" ", body, signature);
    assertThat(unidentified.statusCode()).isEqualTo(400);
    assertThat(unidentified.body()).contains("missing-identity", "x-github-delivery");

    assertThat(events("github"))
        .singleElement()
        .satisfies(
            event -> {
              GenericRecord metadata = event.metadata();
              assertThat(event.value().getSchema().getFullName())
                  .isEqualTo("io.penstock.events.WebhookEvent");
              assertThat(event.key()).isEqualTo("acme/models");
              assertThat(metadata.get("source")).hasToString("repositories");
              assertThat(metadata.get("provider")).hasToString("github");
              assertThat(metadata.get("type")).hasToString("push");
              assertThat(metadata.get("entityKey")).hasToString("acme/models");
              assertThat(metadata.get("occurredAt"))
                  .isEqualTo(Instant.parse("2025-09-01T07:26:51Z").toEpochMilli());
              assertThat(event.value().get("json")).hasToString(json);
              assertThat(event.value().get("contentType")).hasToString("application/json");
              assertThat(text((Map<?, ?>) event.value().get("headers")))
                  .containsEntry("x-github-hook-id", "292430182")
                  .containsEntry("x-github-delivery", id)
                  .doesNotContainKey("x-hub-signature-256");
              assertThat(event.headers())
                  .containsEntry("ce_type", "io.penstock.github.push")
                  .containsEntry("ce_source", "/webhooks/repositories")
                  .containsEntry("ce_subject", "acme/models");
            });
    assertThat(outsider.readAll(settings.deadLetter(), letter -> isOf(letter, "repositories")))
        .extracting(letter -> letter.value().get("reason").toString())
        .containsExactly("missing-identity");
  }

  private static boolean isOf(Read letter, String source) {
    return letter.value().get("source").toString().equals(source);
  }

  private static Map<String, String> text(Map<?, ?> map) {
    Map<String, String> text = new java.util.HashMap<>();
    map.forEach((name, value) -> text.put(name.toString(), value.toString()));
    return text;
  }

  @Test
  void aDeliveryOfStripeIsAnEventWhileItsSignatureIsFresh() {
    byte[] body =
        ("{\"id\":\"evt_1\",\"type\":\"charge.succeeded\",\"created\":1756711611,"
                + "\"data\":{\"object\":{\"id\":\"ch_1\",\"customer\":\"cus_1\"}}}")
            .getBytes(UTF_8);
    long now = CLOCK.instant().getEpochSecond();

    assertThat(pay(now, body).statusCode()).isEqualTo(200);
    assertThat(pay(now - 1, body).statusCode()).as("a retry").isEqualTo(200);
    assertThat(pay(now - 3600, body).statusCode()).isEqualTo(401);

    assertThat(events("payments"))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.key()).isEqualTo("cus_1");
              assertThat(event.metadata().get("type")).hasToString("charge.succeeded");
              assertThat(event.metadata().get("occurredAt")).isEqualTo(1_756_711_611_000L);
            });
  }

  private HttpResponse<String> get(String path) {
    return sender.send(
        HttpRequest.newBuilder(URI.create(instance.url() + "/webhooks/" + path)).GET().build());
  }

  private static void assertRepeated(HttpResponse<String> answer, String text) {
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo(text);
    assertThat(answer.headers().firstValue("content-type")).hasValue("text/plain; charset=utf-8");
    assertThat(answer.headers().firstValue("x-content-type-options")).hasValue("nosniff");
  }

  @Test
  void aGetIsAnsweredWithItsTextToTheOneWhoKnowsTheToken() {
    String right = "&hub.verify_token=a+token%20that+both+sides+know";
    assertRepeated(get("pages?hub.mode=subscribe&hub.challenge=1158201444" + right), "1158201444");
    assertThat(get("pages?hub.challenge=1&hub.verify_token=other").statusCode()).isEqualTo(401);
    assertThat(get("pages?hub.challenge=1").statusCode()).isEqualTo(401);
    assertThat(get("pages?hub.challenge=1" + right + right).statusCode()).isEqualTo(401);
    assertThat(get("pages?hub.challenge=%3Cscript%3E" + right).statusCode()).isEqualTo(405);
    assertThat(get("pages?hub.challenge=" + "1".repeat(1025) + right).statusCode()).isEqualTo(405);
    assertThat(get("pages").statusCode()).isEqualTo(405);
    assertThat(get("repositories?hub.challenge=1" + right).statusCode())
        .as("a source without a challenge")
        .isEqualTo(405);
  }

  @Test
  void anAuthenticVerificationOfAnAddressIsRepeatedAndNoEvent() {
    byte[] body =
        "{\"token\":\"x\",\"challenge\":\"3eZbrw1aBm2rZgRNFdxV2595E9CY\",\"type\":\"url_verification\"}"
            .getBytes(UTF_8);
    long now = CLOCK.instant().getEpochSecond();
    assertRepeated(
        slack(now, "v0=" + hex(SLACK_SECRET, "v0:" + now + ":", body), body, "application/json"),
        "3eZbrw1aBm2rZgRNFdxV2595E9CY");
    assertThat(slack(now, "v0=" + "0".repeat(64), body, "application/json").statusCode())
        .isEqualTo(401);
    assertThat(outsider.readAll(settings.deadLetter(), letter -> isOf(letter, "commands")))
        .isEmpty();
  }

  @Test
  void challengesThatWereAnsweredAreCountedBySourceAndKind() {
    String answered = "penstock_challenges_total";
    String kind = "source=\"pages\"";
    double before = instance.metric(answered, kind, "kind=\"echo\"");
    get("pages?hub.challenge=1&hub.verify_token=other");
    get("pages?hub.challenge=1&hub.verify_token=a+token%20that+both+sides+know");
    assertThat(instance.metric(answered, kind, "kind=\"echo\"")).isEqualTo(before + 1);
    assertThat(instance.metric(answered, "source=\"repositories\"", "kind=\"none\"")).isZero();
  }

  @Test
  void aValidationTokenIsRepeatedBeforeAnythingIsProved() {
    String text = "Validation: Testing client application reachability, Request-Id: 3b5f8f5a";
    String path = "mails?validationToken=" + URLEncoder.encode(text, UTF_8);
    assertRepeated(get(path), text);
    assertRepeated(
        sender.send(Sender.request(instance.url() + "/webhooks/" + path, new byte[0]).build()),
        text);
    assertThat(
            sender
                .send(
                    Sender.request(instance.url() + "/webhooks/mails", "{}".getBytes(UTF_8))
                        .build())
                .statusCode())
        .isEqualTo(401);
  }

  private HttpResponse<String> slack(long time, String signature, byte[] body, String contentType) {
    return sender.send(
        Sender.request(instance.url() + "/webhooks/commands", body)
            .setHeader("Content-Type", contentType)
            .header("X-Slack-Request-Timestamp", Long.toString(time))
            .header("X-Slack-Signature", signature)
            .build());
  }

  private HttpResponse<String> pay(long time, byte[] body) {
    String signature =
        "t=" + time + ",v1=" + hex(STRIPE_SECRET, time + ".", body) + ",v0=" + "0".repeat(64);
    return sender.send(
        Sender.request(instance.url() + "/webhooks/payments", body)
            .header("Stripe-Signature", signature)
            .build());
  }

  @Test
  void aFormIsPublishedAsJson() {
    byte[] form =
        "trigger_id=1.2&command=%2Fscan&channel_id=C1&text=one+model&tag=a&tag=b".getBytes(UTF_8);
    long now = CLOCK.instant().getEpochSecond();
    HttpResponse<String> answer =
        slack(
            now,
            "v0=" + hex(SLACK_SECRET, "v0:" + now + ":", form),
            form,
            "application/x-www-form-urlencoded");
    assertThat(answer.statusCode()).isEqualTo(200);

    assertThat(events("slack"))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.metadata().get("type")).hasToString("/scan");
              assertThat(event.value().get("json"))
                  .hasToString(
                      "{\"trigger_id\":\"1.2\",\"command\":\"/scan\",\"channel_id\":\"C1\","
                          + "\"text\":\"one model\",\"tag\":[\"a\",\"b\"]}");
            });
  }
}
