package io.penstock.ingest.console;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SchemaChangesTest {

  private static String record(String fields) {
    return "{\"type\":\"record\",\"name\":\"R\",\"fields\":[" + fields + "]}";
  }

  @Test
  void fieldsThatCameWentOrChanged() {
    String before =
        record(
            "{\"name\":\"a\",\"type\":\"int\"},{\"name\":\"b\",\"type\":\"string\"},"
                + "{\"name\":\"in\",\"type\":{\"type\":\"record\",\"name\":\"I\",\"fields\":"
                + "[{\"name\":\"x\",\"type\":\"int\"}]}}");
    String after =
        record(
            "{\"name\":\"a\",\"type\":[\"null\",\"int\"]},"
                + "{\"name\":\"in\",\"type\":{\"type\":\"record\",\"name\":\"I\",\"fields\":"
                + "[{\"name\":\"x\",\"type\":\"int\"},{\"name\":\"y\",\"type\":"
                + "{\"type\":\"array\",\"items\":\"R\"}}]}}");

    assertThat(SchemaChanges.between(before, after))
        .containsExactly("± a: int → null or int", "− b: string", "+ in.y: array of R");
  }

  @Test
  void onlyWordsDiffer() {
    assertThat(
            SchemaChanges.between(
                record("{\"name\":\"a\",\"type\":\"int\"}"),
                record("{\"name\":\"a\",\"type\":\"int\",\"doc\":\"d\"}")))
        .containsExactly("the same fields: only documentation or properties differ");
  }

  @Test
  void whatIsNoSchemaIsSaidSo() {
    assertThat(SchemaChanges.between("<", "{}")).singleElement().asString().contains("not Avro");
  }
}
