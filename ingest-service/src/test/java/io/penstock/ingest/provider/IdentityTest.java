package io.penstock.ingest.provider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.delivery.DeduplicationId;
import io.penstock.ingest.provider.Identification.Identified;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An event's id names one event and all its copies, always in one partition. */
class IdentityTest {

  /** A delivery as the ingress sees it. */
  private record Delivery(String provider, String body, Map<String, String> headers) {

    static Delivery of(String provider, String body) {
      return new Delivery(provider, body, Map.of());
    }

    Identified identified() {
      return (Identified)
          Providers.byName(provider).orElseThrow().identify(body.getBytes(UTF_8), headers);
    }

    /** As the ingress makes it. */
    String id(String receiptId) {
      Identified identified = identified();
      return DeduplicationId.of(
              "source", identified.entityKey(), identified.uniqueParts(), receiptId)
          .hex();
    }
  }

  private static String id(String provider, String body) {
    return Delivery.of(provider, body).id("receipt");
  }

  /**
   * A change here is a breaking change: consumers keep the ids of events, and every event of the
   * last window would be published once more.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          matterport | {"modelId":"m","version":5,"webhookId":"w","timestamp":"2024-11-22T09:15:00Z","type":"created","body":{"type":"copy"}} | | 67f37400d7f2154b861e226cfde2db65
          matterport | {"type":"uploaded","modelId":"m","timestamp":1663595798725,"internalId":"i","createdBy":"c","data":{}} | | 2b1c6d62508d6ef0065a7fc357580d74
          matterport | {"type":"bundle_requested","modelId":"m","timestamp":1663596098949,"bundleId":"bim:cad","orderedBy":"o"} | | cf8289074f93492db92c4497cc621909
          matterport | {"message":"ping"} | | 9b8326ea42773be71a3e564f37d98844
          matterport | {"type":"created","modelId":"m"} | | 89e080d5dd3c70f68ed8ceed71680113
          smartshape | {"file":"f","event":"file_uploaded","data":{},"owner":"o","runTimestamp":1550824748604,"uuid":"u"} | | 32bcc50859f9bdcc8a74c32c422ab682
          csm | {"type":"session_status_changed","payload":{"session_id":"s","old_status":"incomplete","new_status":"complete","timestamp":"2025-09-01T07:26:51.484Z"}} | | 53832cc1f1c7277e1a98aa1586cd457f
          csm | {"type":"session_status_changed","payload":{"session_id":"s","timestamp":"2025-09-01T07:26:51.484Z"}} | | 89eb46ea3bab28e7f688b4cac34923f9
          csm | {"type":"preview_done","payload":{"session_id":"s","status":"preview_done"}} | | 6dea0ee0b25fe0fbfcec9c893bfa69b7
          csm | {"type":"brand_new","payload":{"session_id":"s","timestamp":"2025-09-01T07:26:51.484Z"}} | | ccc19a8ee498f7820dbc2e53a54eb9ec
          echo3d | {"event":"Upload","apiKey":"bold-sky-1234","entryIds":["e"],"metadataKeys":[],"metadataValues":[]} | | 80ed2ddca47a2c5fe28308480f6fd4ec
          echo3d | {"event":"Upload"} | | 9212d7d4f4f28956b3ee5584b8ef925d
          move | {"detail":{"job_id":"j"},"event_name":"job.state.completed","timestamp":"2023-09-04T10:58:06Z"} | msg_1 | 282039c41d1a4965d5c0111732855d6f
          move | {"detail":{"event_attributes":{"job":{"id":"j"}}},"event_name":"ugc.job.state.failed","timestamp":"2023-09-04T10:58:06Z"} | msg_1 | 282039c41d1a4965d5c0111732855d6f
          move | {"detail":{},"event_name":"volume.created","timestamp":"2023-09-04T10:58:06Z"} | msg_1 | 555d8c99047b6283ee274740629826bf
          move | {"detail":{},"event_name":"volume.created","timestamp":"2023-09-04T10:58:06Z"} | | 65c2b8445d8fcb32961f2cbc1ad0f02d
          """)
  void idsNeverChange(String provider, String body, String messageId, String id) {
    Map<String, String> headers = messageId == null ? Map.of() : Map.of("svix-id", messageId);

    assertThat(new Delivery(provider, body, headers).id("receipt")).isEqualTo(id);
  }

  /** All in the same second, and of the same version of the model. */
  @ParameterizedTest
  @ValueSource(strings = {"MATTERPORT_2", "MATTERPORT_1"})
  void whatHappensToAModelInOneSecondIsToldApart(String version) {
    String v2 =
        "{\"modelId\":\"m\",\"version\":5,\"webhookId\":\"w\","
            + "\"timestamp\":\"2024-11-22T09:15:00Z\",\"type\":%s}";
    String v1 = "{\"modelId\":\"m\",\"timestamp\":1663595798725,\"type\":%s}";
    List<String> differences =
        version.equals("MATTERPORT_2")
            ? List.of(
                "\"bundle_updated\",\"body\":{\"status\":\"delivered\",\"bundleId\":\"a\"}",
                "\"bundle_updated\",\"body\":{\"status\":\"delivered\",\"bundleId\":\"b\"}",
                "\"bundle_updated\",\"body\":{\"status\":\"failed\",\"bundleId\":\"b\"}",
                "\"activation_state_changed\",\"body\":{\"current\":{\"state\":\"active\"}}",
                "\"activation_state_changed\",\"body\":{\"current\":{\"state\":\"inactive\"}}",
                "\"details_changed\",\"body\":{\"current\":{\"name\":\"\"}}",
                "\"details_changed\",\"body\":{\"current\":{\"name\":null}}",
                "\"details_changed\",\"body\":{\"current\":{}}",
                "\"deleted\",\"body\":{}",
                "\"deleted\"")
            : List.of(
                "\"bundle_requested\",\"bundleId\":\"a\"",
                "\"bundle_requested\",\"bundleId\":\"a\",\"bundleOptions\":{\"style\":\"mep\"}",
                "\"bundle_requested\",\"bundleId\":[\"a\"]",
                "\"bundle_requested\",\"bundleId\":[\"b\"]",
                "\"bundle_completed\",\"bundleId\":\"a\",\"success\":true",
                "\"bundle_completed\",\"bundleId\":\"a\",\"success\":false",
                "\"processed\",\"data\":{\"success\":\"true\"}",
                "\"processed\",\"data\":{\"success\":\"false\"}",
                "\"updated\",\"data\":{}");
    String form = version.equals("MATTERPORT_2") ? v2 : v1;

    assertThat(differences.stream().map(form::formatted).map(body -> id("matterport", body)))
        .doesNotHaveDuplicates();
  }

  @Test
  void whatHappensToASessionAtOneTimeIsToldApart() {
    String form = "{\"type\":\"%s\",\"payload\":{\"session_id\":\"s\",\"timestamp\":\"t\"%s}}";

    assertThat(
            List.of(
                id("csm", form.formatted("session_status_changed", "")),
                id("csm", form.formatted("session_status_changed", ",\"new_status\":null")),
                id("csm", form.formatted("session_status_changed", ",\"new_status\":\"\"")),
                id("csm", form.formatted("session_status_changed", ",\"new_status\":\"a\"")),
                id("csm", form.formatted("session_status_changed", ",\"old_status\":\"a\"")),
                id("csm", form.formatted("session_status_changed", ",\"new_status\":1")),
                id("csm", form.formatted("session_status_changed", ",\"new_status\":\"1\"")),
                id("csm", form.formatted("preview_done", ",\"new_status\":\"a\"")),
                id("csm", form.formatted("preview_done", ",\"new_status\":\"b\"")),
                id("csm", form.formatted("refine_done", ",\"new_status\":\"a\""))))
        .doesNotHaveDuplicates();
  }

  @Test
  void aChangeOfASessionStaysOneEventWhateverItsRetrySignsAnew() {
    String form =
        "{\"type\":\"session_status_changed\",\"payload\":{\"session_id\":\"s\","
            + "\"timestamp\":\"t\",\"new_status\":\"complete\",\"session_data\":{\"url\":\"%s\"}}}";

    assertThat(id("csm", form.formatted("?sig=1"))).isEqualTo(id("csm", form.formatted("?sig=2")));
  }

  @Test
  void oneUuidOfTwoFilesIsTwoEvents() {
    String form = "{\"file\":\"%s\",\"event\":\"e\",\"uuid\":\"u\",\"data\":%s}";

    assertThat(id("smartshape", form.formatted("a", "{}")))
        .isNotEqualTo(id("smartshape", form.formatted("b", "{}")))
        .as("the provider's own id stands alone")
        .isEqualTo(id("smartshape", form.formatted("a", "{\"x\":1}")));
  }

  @Test
  void oneMessageOfTwoJobsIsTwoEvents() {
    Map<String, String> headers = Map.of("svix-id", "msg_1");
    String form = "{\"event_name\":\"e\",\"detail\":{\"job_id\":\"%s\"}}";

    assertThat(new Delivery("move", form.formatted("a"), headers).id("r"))
        .isNotEqualTo(new Delivery("move", form.formatted("b"), headers).id("r"));
  }

  @Test
  void whatNothingTellsApartIsAnEventEachTime() {
    for (Delivery delivery :
        List.of(
            Delivery.of("echo3d", "{\"event\":\"Upload\"}"),
            Delivery.of("matterport", "{\"type\":\"created\",\"modelId\":\"m\"}"))) {
      assertThat(delivery.id("receipt-1")).isNotEqualTo(delivery.id("receipt-2"));
    }
  }

  // Any two deliveries.

  /**
   * What a provider would call an event, and what its deliveries may differ in all the same.
   *
   * @param identity what tells it from others, by member or header; as JSON
   */
  private record Event(String provider, Map<String, String> identity) {}

  /** Few values for each, so that two draws are often equal, and all kinds of those. */
  private static final List<String> VALUES =
      List.of("\"a\"", "\"A\"", "\"b\"", "\"1\"", "\"1.0\"", "\"ab\"", "\"a:b\"", "\"sha256\"");

  private static final List<String> OPTIONAL =
      List.of("", "null", "\"\"", "\"a\"", "\"b\"", "[]", "{\"a\":1}", "true", "7", "\"7\"");

  private static String one(Random random, List<String> values) {
    return values.get(random.nextInt(values.size()));
  }

  private static Event event(Random random, String provider) {
    Map<String, String> identity = new LinkedHashMap<>();
    switch (provider) {
      case "matterport" -> {
        for (String name : List.of("modelId", "type", "timestamp")) {
          identity.put(name, one(random, VALUES.subList(0, 3)));
        }
        for (String name : List.of("version", "webhookId", "body", "bundleId", "data")) {
          identity.put(name, one(random, random.nextBoolean() ? OPTIONAL : List.of("")));
        }
      }
      case "smartshape" -> {
        identity.put("file", one(random, VALUES));
        identity.put("uuid", one(random, VALUES.subList(0, 2)));
      }
      case "csm" -> {
        identity.put("session_id", one(random, VALUES));
        identity.put("timestamp", one(random, VALUES.subList(0, 2)));
        identity.put("old_status", one(random, OPTIONAL));
        identity.put("new_status", one(random, OPTIONAL));
      }
      default -> {
        identity.put("job_id", one(random, random.nextBoolean() ? VALUES : List.of("")));
        identity.put("svix-id", "msg_" + one(random, VALUES));
      }
    }
    return new Event(provider, identity);
  }

  private static String members(Map<String, String> members) {
    List<String> texts = new ArrayList<>();
    members.forEach(
        (name, value) -> {
          if (!value.isEmpty()) {
            texts.add("\"" + name + "\":" + value);
          }
        });
    return String.join(",", texts);
  }

  /** One of the event's deliveries: with whatever a provider may change between two of them. */
  private static Delivery delivery(Event event, Random random) {
    String noise = Integer.toString(random.nextInt(3));
    Map<String, String> identity = new LinkedHashMap<>(event.identity());
    return switch (event.provider()) {
      case "matterport" -> Delivery.of("matterport", "{" + members(identity) + "}");
      case "smartshape" ->
          Delivery.of(
              "smartshape", "{\"event\":\"e\",\"data\":" + noise + "," + members(identity) + "}");
      case "csm" ->
          Delivery.of(
              "csm",
              "{\"type\":\"session_status_changed\",\"payload\":{\"session_data\":"
                  + noise
                  + ","
                  + members(identity)
                  + "}}");
      default -> {
        String messageId = identity.getOrDefault("svix-id", "").replace("\"", "");
        identity.remove("svix-id");
        Map<String, String> headers = new HashMap<>();
        headers.put(random.nextBoolean() ? "svix-id" : "webhook-id", messageId);
        headers.put("svix-timestamp", noise);
        yield new Delivery(
            "move", "{\"event_name\":\"e\",\"detail\":{" + members(identity) + "}}", headers);
      }
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"matterport", "smartshape", "csm", "move"})
  void twoDeliveriesHaveOneIdExactlyIfTheyAreOfOneEvent(String provider) {
    Random random = new Random(20261126);
    int copies = 0;
    for (int i = 0; i < 20_000; i++) {
      Event one = event(random, provider);
      Event other = random.nextInt(4) == 0 ? one : event(random, provider);
      Delivery first = delivery(one, random);
      Delivery second = delivery(other, random);

      boolean isOneId = first.id("receipt-1").equals(second.id("receipt-2"));

      assertThat(isOneId).as("%s and %s", first, second).isEqualTo(one.equals(other));
      if (isOneId) {
        copies++;
        assertThat(first.identified().entityKey())
            .as("in one partition: %s and %s", first, second)
            .isEqualTo(second.identified().entityKey());
      }
    }
    assertThat(copies).isGreaterThan(4_000);
  }
}
