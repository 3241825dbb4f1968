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
import java.util.Random;
import java.util.Set;
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
      "[{\"key\": \"color\", \"value\": \"red\"}, {\"key\": \"size\", \"value\": \"large\"}]";
  private static final String KEYS =
      "[{\"key\": \"color\", \"value\": null}, {\"key\": \"size\", \"value\": null}]";

  private final Echo3d echo3d = new Echo3d();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          Upload                   | {"entryId": "A"}
          Processed                | {"entryId": "A"}
          Edit                     | {"entryId": "A"}
          Delete                   | {"entryIds": ["A", "B"]}
          CollectionMetadataAdd    | {"metadataPairs": PAIRS}
          CollectionMetadataRemove | {"metadataPairs": PAIRS}
          AssetMetadataAdd         | {"entryIds": ["A", "B"], "metadataPairs": PAIRS}
          AssetMetadataRemove      | {"entryIds": ["A"], "metadataPairs": KEYS}
          AssetStatusUpdate        | {"entryIds": ["A"], "statuses": ["approved"], "versionIds": ["v-0001"]}
          """)
  void readsEveryTrigger(String trigger, String typed) {
    Decoded decoded = TestEvents.decode(echo3d, sample(trigger));

    assertThat(decoded.type()).isEqualTo(trigger);
    assertThat(decoded.occurredAt()).isNull();
    assertThat(decoded.event().get("apiKeyFingerprint")).isEqualTo(FINGERPRINT);
    String field = Character.toLowerCase(trigger.charAt(0)) + trigger.substring(1);
    assertThat(decoded.event().get(field))
        .hasToString(
            typed
                .replace("PAIRS", PAIRS)
                .replace("KEYS", KEYS)
                .replace("\"A\"", '"' + A + '"')
                .replace("\"B\"", '"' + B + '"'));
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
          ["a","b"]  | ["1"]         | a=1 b=null         |
          ["a"]      | ["1","2","3"] | a=1 null=2 null=3  |
          ["a",null] | ["1","2"]     | a=1 null=2         | metadataPairs[].key
          ["a","b"]  | [{"x":1},"2"] | a=null b=2         | metadataPairs[].value
          ["a","a"]  | [7,true]      | a=7 a=true         |
          []         | []            | ``                 |
          null       | ["1"]         | null=1             |
          "a"        | ["1"]         | null=1             | metadataPairs
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
            pair -> ((GenericRecord) pair).get("key") + "=" + ((GenericRecord) pair).get("value"))
        .containsExactlyElementsOf(pairs.isEmpty() ? List.of() : List.of(pairs.split(" ", -1)));
    assertThat(decoded.deviations()).isEqualTo(deviation == null ? Set.of() : Set.of(deviation));
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "[\"a\",\"b\"]"})
  void hasNoSingleEntryWhereThereIsNone(String ids) {
    Decoded decoded =
        TestEvents.decode(
            echo3d, bytes("{\"event\":\"Edit\",\"apiKey\":\"k\",\"entryIds\":" + ids + "}"));

    assertThat(decoded.event().get("edit")).hasToString("{\"entryId\": null}");
    assertThat(decoded.deviations()).containsExactly("edit.entryId");
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
    assertThat(decoded.event().get("entryIds")).isEqualTo(List.of("a"));
    assertThat(decoded.deviations()).containsExactlyInAnyOrder("entryIds[]", "statuses", "*");
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
