package io.penstock.ingest.console.delivery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.ingest.lookup.PlainText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The provider's JSON beside the event's typed fields, line by line, with what differs marked.
 *
 * @param json the provider's
 * @param event the typed fields that are not null
 * @param differences how many values differ or are on one side alone
 * @param cut whether more lines were left out
 */
public record EventLines(List<Line> json, List<Line> event, int differences, boolean cut) {

  private static final int MOST_LINES = 2_000;
  private static final int MOST_BYTES = 256 * 1024;

  /** Before a type among values: no member has such a name. */
  private static final String TYPE = "\n";

  private static final int LONGEST_VALUE = 2_000;

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  /**
   * One line.
   *
   * @param mark empty, or a word for what differs
   * @param style the class of the stylesheet
   */
  public record Line(String text, String mark, String style) {}

  /**
   * Compares.
   *
   * @param providerJson the event's field {@code json}
   * @param fields all fields of the event
   * @param type of the event, which the provider names somewhere in its JSON
   */
  static EventLines of(String providerJson, ObjectNode fields, String type) {
    ObjectNode typed = fields.deepCopy();
    typed.remove("json");
    withoutNulls(typed);
    JsonNode provider;
    try {
      provider =
          providerJson.length() > MOST_BYTES ? MAPPER.missingNode() : MAPPER.readTree(providerJson);
    } catch (JsonProcessingException e) {
      provider = MAPPER.missingNode();
    }
    Map<String, JsonNode> left = new HashMap<>();
    Map<String, JsonNode> right = new HashMap<>();
    leaves("", provider, left);
    leaves("", typed, right);
    Set<String> leftValues = values(left);
    Set<String> rightValues = values(right);
    rightValues.add(TYPE + type);
    boolean comparable = !provider.isMissingNode();
    Writer json = new Writer(right, rightValues, "only in the body", comparable);
    Writer event = new Writer(left, leftValues, "only in the event", comparable);
    if (comparable) {
      json.write("", "", provider, 0, "");
    }
    event.write("", "", typed, 0, "");
    return new EventLines(
        List.copyOf(json.lines),
        List.copyOf(event.lines),
        json.differences + event.only,
        json.cut || event.cut);
  }

  private static void withoutNulls(JsonNode node) {
    if (node instanceof ObjectNode object) {
      object.properties().removeIf(member -> member.getValue().isNull());
    }
    node.forEach(EventLines::withoutNulls);
  }

  private static void leaves(String path, JsonNode node, Map<String, JsonNode> leaves) {
    if (node.isObject()) {
      node.properties()
          .forEach(each -> leaves(path + "." + each.getKey(), each.getValue(), leaves));
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        leaves(path + "[" + i + "]", node.get(i), leaves);
      }
    } else if (!node.isNull() && !node.isMissingNode()) {
      leaves.put(path, node);
    }
  }

  /** A value is on the other side too where a member of its name has it, wherever that stands. */
  private static Set<String> values(Map<String, JsonNode> leaves) {
    Set<String> values = new HashSet<>();
    leaves.forEach((path, node) -> values.add(value(path, node)));
    return values;
  }

  private static String value(String path, JsonNode node) {
    String member = path.substring(path.lastIndexOf('.') + 1);
    // With an exponent: written in full, 1e999999999 would take all memory.
    String text =
        node.isNumber() ? node.decimalValue().stripTrailingZeros().toString() : node.asText();
    return member + "=" + text;
  }

  private static boolean same(JsonNode one, JsonNode other) {
    if (one.isNumber() && other.isNumber()) {
      return one.decimalValue().compareTo(other.decimalValue()) == 0;
    }
    return one.equals(other) || one.asText().equals(other.asText());
  }

  /** Sets one side in lines. */
  private static final class Writer {

    private final Map<String, JsonNode> others;
    private final Set<String> values;
    private final String alone;
    private final boolean comparable;
    private final List<Line> lines = new ArrayList<>();
    private int differences;
    private int only;
    private boolean cut;

    Writer(Map<String, JsonNode> others, Set<String> values, String alone, boolean comparable) {
      this.others = others;
      this.values = values;
      this.alone = alone;
      this.comparable = comparable;
    }

    void write(String path, String name, JsonNode node, int depth, String end) {
      if (lines.size() >= MOST_LINES) {
        cut = true;
        return;
      }
      String begin = "  ".repeat(depth) + name;
      if (node.isObject() && !node.isEmpty()) {
        add(begin + "{", "", "");
        Iterator<Map.Entry<String, JsonNode>> members = node.properties().iterator();
        while (members.hasNext()) {
          Map.Entry<String, JsonNode> member = members.next();
          write(
              path + "." + member.getKey(),
              JsonNodeFactory.instance.textNode(member.getKey()) + ": ",
              member.getValue(),
              depth + 1,
              members.hasNext() ? "," : "");
        }
        add("  ".repeat(depth) + "}" + end, "", "");
      } else if (node.isArray() && !node.isEmpty()) {
        add(begin + "[", "", "");
        for (int i = 0; i < node.size(); i++) {
          write(path + "[" + i + "]", "", node.get(i), depth + 1, i + 1 < node.size() ? "," : "");
        }
        add("  ".repeat(depth) + "]" + end, "", "");
      } else {
        leaf(path, begin, node, end);
      }
    }

    private void leaf(String path, String begin, JsonNode node, String end) {
      String value = node.toString();
      String shown =
          value.length() > LONGEST_VALUE ? value.substring(0, LONGEST_VALUE) + "…" : value;
      String mark = "";
      if (comparable && node.isValueNode() && !node.isNull()) {
        JsonNode other = others.get(path);
        boolean elsewhere =
            values.contains(value(path, node)) || values.contains(TYPE + node.asText());
        if (other == null && !elsewhere) {
          mark = alone;
          only++;
          differences++;
        } else if (other != null && !same(node, other)) {
          mark = "differs";
          differences++;
        }
      }
      add(begin + shown + end, mark, mark.isEmpty() ? "" : "marked");
    }

    private void add(String text, String mark, String style) {
      lines.add(new Line(PlainText.of(text), mark, style));
    }
  }
}
