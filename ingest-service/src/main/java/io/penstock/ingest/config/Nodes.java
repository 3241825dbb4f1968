package io.penstock.ingest.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.Tag;

/** What YAML's nodes hold. What is wrong with them is reported, and never repeated. */
final class Nodes {

  static final String SECRET_LITERAL =
      "a secret is never a literal: write {env: NAME} or {file: PATH}";

  private static final Pattern VARIABLE_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private Nodes() {}

  /** A key's value, and the line of the key. */
  record Entry(int line, Node node) {}

  /** What a mapping holds; null, and a report, if the node is no mapping. */
  static @Nullable Map<String, Entry> entries(Reading reading, String path, Node node) {
    if (!(node instanceof MappingNode mapping)) {
      String problem = "must be a mapping, that is, `key: value` pairs";
      reading.error(path, lineOf(node), isNull(node) ? "is empty" : problem);
      return null;
    }
    if (!hasPlainTag(reading, path, node)) {
      return null;
    }
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      int line = lineOf(tuple.getKeyNode());
      if (!(tuple.getKeyNode() instanceof ScalarNode keyNode)) {
        reading.error(path, line, "a key must be a single word");
        continue;
      }
      String key = keyNode.getValue();
      Entry before = entries.putIfAbsent(key, new Entry(line, tuple.getValueNode()));
      if (before != null) {
        reading.error(
            at(path, printable(key)), line, "is given twice, first in line " + before.line());
      }
    }
    return entries;
  }

  /**
   * The reference that a mapping holds; null, and a report, if it holds none.
   *
   * @param otherwise what to say of a mapping that is no reference
   */
  static @Nullable SecretRef reference(Reading reading, String at, Node node, String otherwise) {
    if (!(node instanceof MappingNode mapping)) {
      reading.error(at, lineOf(node), isNull(node) ? "is empty" : SECRET_LITERAL);
      return null;
    }
    if (mapping.getValue().size() == 1) {
      NodeTuple only = mapping.getValue().getFirst();
      if (only.getKeyNode() instanceof ScalarNode key
          && only.getValueNode() instanceof ScalarNode value
          && !isNull(value)) {
        String text = value.getValue();
        if (key.getValue().equals("env")) {
          if (VARIABLE_NAME.matcher(text).matches()) {
            return new SecretRef.Env(text);
          }
          reading.error(
              at, lineOf(node), "env must be the name of an environment variable, not its value");
          return null;
        }
        if (key.getValue().equals("file")) {
          var path = new Value(reading, at, text, lineOf(node), null).filePath();
          return path == null ? null : new SecretRef.File(path);
        }
      }
    }
    reading.error(at, lineOf(node), otherwise);
    return null;
  }

  /** The scalar that a node is; absent, and a report, if it is no scalar. */
  static Value scalar(Reading reading, String at, int line, Node node) {
    if (isNull(node)) {
      return new Value(reading, at, null, line, null);
    }
    if (node instanceof ScalarNode scalar) {
      return new Value(
          reading, at, hasPlainTag(reading, at, node) ? scalar.getValue() : null, line, null);
    }
    String kind = node instanceof MappingNode ? "a mapping" : "a list";
    reading.error(at, line, "must be a single value, not " + kind);
    return new Value(reading, at, null, line, null);
  }

  /** A plain value that begins with an exclamation mark is a tag to YAML, and its text is gone. */
  static boolean hasPlainTag(Reading reading, String at, Node node) {
    if (node.getTag().startsWith(Tag.PREFIX)) {
      return true;
    }
    reading.error(at, lineOf(node), "has a YAML tag; text that begins with ! needs quotes");
    return false;
  }

  static boolean isNull(Node node) {
    return node.getTag().equals(Tag.NULL);
  }

  static int lineOf(Node node) {
    return node.getStartMark().getLine() + 1;
  }

  static String at(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  /** A key of the file, fit for a message. */
  static String printable(String key) {
    String printable = key.replaceAll("[^\\x21-\\x7E]", "?");
    return printable.length() <= 60 ? printable : printable.substring(0, 60) + "…";
  }
}
