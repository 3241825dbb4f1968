package io.penstock.ingest.provider.echo3d;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.provider.Decoding.Decoded;
import io.penstock.ingest.provider.Decoding.Undecodable;
import io.penstock.ingest.provider.Identification.Identified;
import io.penstock.ingest.provider.Identification.Missing;
import io.penstock.ingest.provider.Sample;
import io.penstock.ingest.provider.TestEvents;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Echo3dTest {

  private static final String KEY = "bold-sky-1234";
  private static final String FINGERPRINT = ApiKey.fingerprint(KEY);
  private static final String A = "a1b2c3d4-5678-90ab-cdef-1234567890ab";
  private static final String B = "0f9e8d7c-6b5a-4938-8271-60594a3b2c1d";
  private static final String PAIRS =
      "[{\"metadataKey\": \"color\", \"metadataValue\": \"red\"}, {\"metadataKey\": \"size\","
          + " \"metadataValue\": \"large\"}]";
  private static final String KEYS =
      "[{\"metadataKey\": \"color\", \"metadataValue\": null}, {\"metadataKey\": \"size\","
          + " \"metadataValue\": null}]";

  private final Echo3d echo3d = new Echo3d();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          Upload                   | A   |
          Processed                | A   |
          Edit                     | A   |
          Delete                   | A B |
          CollectionMetadataAdd    |     | PAIRS
          CollectionMetadataRemove |     | PAIRS
          AssetMetadataAdd         | A B | PAIRS
          AssetMetadataRemove      | A   | KEYS
          AssetStatusUpdate        | A   |
          """)
  void readsEveryTrigger(String trigger, String entries, String pairs) {
    Decoded decoded = TestEvents.decode(echo3d, sample(trigger));

    assertThat(decoded.type()).isEqualTo(trigger);
    assertThat(decoded.occurredAt()).isNull();
    assertThat(decoded.deviations()).isEmpty();
    assertThat(decoded.event().get("apiKeyFingerprint")).isEqualTo(FINGERPRINT);
    String isUpdate = trigger.equals("AssetStatusUpdate") ? ":approved:v-0001" : ":null:null";
    assertThat(entries(decoded))
        .containsExactlyElementsOf(
            entries == null
                ? List.of()
                : Stream.of(entries.split(" ", -1))
                    .map(id -> id.replace("A", A).replace("B", B) + isUpdate)
                    .toList());
    assertThat(decoded.event().get("metadataPairs"))
        .hasToString(pairs == null ? "[]" : pairs.replace("PAIRS", PAIRS).replace("KEYS", KEYS));
  }

  private static List<String> entries(Decoded decoded) {
    return ((List<?>) Objects.requireNonNull(decoded.event().get("entries")))
        .stream()
            .map(entry -> (GenericRecord) entry)
            .map(e -> e.get("entryId") + ":" + e.get("status") + ":" + e.get("versionId"))
            .toList();
  }

  /** What belongs together by its place stays together, whatever is missing beside it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ["A","B"]     | [null,"ready"]        | ["v1","v2"]  | A:null:v1 B:ready:v2        | entries[].status
          ["A",{},"C"]  | ["x","y","z"]         | []           | A:x:null null:y:null C:z:null | entries[].entryId
          ["A","B","C"] | ["x"]                 | null         | A:x:null B:null:null C:null:null | entries[].status
          ["A"]         | ["x","y"]             | [7,[1]]      | A:x:7 null:y:null           | entries[].entryId entries[].versionId
          ["A","B"]     | "x"                   | null         | A:null:null B:null:null     | entries[].status
          []            | []                    | []           | ``                          | ``
          []            | ["x"]                 | []           | null:x:null                 | ``
          """)
  void keepsThePlacesOfParallelLists(
      String ids, String statuses, String versions, String entries, String deviations) {
    Decoded decoded =
        TestEvents.decode(
            echo3d,
            bytes(
                "{\"event\":\"AssetStatusUpdate\",\"apiKey\":\"k\",\"entryIds\":%s,\"statuses\":%s,\"versionIds\":%s}"
                    .formatted(ids, statuses, versions)));

    assertThat(entries(decoded))
        .containsExactlyElementsOf(entries.isEmpty() ? List.of() : List.of(entries.split(" ", -1)));
    assertThat(decoded.deviations())
        .isEqualTo(deviations.isEmpty() ? Set.of() : Set.of(deviations.split(" ", -1)));
  }

  @Test
  void ordersByCollectionAndTakesEachDeliveryForAnEvent() {
    assertThat(echo3d.identify(sample("Upload"), Map.of()))
        .isEqualTo(new Identified(FINGERPRINT, List.of()));
    assertThat(echo3d.identify(echo3d.redact(sample("Upload")), Map.of()))
        .isEqualTo(new Identified(FINGERPRINT, List.of()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ["a","b"]  | ["1"]         | a=1 b=null         | metadataPairs[].metadataValue
          ["a"]      | ["1","2","3"] | a=1 null=2 null=3  | metadataPairs[].metadataKey
          ["a",null] | ["1","2"]     | a=1 null=2         | metadataPairs[].metadataKey
          ["a","b"]  | [{"x":1},"2"] | a=null b=2         | metadataPairs[].metadataValue
          ["a","a"]  | [7,true]      | a=7 a=true         |
          []         | []            | ``                 |
          null       | ["1"]         | null=1             |
          "a"        | ["1"]         | null=1             | metadataPairs[].metadataKey
          """)
  void losesNothingOfListsOfUnequalLength(
      String keys, String values, String pairs, String deviation) {
    Decoded decoded =
        TestEvents.decode(
            echo3d,
            bytes(
                "{\"event\":\"CollectionMetadataAdd\",\"apiKey\":\"k\",\"entryIds\":[],"
                    + ("\"metadataKeys\":" + keys + ",\"metadataValues\":" + values + "}")));

    List<?> read = (List<?>) decoded.event().get("metadataPairs");
    assertThat(read)
        .extracting(
            pair ->
                ((GenericRecord) pair).get("metadataKey")
                    + "="
                    + ((GenericRecord) pair).get("metadataValue"))
        .containsExactlyElementsOf(pairs.isEmpty() ? List.of() : List.of(pairs.split(" ", -1)));
    assertThat(decoded.deviations()).isEqualTo(deviation == null ? Set.of() : Set.of(deviation));
  }

  @Test
  void publishesTriggersThatNobodyKnows() {
    Decoded decoded =
        TestEvents.decode(
            echo3d,
            bytes(
                "{\"event\":\"Annotate\",\"apiKey\":\"k\",\"entryIds\":[\"a\",{}],"
                    + "\"statuses\":\"s\",\"more\":1}"));

    assertThat(decoded.type()).isEqualTo("Annotate");
    assertThat(entries(decoded)).containsExactly("a:null:null", "null:null:null");
    assertThat(decoded.deviations())
        .containsExactlyInAnyOrder("entries[].entryId", "entries[].status", "*");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"event\":\"Edit\"}", "{\"event\":\"Edit\",\"apiKey\":null}"})
  void publishesWhatIsOfNoKnownCollection(String body) {
    assertThat(echo3d.identify(bytes(body), Map.of()))
        .isEqualTo(new Identified("unknown-collection", List.of()));
    assertThat(TestEvents.decode(echo3d, bytes(body)).deviations()).contains("apiKeyFingerprint");
    assertThat(echo3d.redact(bytes(body))).isEqualTo(bytes(body));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "[]", "null", "{\"event\":\"\"}", "{\"event\":{}}"})
  void saysWhatIsMissing(String body) {
    String detail = "event is missing, empty or not text";
    assertThat(echo3d.identify(bytes(body), Map.of())).isEqualTo(new Missing(detail));
    assertThat(echo3d.decode(bytes(body), Map.of())).isEqualTo(new Undecodable(detail));
  }

  @Test
  void aFingerprintIsShortAndItsOwnFingerprint() {
    assertThat(FINGERPRINT).matches("sha256/16:[0-9a-f]{4}");
    assertThat(ApiKey.fingerprint(FINGERPRINT)).isEqualTo(FINGERPRINT);
    assertThat(ApiKey.fingerprint(KEY)).isEqualTo(FINGERPRINT);
    assertThat(ApiKey.fingerprint("bold-sky-1235")).isNotEqualTo(FINGERPRINT);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"apiKey":"KEY"}                              | {"apiKey":"FP"}
          { "a" : 1 , "apiKey"\t:  "KEY" , "b":[ ] }    | { "a" : 1 , "apiKey"\t:  "FP" , "b":[ ] }
          {"\\u0061piKey":"bold\\u002dsky-1234"}        | {"\\u0061piKey":"FP"}
          {"x":{"apiKey":"KEY"},"y":[{"apiKey":"KEY"}]} | {"x":{"apiKey":"FP"},"y":[{"apiKey":"FP"}]}
          [{"apiKey":"KEY"}]                            | [{"apiKey":"FP"}]
          {"apikey":"KEY","x":"apiKey"}                 | {"apikey":"FP","x":"apiKey"}
          {"api_key":"KEY","x":{"Api-Key":"KEY"}}       | {"api_key":"FP","x":{"Api-Key":"FP"}}
          {"my_apikey":"other","apiKeyId":"other"}      | {"my_apikey":"other","apiKeyId":"other"}
          {"apiKey":null}                               | {"apiKey":null}
          """)
  void redactsTheKeyAndNothingElse(String body, String redacted) {
    assertThat(redacted(body.replace("KEY", KEY))).isEqualTo(redacted.replace("FP", FINGERPRINT));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"bold-sky-1234\":1}", "[\"bold-sky-1234\"]", "1234567.5e3", "true"})
  void redactsAKeyThatIsNoText(String key) {
    String redacted = redacted("{\"apiKey\": " + key + " ,\"event\":\"Edit\"}");

    assertThat(redacted).matches("\\{\"apiKey\": \"sha256/16:[0-9a-f]{4}\" ,\"event\":\"Edit\"}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"event":"Edit","apiKey":"KEY                  | {"event":"Edit","apiKey":"??????
          {"event":"Edit","apiKey":"KEY","a":            | {"event":"Edit","apiKey":"FP","?":
          {"apiKey":"KEY","apiKey":"KEY"}                | {"apiKey":"FP","apiKey":"FP"}
          {"apiKey":"KEY"}{"apiKey":"KEY"}               | {"apiKey":"FP"}{"apiKey":"FP"}
          {"a":"b"c","apiKey":"KEY"}                     | {"a":"b"?","??????":"??????"}
          {apiKey:'KEY'}                                 | {??????:????????}
          KEY                                            | ??????
          """)
  void keepsOfAMalformedBodyWhatCannotHoldTheKey(String body, String redacted) {
    String key = "sk-123";
    assertThat(redacted(body.replace("KEY", key)).replace('\u001A', '?'))
        .isEqualTo(redacted.replace("FP", ApiKey.fingerprint(key)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"u":"https://api.echo3D.com/query?key=KEY&file=x","apiKey":"KEY"} | {"u":"https://api.echo3D.com/query?key=***&file=x","apiKey":"FP"}
          {"apiKey":"KEY","u":"KEYKEY KEY"}                | {"apiKey":"FP","u":"*** ***"}
          {"APIkey":"KEY","u":["KEY",{"a":"-KEY-"}]}       | {"APIkey":"FP","u":["***",{"a":"-***-"}]}
          {"x":{"apiKey":"KEY"},"u":"KEY"}                 | {"x":{"apiKey":"FP"},"u":"***"}
          {"apiKey":["KEY"],"u":"KEY"}                     | {"apiKey":"FP","u":"***"}
          {"apiKey":"KEY","u":"BOLD-sky-1234"}             | {"apiKey":"FP","u":"***"}
          {"apiKey":"KEY","u":"a bold\\u002dsky\\u002D1234 \\n"} | {"apiKey":"FP","u":"a *** \\n"}
          {"apiKey":"KEY","u":"?k=bold%2dsky%2D1234&"}     | {"apiKey":"FP","u":"?k=***&"}
          {"apiKey":"KEY","u":"?k=%62old%252Dsky%25252d1234&"} | {"apiKey":"FP","u":"?k=***&"}
          {"apiKey":"KEY","u":"%252525252562old-sky-1234"} | {"apiKey":"FP","u":"***"}
          {"apiKey":"KEY","u":"{\\"k\\":\\"bold\\\\u002dsky-1234\\"}"} | {"apiKey":"FP","u":"{\\"k\\":\\"***\\"}"}
          {"apiKey":"KEY","u":"%5Cu0062old-sky-1234"}      | {"apiKey":"FP","u":"***"}
          {"apiKey":"KEY","KEY":1,"a KEY b":2,"*1":3}      | {"apiKey":"FP","*0":1,"*2":2,"*1":3}
          {"apiKey":"KEY","bold%2Dsky-1234":{"KEY":1}}     | {"apiKey":"FP","*0":{"*1":1}}
          {"apiKey":"12345678","n":12345678,"m":[1234567]} | {"apiKey":"FP","n":0,"m":[1234567]}
          {"apiKey":"short","u":"short","short":1}         | {"apiKey":"FP","u":"short","short":1}
          {"apiKey":"a b+c d","u":"a+b%2Bc%20d"}           | {"apiKey":"FP","u":"***"}
          {"apiKey":"**key**","u":"***key**key**"}         | {"apiKey":"FP","u":"*___"}
          """)
  void aKeyThatIsKnownIsNowhereHoweverItIsWritten(String body, String redacted) {
    assertThat(redacted(body.replace("KEY", KEY)).replaceAll("sha256/16:[0-9a-f]{4}", "FP"))
        .isEqualTo(redacted);
  }

  @Test
  void noTypedFieldHasTheKeyWhoeverWroteTheLandingRecord() {
    String url = "https://api.echo3D.com/query?key=" + KEY + "&file=x";

    Decoded decoded =
        TestEvents.decode(
            echo3d,
            bytes(
                "{\"event\":\"AssetMetadataAdd\",\"entryIds\":[\""
                    + url
                    + "\"],\"metadataKeys\":[\"url\"],"
                    + ("\"metadataValues\":[\"" + url + "\"],\"apiKey\":\"" + KEY + "\"}")));

    assertThat(decoded.event().toString())
        .doesNotContain(KEY)
        .contains("https://api.echo3D.com/query?key=***&file=x", FINGERPRINT);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"u":"/q?key=KEY","n":KEY,"apiKey":"KEY"}        | {"u":"***","?":???
          {"u":"/q?key=KEY","apiKey":"KEY                  | {"u":"***","apiKey":"???
          {"u":"/q?key=KEY","event":"Upload"               | {"u":"***","event":"Upload"
          {"/q?key=KEY":1,"entryIds":["KEY"],]             | {"*0":1,"entryIds":["***"],]
          {"u":"/q?key=KEY","apiKey":"KEY","b":tru         | {"u":"/q?key=***","apiKey":"FP","?":
          {"u":"KEY2","apiKey":"KEY","b":x,"apiKey":"KEY2" | {"u":"***","apiKey":"FP","?":?
          """)
  void theKeyIsInNoMalformedBodyWhereverItIsBroken(String body, String beginning) {
    String redacted = redacted(body.replace("KEY", KEY)).replace('\u001A', '?');

    assertThat(redacted).doesNotContain(KEY).startsWith(beginning.replace("FP", FINGERPRINT));
  }

  @Test
  void theKeyIsNowhereHoweverTheBodyIsBroken() {
    Random random = new Random(20261121);
    List<Sample> samples = echo3d.samples();
    for (int round = 0; round < 20_000; round++) {
      String key = randomKey(random);
      String body =
          new String(samples.get(round % samples.size()).body(), UTF_8).replace(KEY, quoted(key));
      String redacted = redacted(body);
      assertThat(redacted)
          .isEqualTo(body.replace(quoted(key), ApiKey.fingerprint(key)))
          .doesNotContain(key, quoted(key));

      // One byte is broken, before or after the key and its name.
      byte[] broken = body.getBytes(UTF_8);
      int before = body.indexOf("\"apiKey\"");
      int after = body.length() - body.indexOf(quoted(key)) - quoted(key).length();
      int at =
          random.nextBoolean() ? random.nextInt(before) : broken.length - 1 - random.nextInt(after);
      broken[at] = (byte) random.nextInt();
      byte[] kept = echo3d.redact(broken);
      assertThat(new String(kept, UTF_8)).as(body).doesNotContain(key, quoted(key));
      assertThat(echo3d.redact(kept)).isEqualTo(kept);
    }
  }

  private static String randomKey(Random random) {
    String alphabet = "abcdefghijklmnopqrstuvwxyz0123456789-_.+\\\"/é€";
    StringBuilder key = new StringBuilder("K");
    for (int i = 12 + random.nextInt(30); i > 0; i--) {
      key.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    return key.toString();
  }

  private static String quoted(String text) {
    return text.replace("\\", "\\\\").replace("\"", "\\\"");
  }

  private String redacted(String body) {
    byte[] redacted = echo3d.redact(bytes(body));
    assertThat(echo3d.redact(redacted)).isEqualTo(redacted);
    return new String(redacted, UTF_8);
  }

  private byte[] sample(String name) {
    return echo3d.samples().stream()
        .filter(sample -> sample.name().equals(name))
        .findFirst()
        .orElseThrow()
        .body();
  }

  private static byte[] bytes(String body) {
    return body.getBytes(UTF_8);
  }
}
