package io.penstock.ingest.json;

import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.ZoneOffset;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.jspecify.annotations.Nullable;

/**
 * Turns a JSON object into an Avro record, as the record's schema says (see this package's
 * properties of schemas).
 *
 * <table>
 * <caption>What fits what</caption>
 * <tr><th>Avro</th><th>JSON</th></tr>
 * <tr><td>string</td><td>a string; a number or a boolean as its literal text</td></tr>
 * <tr><td>opaque string</td><td>any value, as its exact text</td></tr>
 * <tr><td>boolean</td><td>true, false; also as text</td></tr>
 * <tr><td>long</td><td>a whole number in range, however it is written: {@code 1}, {@code 1.0}, {@code 1e0}; also as text</td></tr>
 * <tr><td>double</td><td>a number that is finite as a double; also as text</td></tr>
 * <tr><td>timestamp-millis</td><td>a whole number of milliseconds since 1970: 0, or of the years 2000 to 2099 (these also as text);
 *     text with date, time and zone (ISO 8601, RFC 3339, RFC 1123) of the years 1 to 9999; without a zone if the conventions
 *     name the sender's</td></tr>
 * <tr><td>array, map, record</td><td>an array of what fits its items, an object of what fits its values, an object</td></tr>
 * </table>
 *
 * <p>A field is null if its member is absent or null, or if the member's value does not fit. A map
 * leaves out a value that does not fit; an array with an item that does not fit is null, because
 * the items behind it would move. A value that does not fit is noted as a deviation, by the field's
 * path in the schema: {@code document.size}, {@code sceneTreeNames[]} for an array's items and a
 * map's values. Members that the schema does not name are skipped. They are noted once for each
 * record, as {@code document.*}, however deep they stand below it. A text is read as a number, true
 * or false if JSON would read it so without the quotes: {@code "12"}, but neither {@code " 12 "}
 * nor {@code "+5"} nor {@code "True"}. Half a surrogate pair, which UTF-8 cannot encode, becomes
 * U+FFFD.
 *
 * <p>Compiled once from the schema, then safe for use by any number of threads. The stack that it
 * needs is bounded by the schema, not by the body.
 */
public final class JsonToAvro {

  /** How a deviation ends that stands for members which the schema does not name. */
  public static final String UNDOCUMENTED = "*";

  private final RecordReader reader;

  private JsonToAvro(RecordReader reader) {
    this.reader = reader;
  }

  /**
   * What holds for all of a sender's JSON.
   *
   * @param names how the names of members follow from those of fields
   * @param zone the zone of times that name none; null if the sender does not document one
   */
  public record Conventions(MemberNames names, @Nullable ZoneOffset zone) {

    /**
     * The conventions of a topic's schema, by its property {@link MappingProperties#JSON_NAMES}.
     */
    public static Conventions of(Schema event, @Nullable ZoneOffset zone) {
      return new Conventions(MemberNames.of(event), zone);
    }
  }

  /**
   * A reader of one record.
   *
   * @param schema of a record of which every field is nullable
   * @param path the record's own, in front of those of its fields in deviations; empty for none
   * @param elsewhere the paths of members below the record that are read elsewhere
   */
  public static JsonToAvro of(
      Schema schema, String path, Conventions conventions, Set<String> elsewhere) {
    return new JsonToAvro(new RecordReader(schema, path, conventions, elsewhere));
  }

  /**
   * A reader of one record from a whole body, in which other members stand beside the record's.
   * Undocumented members are noted as {@link #UNDOCUMENTED} if they are at the root, as a scan
   * would note them, and under the record's path if they are below it.
   *
   * @param schema of a record of which every field is nullable
   * @param path the record's own, in front of those of its fields in deviations
   * @param envelope the names of members that are read elsewhere
   * @param empty the names of members that are documented as objects without members
   */
  public static JsonToAvro ofRoot(
      Schema schema,
      String path,
      Conventions conventions,
      Set<String> envelope,
      Set<String> empty) {
    return new JsonToAvro(new RecordReader(schema, path, conventions, envelope, empty));
  }

  /**
   * Reads one value of a body that {@link JsonScan} has accepted.
   *
   * @param start where the value starts
   * @param end the first byte after it
   * @param deviations gets the paths of what does not fit
   * @return null if the value is not an object
   */
  public GenericData.@Nullable Record read(
      byte[] body, int start, int end, Set<String> deviations) {
    try (JsonParser parser = Jackson.CHECKED.createParser(body, start, end - start)) {
      parser.nextToken();
      return reader.read(new ValueReader.ReadBody(parser, body, start, deviations));
    } catch (IOException e) {
      throw new UncheckedIOException("not a value of a well-formed body", e);
    }
  }
}
