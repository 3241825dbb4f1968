package io.penstock.ingest.provider.matterport;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.hash.Hashing;
import io.penstock.ingest.provider.Decoding.Decoded;
import io.penstock.ingest.provider.Decoding.Undecodable;
import io.penstock.ingest.provider.Identification.Identified;
import io.penstock.ingest.provider.Identification.Malformed;
import io.penstock.ingest.provider.TestEvents;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("InlineFormatString") // a body reads better on lines of its own
class MatterportTest {

  private final Matterport matterport = new Matterport();

  @ParameterizedTest
  @CsvSource({
    "created, FR1wedSZUWQ",
    "v1-uploaded, FR1wedSZUWQ",
    "v1-updated, FR1wedSZUWQ",
    "v1-bundle_completed, rbEVEory2uo"
  })
  void ordersByModelAndRecognizesByAllOfTheBody(String name, String key) {
    byte[] body = sample(name);
    assertThat(matterport.identify(body, Map.of()))
        .isEqualTo(
            new Identified(key, List.of("sha256", Hashing.sha256().hashBytes(body).toString())));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"type":"deleted","modelId":"m","timestamp":1,"webhookId":"w","version":2,"body":{}} |
          {"type":"deleted","modelId":"m","timestamp":1,"body":{}}                             |
          {"type":"deleted","modelId":"m","timestamp":1,"body":{},"data":{}}                   |
          {"type":"deleted","modelId":"m","timestamp":1,"data":{}}                             | v1Deleted
          {"type":"deleted","modelId":"m","timestamp":"2024-11-22T09:15:00Z","createdBy":"a"}  | v1Deleted
          {"type":"deleted","modelId":"m","timestamp":1663595798725}                           | v1Deleted
          {"type":"deleted","modelId":"m","webhookId":null,"timestamp":1663595798725}          | v1Deleted
          {"type":"deleted","modelId":"m","timestamp":"2024-11-22T09:15:00Z"}                  |
          {"type":"created","modelId":"m","timestamp":1,"data":{}}                             |
          {"type":"uploaded","modelId":"m","timestamp":1,"webhookId":"w","body":{}}            |
          {"type":"model_painted","modelId":"m","timestamp":1,"webhookId":"w","body":{"a":1}}  |
          """)
  void tellsTheVersionsApartByTheirShape(String body, String field) {
    Decoded decoded = TestEvents.decode(matterport, bytes(body));

    assertThat(setTypes(decoded)).isEqualTo(field == null ? List.of() : List.of(field));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "2024-11-22T09:15:00.123Z"      | 2024-11-22T09:15:00.123Z
          "2024-11-22T10:15:00.123+01:00" | 2024-11-22T09:15:00.123Z
          "2024-11-22T09:15:00Z"          | 2024-11-22T09:15:00Z
          1732266900123                   | 2024-11-22T09:15:00.123Z
          "yesterday"                     |
          1732266900                      |
          {}                              |
          """)
  void readsTheTimeAsTextOrAsANumber(String timestamp, Instant time) {
    String body =
        "{\"type\":\"created\",\"modelId\":\"m\",\"webhookId\":\"w\",\"version\":1,"
            + "\"timestamp\":%s,\"body\":{\"type\":\"copy\"}}";

    Decoded decoded = TestEvents.decode(matterport, bytes(body.formatted(timestamp)));

    assertThat(decoded.occurredAt()).isEqualTo(time);
    assertThat(decoded.event().get("timestamp"))
        .isEqualTo(time == null ? null : time.toEpochMilli());
    assertThat(decoded.deviations().contains("timestamp")).isEqualTo(time == null);
    assertThat(decoded.event().get("created")).hasToString("{\"origin\": \"copy\"}");
  }

  @Test
  void hasSuccessAsEachTypeSendsIt() {
    assertThat(TestEvents.decode(matterport, sample("v1-processed")).event().get("v1Processed"))
        .hasToString(
            "{\"internalId\": \"internal id\", \"createdBy\": \"test@test.com\","
                + " \"success\": \"true\"}");
    assertThat(
            TestEvents.decode(matterport, sample("v1-bundle_completed"))
                .event()
                .get("v1BundleCompleted"))
        .asString()
        .endsWith("\"success\": true}");
  }

  @Test
  void readsTheDetailsThatChanged() {
    Decoded decoded = TestEvents.decode(matterport, sample("details_changed"));

    assertThat(decoded.event().get("webhookId")).isEqualTo("887n9rwrdxytnttms0t1h02mc");
    assertThat(decoded.event().get("version")).isEqualTo(5L);
    assertThat(decoded.event().get("detailsChanged"))
        .asString()
        .contains(
            "\"street\": {\"text\": \"1 Example Street\", \"json\": null}",
            "\"unit\": {\"text\": null, \"json\": \"null\"}",
            "\"image\": {\"present\": [\"id\"], \"id\": \"m1hY2zvMa8Q\"}",
            "\"mls\": {\"present\": [\"id\", \"name\"], \"id\": \"ML81234567\", \"name\":"
                + " \"MLSListings\"}",
            "\"presentedBy\": \"Example Homes\"");
  }

  /** A detail that was cleared and one that has not changed are both null. */
  @Test
  void tellsWhatWasClearedFromWhatDidNotChange() {
    Decoded decoded =
        TestEvents.decode(
            matterport,
            bytes(
                """
                {"modelId":"m","version":5,"webhookId":"w","timestamp":1732266900123,"type":"details_changed","body":{
                  "previous":{"description":"x","presentedby":1,"publication":{"summary":"s"}},
                  "current":{"description":null,"publication":{"summary":null}}}}\
                """));

    GenericRecord changed = (GenericRecord) decoded.event().get("detailsChanged");
    GenericRecord previous = (GenericRecord) Objects.requireNonNull(changed).get("previous");
    GenericRecord current = (GenericRecord) changed.get("current");
    assertThat(previous.get("present")).isEqualTo(List.of("description", "publication"));
    assertThat(current.get("present")).isEqualTo(List.of("description", "publication"));
    assertThat(current.get("description")).isNull();
    assertThat(current.get("name")).isNull();
    assertThat(current.get("publication"))
        .hasToString(
            "{\"present\": [\"summary\"], \"description\": null, \"externalUrl\": null,"
                + " \"presentedBy\": null, \"summary\": null}");
  }

  /** Version 2's deleted says nothing more, and has no record; what it says all the same counts. */
  @Test
  void notesWhatADeletedModelsEventHasAgainstTheDocumentation() {
    String body =
        "{\"type\":\"deleted\",\"modelId\":\"m\",\"timestamp\":1732266900123,\"webhookId\":\"w\",\"body\":%s}";

    assertThat(TestEvents.decode(matterport, bytes(body.formatted("{}"))).deviations()).isEmpty();
    assertThat(TestEvents.decode(matterport, bytes(body.formatted("{\"by\":1}"))).deviations())
        .containsExactly("deleted.*");
    assertThat(TestEvents.decode(matterport, bytes(body.formatted("7"))).deviations())
        .containsExactly("deleted");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "null",
        "\"ping\"",
        "17",
        "{\"message\":\"hello\"}",
        "{\"type\":null,\"modelId\":null}",
        "{\"type\":\"\"}",
        "[{\"type\":\"created\",\"modelId\":\"m\"}]"
      })
  void takesWhateverAPingIsForAnEventOfItsOwn(String body) {
    assertThat(matterport.identify(bytes(body), Map.of()))
        .isEqualTo(new Identified("ping", List.of()));
    Decoded decoded = TestEvents.decode(matterport, bytes(body));
    assertThat(decoded.type()).isEqualTo("ping");
    assertThat(decoded.occurredAt()).isNull();
    assertThat(setTypes(decoded)).containsExactly("ping");
    assertThat(decoded.event().get("ping"))
        .hasToString("{\"contentType\": null, \"text\": null, \"bytes\": null}");
    assertThat(decoded.event().get("json")).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " \r\n\t",
        "ping",
        "This is a test {}",
        "event=ping&model=FR1wedSZUWQ",
        "<ping/>",
        "'ping'",
        "\"ping",
        "nul",
        "1 2"
      })
  void takesForAPingWhatIsNoJsonAndCannotHaveBeenAnEvent(String body) {
    Map<String, String> headers = Map.of("content-type", "text/plain; charset=utf-8");
    assertThat(matterport.identify(bytes(body), headers))
        .isEqualTo(new Identified("ping", List.of()));
    Decoded decoded = (Decoded) matterport.decode(bytes(body), headers);
    assertThat(decoded.type()).isEqualTo("ping");
    assertThat(setTypes(decoded)).containsExactly("ping");
    GenericRecord ping = (GenericRecord) decoded.event().get("ping");
    assertThat(ping.get("contentType")).isEqualTo("text/plain; charset=utf-8");
    assertThat(ping.get("text")).isEqualTo(body);
    assertThat(ping.get("bytes")).isNull();
    assertThat(decoded.event().get("json")).isEqualTo("");
    assertThat(decoded.deviations()).isEmpty();
  }

  @Test
  void keepsTheBytesOfAPingThatIsNoText() {
    byte[] body = {(byte) 0xFF, 0x00, 'p'};

    Decoded decoded = TestEvents.decode(matterport, body);

    GenericRecord ping = (GenericRecord) decoded.event().get("ping");
    assertThat(ping.get("text")).isNull();
    assertThat(ping.get("bytes")).isEqualTo(ByteBuffer.wrap(body));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"type":"created"}                                | ping | created
          {"type":"created","modelId":"m"}                  | m    | created
          {"type":"created","timestamp":1732266900123}      | ping | created
          {"modelId":"m","timestamp":1732266900123}         | m    | ping
          {"type":{},"modelId":"m","timestamp":1}           | m    | ping
          {"type":"created","modelId":[],"timestamp":1}     | ping | created
          {"type":"created","modelId":"m","timestamp":null} | m    | created
          """)
  void publishesEveryDeliveryThatLacksSomething(String body, String key, String type) {
    assertThat(matterport.identify(bytes(body), Map.of()))
        .isEqualTo(new Identified(key, List.of()));
    Decoded decoded = TestEvents.decode(matterport, bytes(body));
    assertThat(decoded.type()).isEqualTo(type);
    assertThat(decoded.deviations().contains("type"))
        .as("a model's event without a type is not as documented")
        .isEqualTo(type.equals("ping"));
  }

  static Stream<byte[]> damagedEvents() {
    String event = "{\"type\":\"created\"}";
    return Stream.concat(
        Stream.of("{", "{\"type\":\"created\"", " \n{\"a\":1,\"a\":2}", "[{", "\0\0{", "{}{}")
            .map(MatterportTest::bytes),
        Stream.of(UTF_16, UTF_16BE, UTF_16LE, Charset.forName("UTF-32")).map(event::getBytes));
  }

  @ParameterizedTest
  @MethodSource("damagedEvents")
  void refusesWhatIsNoJsonButBeginsAsAnEvent(byte[] body) {
    for (String contentType : List.of("application/json", "text/plain")) {
      Map<String, String> headers = Map.of("content-type", contentType);
      assertThat(matterport.identify(body, headers)).isInstanceOf(Malformed.class);
      assertThat(matterport.decode(body, headers)).isInstanceOf(Undecodable.class);
    }
  }

  @Test
  void notesWhatIsNotAsDocumented() {
    Decoded decoded =
        TestEvents.decode(
            matterport,
            bytes(
                "{\"modelId\":7,\"version\":\"x\",\"webhookId\":[],\"webhookCustomKey\":{},"
                    + "\"timestamp\":true,\"type\":\"visibility_changed\",\"body\":"
                    + "{\"previous\":1,\"current\":{\"accessVisibility\":[]}}}"));

    assertThat(decoded.deviations())
        .containsExactlyInAnyOrder(
            "version",
            "webhookId",
            "webhookCustomKey",
            "timestamp",
            "visibilityChanged.previousAccessVisibility",
            "visibilityChanged.currentAccessVisibility");
    assertThat(decoded.event().get("modelId")).isEqualTo("7");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"type":"deleted","modelId":"m","webhookId":"w","version":2}           |         | deleted
          {"type":"deleted","modelId":"m","webhookId":"w","body":null}           |         | deleted
          {"type":"deleted","modelId":"m","version":2}                           |         | deleted
          {"type":"deleted","modelId":"m","webhookId":"w","body":[]}             |         | deleted
          {"type":"deleted","modelId":"m","webhookId":"w","body":{"by":"me"}}    |         | deleted.*
          {"type":"deleted","modelId":"m","timestamp":"2024-11-22T09:15:00Z"}    |         | deleted
          {"type":"created","modelId":"m","webhookId":"w"}                       |         | created
          {"type":"created","modelId":"m","webhookId":"w","body":null}           |         | created
          {"type":"restored"}                                                    |         | restored
          {"type":"model_painted","modelId":"m","webhookId":"w"}                 |         |
          {"type":"ping","webhookId":"w"}                                        | ping    |
          """)
  void notesThatABodyIsMissing(String body, @Nullable String field, @Nullable String deviation) {
    Decoded decoded = TestEvents.decode(matterport, bytes(body));

    assertThat(setTypes(decoded)).isEqualTo(field == null ? List.of() : List.of(field));
    assertThat(decoded.deviations()).isEqualTo(deviation == null ? Set.of() : Set.of(deviation));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          true    | true  |
          "true"  | true  |
          "false" | false |
          "True"  |       | v1BundleCompleted.success
          1       |       | v1BundleCompleted.success
          "yes"   |       | v1BundleCompleted.success
          """)
  void readsSuccessAlsoAsText(String success, @Nullable Boolean read, @Nullable String deviation) {
    Decoded decoded =
        TestEvents.decode(
            matterport,
            bytes(
                new String(sample("v1-bundle_completed"), UTF_8)
                    .replace("\"success\":true", "\"success\":" + success)));

    assertThat(((GenericRecord) decoded.event().get("v1BundleCompleted")).get("success"))
        .isEqualTo(read);
    assertThat(decoded.deviations()).isEqualTo(deviation == null ? Set.of() : Set.of(deviation));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"type":"processed","timestamp":1663595796940,"data":{"success":"true"}}                 |
          {"type":"processed","timestamp":1663595796940,"data":{"success":"true","brand_new":1}}   | v1Processed.*
          {"type":"processed","timestamp":1663595796940,"data":{"brand_new":1},"new":1}            | v1Processed.* *
          {"type":"processed","timestamp":1663595796940,"data":7}                                  | v1Processed.success
          {"type":"processed","timestamp":1663595796940,"success":"true","data":{}}                | *
          {"type":"uploaded","timestamp":1663595796940,"data":{}}                                  |
          {"type":"uploaded","timestamp":1663595796940,"data":{"brand_new":1}}                     | v1Uploaded.*
          {"type":"uploaded","timestamp":1663595796940,"data":[]}                                  | v1Uploaded.*
          {"type":"uploaded","timestamp":1663595796940,"orderedBy":"a"}                            | *
          {"type":"updated","timestamp":1663595796940,"bundleOptions":{}}                          | *
          {"type":"updated","timestamp":1663595796940,"webhookCustomKey":"k"}                      |
          {"type":"created","webhookId":"w","body":{"type":"copy"},"createdBy":"a"}                | *
          {"type":"created","webhookId":"w","body":{"type":"copy"},"data":null}                    |
          {"type":"ping","body":{"a":1}}                                                           | *
          {"modelId":"m","createdBy":"a"}                                                          | * type
          """)
  void notesWhatNobodyReadsWhereverItStands(String body, @Nullable String noted) {
    Decoded decoded = TestEvents.decode(matterport, bytes(body));

    assertThat(decoded.deviations()).isEqualTo(noted == null ? Set.of() : Set.of(noted.split(" ")));
  }

  @Test
  void keepsKeysSmall() {
    String body = "{\"type\":\"t\",\"modelId\":\"%s\",\"timestamp\":1}";
    Identified identified =
        (Identified) matterport.identify(bytes(body.formatted("M".repeat(1000))), Map.of());

    assertThat(identified.entityKey()).startsWith("sha256:");
  }

  private static List<String> setTypes(Decoded decoded) {
    return decoded.event().getSchema().getFields().stream()
        .filter(field -> field.getProp("penstock.eventType") != null)
        .filter(field -> decoded.event().get(field.pos()) != null)
        .map(Schema.Field::name)
        .toList();
  }

  private byte[] sample(String name) {
    return matterport.samples().stream()
        .filter(sample -> sample.name().equals(name))
        .findFirst()
        .orElseThrow()
        .body();
  }

  private static byte[] bytes(String body) {
    return body.getBytes(UTF_8);
  }
}
