package io.penstock.ingest.provider.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.ingest.json.JsonPointers;
import io.penstock.ingest.provider.EventTime;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What samples of a sender have in each place of theirs: how often, and of what kind. */
final class SampleFacts {

  /** How deep a body is looked into. */
  private static final int MAX_DEPTH = 8;

  /** How many places are looked at. */
  private static final int MAX_PLACES = 2000;

  private final Map<String, Spot> places = new LinkedHashMap<>();
  private int samples;

  /** What one place has over all samples. */
  static final class Spot {

    private final String text;
    private final String name;
    private final int depth;
    private final Set<String> values = new HashSet<>();
    private int count;
    private boolean areTimes = true;
    private boolean areNames = true;
    private boolean areLong = true;

    private Spot(String text, String name, int depth) {
      this.text = text;
      this.name = name;
      this.depth = depth;
    }

    /** As a configuration writes it. */
    String text() {
      return text;
    }

    /** Its last part, in lower case, without dashes and underscores. */
    String name() {
      return name;
    }

    /** How deep it is in the body; 0 for a header. */
    int depth() {
      return depth;
    }

    boolean isHeader() {
      return depth == 0;
    }

    /** How many samples have a value here. */
    int count() {
      return count;
    }

    /** How many values there are. */
    int distinct() {
      return values.size();
    }

    /** Whether all values are plausible times. */
    boolean areTimes() {
      return areTimes;
    }

    /** Whether all values could be the name of a type. */
    boolean areNames() {
      return areNames;
    }

    /** Whether all values have enough characters to identify something. */
    boolean areLong() {
      return areLong;
    }

    private void add(String value) {
      count++;
      values.add(value);
      areTimes &= EventTime.plausible(JsonPointers.millisOrSeconds(value)) != null;
      areNames &= value.matches("[A-Za-z][A-Za-z0-9._:/ -]{0,99}");
      areLong &= value.length() >= 6;
    }
  }

  /** Takes in one sample. */
  void add(Map<String, String> headers, JsonNode body) {
    samples++;
    headers.forEach(
        (header, value) -> {
          String lower = header.toLowerCase(Locale.ROOT);
          if (lower.matches("[a-z0-9-]{1,100}")) {
            place("header:" + lower, lower, 0).add(value);
          }
        });
    add("", body, 1);
  }

  private void add(String pointer, JsonNode node, int depth) {
    if (!(node instanceof ObjectNode object) || depth > MAX_DEPTH) {
      return;
    }
    object
        .properties()
        .forEach(
            member -> {
              String below = pointer + "/" + member.getKey().replace("~", "~0").replace("/", "~1");
              JsonNode value = member.getValue();
              if (!JsonPointers.isPointer(below) || places.size() >= MAX_PLACES) {
                return;
              }
              if (value.isTextual() || value.isNumber()) {
                place(below, member.getKey(), depth).add(value.asText());
              } else {
                add(below, value, depth + 1);
              }
            });
  }

  private Spot place(String text, String name, int depth) {
    return places.computeIfAbsent(
        text,
        absent -> new Spot(text, name.toLowerCase(Locale.ROOT).replaceAll("[-_]", ""), depth));
  }

  /** How many samples there were. */
  int samples() {
    return samples;
  }

  /** All places, in the order in which they were first seen. */
  Iterable<Spot> places() {
    return places.values();
  }

  /** Whether any sample had a header. */
  boolean hasHeader(String name) {
    return places.containsKey("header:" + name);
  }
}
