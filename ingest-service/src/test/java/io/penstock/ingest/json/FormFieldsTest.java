package io.penstock.ingest.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.json.FormFields.Fields;
import io.penstock.ingest.json.FormFields.NoForm;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FormFieldsTest {

  private static String json(String form) {
    FormFields.Result result = FormFields.read(form.getBytes(UTF_8));
    return result instanceof Fields fields ? new String(fields.json(), UTF_8) : result.toString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ``|{}
          &&|{}
          a=1|{"a":"1"}
          a=1&b=2|{"a":"1","b":"2"}
          a=1&b=2&a=3|{"a":["1","3"],"b":"2"}
          a|{"a":""}
          =x|{"":"x"}
          a=b=c|{"a":"b=c"}
          a+b=c%20d%2B|{"a b":"c d+"}
          a=%C3%A9é|{"a":"éé"}
          a=%22%5C%00|{"a":"\\"\\\\\\u0000"}
          """)
  void fieldsAreAnObject(String form, String json) {
    assertThat(json(form)).isEqualTo(json);
  }

  @ParameterizedTest
  @CsvSource({"a=%", "a=%1", "a=%zz", "%c3=1", "a=%ff"})
  void whatIsMalformedIsNoForm(String form) {
    assertThat(FormFields.read(form.getBytes(UTF_8))).isInstanceOf(NoForm.class);
  }

  @Test
  void aControlCharacterAndTooManyFieldsAreRefused() {
    assertThat(FormFields.read("a=\n".getBytes(UTF_8)))
        .isEqualTo(new NoForm("a control character, at byte 2"));
    assertThat(FormFields.read("a=1&".repeat(FormFields.MAX_FIELDS).getBytes(UTF_8)))
        .isInstanceOf(Fields.class);
    assertThat(FormFields.read("a=1&".repeat(FormFields.MAX_FIELDS + 1).getBytes(UTF_8)))
        .isEqualTo(new NoForm("more than 1000 fields"));
  }

  @Test
  void theContentTypeSaysWhatIsAForm() {
    assertThat(FormFields.isForm("application/x-www-form-urlencoded")).isTrue();
    assertThat(FormFields.isForm("Application/X-WWW-Form-URLencoded ; charset=UTF-8")).isTrue();
    assertThat(FormFields.isForm("application/json")).isFalse();
    assertThat(FormFields.isForm(null)).isFalse();
  }

  /** Random bytes with many of a form's characters: never thrown, bounded, always readable JSON. */
  @Test
  void hostileFormsAreBounded() {
    Random random = new Random(20261126);
    byte[] alphabet = "&=%+\"\\aé\u0000".getBytes(UTF_8);
    for (int round = 0; round < 5000; round++) {
      byte[] body = new byte[random.nextInt(200)];
      for (int i = 0; i < body.length; i++) {
        body[i] =
            random.nextInt(20) == 0
                ? (byte) random.nextInt(256)
                : alphabet[random.nextInt(alphabet.length - 1)];
      }
      if (FormFields.read(body) instanceof Fields fields) {
        byte[] json = fields.json();
        assertThat(json.length).isLessThanOrEqualTo(2 * body.length + FormFields.MAX_JSON_OVERHEAD);
        assertThat(JsonScan.of("a").scan(json)).isInstanceOf(JsonScan.Members.class);
      }
    }
  }
}
