package io.penstock.ingest.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * A mapping where one may be, that knows its path. Where the file has none, it is empty, and its
 * scalars can still come from the environment.
 *
 * <p>Whoever binds a section asks for the keys that it knows; every other key of the file is then
 * reported as unknown.
 */
final class Section {

  private record Entry(int line, Node node) {}

  /** A reference to a secret, and where the file has it. */
  private record Found(SecretRef reference, String at, int line) {}

  private static final String SECRET_LITERAL =
      "a secret is never a literal: write {env: NAME} or {file: PATH}";

  private static final String NOTHING = "is empty, which is as if it were not there";

  private static final String SECRET_SHAPE =
      "a secret is either {env: NAME} or {file: PATH}, with a space after the colon";

  private static final String PROPERTY_SHAPE =
      "must be text, {env: NAME} or {file: PATH}, after the whole name, as ssl.key.password";

  private static final Pattern VARIABLE_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private final Reading reading;
  private final String path;
  private final @Nullable Integer line;
  private final Map<String, Entry> entries;
  private final Set<String> asked = new LinkedHashSet<>();
  private final List<Found> found = new ArrayList<>();

  /** Something else stands in this section's place: that is reported, and what it lacks is not. */
  private final boolean mistaken;

  private boolean open;

  /**
   * @param entries null if something mistaken stands in the section's place
   */
  private Section(
      Reading reading, String path, @Nullable Integer line, @Nullable Map<String, Entry> entries) {
    this.reading = reading;
    this.path = path;
    this.line = line;
    this.entries = entries == null ? Map.of() : entries;
    this.mistaken = entries == null;
  }

  /** Binds the whole document. */
  static <T> T root(Reading reading, @Nullable Node node, Function<Section, T> binder) {
    Map<String, Entry> entries =
        node == null || isNull(node) ? Map.of() : entries(reading, "", node);
    return new Section(reading, "", null, entries).bound(binder);
  }

  private <T extends @Nullable Object> T bound(Function<Section, T> binder) {
    T bound = binder.apply(this);
    refuseUnknownKeys();
    return bound;
  }

  /** Leaves unknown keys alone: which ones are known cannot be told. */
  void toleratesUnknownKeys() {
    open = true;
  }

  String path() {
    return path;
  }

  /** Whether the file has it, be it empty. */
  boolean isGiven() {
    return line != null && !mistaken;
  }

  void problem(String message) {
    reading.error(path, line, message);
  }

  /** Reports a problem of a key, given or not. */
  void problem(String key, String message) {
    Entry entry = entries.get(key);
    reading.error(at(key), entry == null ? line : Integer.valueOf(entry.line()), message);
  }

  /** Warns of a key, given or not. */
  void warning(String key, String message) {
    Entry entry = entries.get(key);
    reading.warning(at(key), entry == null ? line : Integer.valueOf(entry.line()), message);
  }

  /** The scalar of a key. */
  Value value(String key) {
    ask(key);
    String at = at(key);
    String override = reading.override(at);
    if (override != null) {
      return new Value(reading, at, override, null, Reading.variable(at));
    }
    Entry entry = entries.get(key);
    if (entry != null && isNull(entry.node())) {
      warning(key, NOTHING);
    }
    return entry == null
        ? new Value(reading, at, null, line, null)
        : scalar(at, entry.line(), entry.node());
  }

  /** The scalar of a key, whose absence is a problem. */
  Value required(String key) {
    Value value = value(key);
    if (!value.isPresent()) {
      missing(key);
    }
    return value;
  }

  /** The scalars of a key's list, or of the variable that overrides it, where commas part them. */
  List<Value> values(String key) {
    ask(key);
    String at = at(key);
    List<Value> values = new ArrayList<>();
    String override = reading.override(at);
    if (override != null) {
      for (String text : override.split(",", -1)) {
        values.add(new Value(reading, at, text.strip(), null, Reading.variable(at)));
      }
      return values;
    }
    List<Node> items = items(key);
    refuseEmpty(key, items);
    for (Node item : items) {
      String itemAt = at + "[" + values.size() + "]";
      if (isNull(item)) {
        reading.error(itemAt, lineOf(item), "is empty");
      }
      values.add(scalar(itemAt, lineOf(item), item));
    }
    return values;
  }

  /** Binds the mapping of a key. */
  <T extends @Nullable Object> T section(String key, Function<Section, T> binder) {
    ask(key);
    Entry entry = entries.get(key);
    if (entry == null || isNull(entry.node())) {
      if (entry != null) {
        warning(key, NOTHING);
      }
      return new Section(reading, at(key), null, mistaken ? null : Map.of()).bound(binder);
    }
    Map<String, Entry> inner = entries(reading, at(key), entry.node());
    return new Section(reading, at(key), entry.line(), inner).bound(binder);
  }

  /** Binds the mappings of a key's list, whose absence is a problem. */
  <T> List<T> sections(String key, Function<Section, T> binder) {
    ask(key);
    List<Node> items = items(key);
    requireSome(key, items);
    List<T> bound = new ArrayList<>();
    for (Node item : items) {
      String at = at(key) + "[" + bound.size() + "]";
      Map<String, Entry> inner = entries(reading, at, item);
      bound.add(new Section(reading, at, lineOf(item), inner).bound(binder));
    }
    return bound;
  }

  /** The references of a key's list, whose absence is a problem. */
  List<SecretRef> secrets(String key) {
    ask(key);
    List<Node> items = items(key);
    requireSome(key, items);
    List<SecretRef> secrets = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      String at = at(key) + "[" + i + "]";
      Node item = items.get(i);
      SecretRef secret = reference(at, item, SECRET_SHAPE);
      if (secret != null) {
        secrets.add(secret);
        found.add(new Found(secret, at, lineOf(item)));
      }
    }
    return secrets;
  }

  /** Takes note of the secrets of this section, now that it is known what they are for. */
  void judgeSecrets(AuthSpec spec) {
    found.forEach(each -> reading.secret(spec, each.reference(), each.at(), each.line()));
  }

  /** The free keys of a key's mapping, and of the variables that begin with its name. */
  Map<String, String> properties(String key, ClientPropertyRules rules) {
    return section(key, section -> section.properties(rules));
  }

  private Map<String, String> properties(ClientPropertyRules rules) {
    Map<String, String> properties = new TreeMap<>();
    Set<String> overridden = new LinkedHashSet<>();
    reading
        .overridesBelow(path)
        .forEach(
            (variable, suffix) -> {
              String name = suffix.toLowerCase(Locale.ROOT).replace('_', '.');
              String text = reading.valueOf(variable);
              overridden.add(name);
              Value value = new Value(reading, at(name), text, null, variable);
              String refusal = rules.refusal(name).orElse(null);
              if (refusal != null) {
                value.problem(refusal);
              } else {
                judge(rules, name, value.text(""), value::problem, value::warning);
              }
              properties.put(name, value.text(""));
            });
    entries.forEach(
        (name, entry) -> {
          asked.add(name);
          String refusal = rules.refusal(name).orElse(null);
          if (refusal != null) {
            problem(name, refusal);
          } else if (!overridden.contains(name)) {
            String value = property(name, entry);
            if (value != null) {
              judge(
                  rules,
                  name,
                  value,
                  message -> problem(name, message),
                  message -> warning(name, message));
              properties.put(name, value);
            }
          }
        });
    return properties;
  }

  private static void judge(
      ClientPropertyRules rules,
      String name,
      String value,
      Consumer<String> problem,
      Consumer<String> warning) {
    String complaint = rules.complaint(name, value);
    String doubt = complaint == null ? rules.doubt(name, value) : null;
    if (complaint != null) {
      problem.accept(complaint);
    } else if (doubt != null) {
      warning.accept(doubt);
    }
  }

  private @Nullable String property(String name, Entry entry) {
    String at = at(name);
    Node node = entry.node();
    if (node instanceof MappingNode) {
      SecretRef reference = reference(at, node, PROPERTY_SHAPE);
      return reference == null ? null : reading.follow(reference, at, entry.line()).orElse(null);
    }
    if (isNull(node)) {
      problem(name, "is empty; if that is meant, write \"\"");
      return null;
    }
    Value value = scalar(at, entry.line(), node);
    if (ClientPropertyRules.holdsSecret(name, value.text(""))) {
      value.problem(SECRET_LITERAL);
    }
    return value.text();
  }

  private @Nullable SecretRef reference(String at, Node node, String otherwise) {
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

  /** What a mapping holds; null if it is none, which is reported. */
  private static @Nullable Map<String, Entry> entries(Reading reading, String path, Node node) {
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

  private void refuseUnknownKeys() {
    if (open) {
      return;
    }
    entries.forEach(
        (key, entry) -> {
          if (!asked.contains(key)) {
            String suggestion = Suggestions.didYouMean(key, asked);
            String known = String.join(", ", asked);
            reading.error(
                at(printable(key)),
                entry.line(),
                "unknown key" + (suggestion.isEmpty() ? "; known here: " + known : suggestion));
          }
        });
  }

  private void ask(String key) {
    asked.add(key);
    reading.asked(at(key));
  }

  private String at(String key) {
    return at(path, key);
  }

  private static String at(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private Value scalar(String at, int line, Node node) {
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

  private List<Node> items(String key) {
    Entry entry = entries.get(key);
    if (entry == null || isNull(entry.node())) {
      return List.of();
    }
    if (entry.node() instanceof SequenceNode sequence) {
      return hasPlainTag(reading, at(key), sequence) ? sequence.getValue() : List.of();
    }
    problem(key, "must be a list");
    return List.of();
  }

  private void requireSome(String key, List<Node> items) {
    missing(key);
    refuseEmpty(key, items);
  }

  private void refuseEmpty(String key, List<Node> items) {
    Entry entry = entries.get(key);
    if (items.isEmpty() && entry != null && entry.node() instanceof SequenceNode) {
      problem(key, "must not be empty");
    }
  }

  /** Reports an absent key, unless something mistaken stands in its place, which is reported. */
  private void missing(String key) {
    Entry entry = entries.get(key);
    if (!mistaken && (entry == null || isNull(entry.node()))) {
      problem(key, "is required");
    }
  }

  /** A plain value that begins with an exclamation mark is a tag to YAML, and its text is gone. */
  private static boolean hasPlainTag(Reading reading, String at, Node node) {
    if (node.getTag().startsWith(Tag.PREFIX)) {
      return true;
    }
    reading.error(at, lineOf(node), "has a YAML tag; text that begins with ! needs quotes");
    return false;
  }

  private static boolean isNull(Node node) {
    return node.getTag().equals(Tag.NULL);
  }

  private static int lineOf(Node node) {
    return node.getStartMark().getLine() + 1;
  }

  /** A key of the file, fit for a message. */
  private static String printable(String key) {
    String printable = key.replaceAll("[^\\x21-\\x7E]", "?");
    return printable.length() <= 60 ? printable : printable.substring(0, 60) + "…";
  }
}
