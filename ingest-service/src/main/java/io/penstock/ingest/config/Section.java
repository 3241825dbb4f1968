package io.penstock.ingest.config;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * A mapping where one may be, that knows its path. Where the file has none, it is empty, and its
 * scalars can still come from the environment.
 *
 * <p>The code that binds a section asks for the keys that it knows; every other key of the file is
 * then reported as unknown.
 */
public final class Section {

  /** A reference to a secret, and where the file has it. */
  private record Found(SecretRef reference, String at, int line) {}

  private static final String SECRET_SHAPE =
      "a secret is either {env: NAME} or {file: PATH}, with a space after the colon";

  private static final String NOTHING = "is empty, which is as if it were not there";

  private final Reading reading;
  private final String path;
  private final @Nullable Integer line;
  private final Map<String, Nodes.Entry> entries;
  private final Set<String> asked = new LinkedHashSet<>();
  private final List<Found> found = new ArrayList<>();

  /** Something else stands in this section's place: that is reported, and what it lacks is not. */
  private final boolean mistaken;

  private boolean open;

  /**
   * @param entries null if something mistaken stands in the section's place
   */
  private Section(
      Reading reading,
      String path,
      @Nullable Integer line,
      @Nullable Map<String, Nodes.Entry> entries) {
    this.reading = reading;
    this.path = path;
    this.line = line;
    this.entries = entries == null ? Map.of() : entries;
    this.mistaken = entries == null;
  }

  /** Binds the whole document. */
  static <T> T root(Reading reading, @Nullable Node node, Function<Section, T> binder) {
    Map<String, Nodes.Entry> entries =
        node == null || Nodes.isNull(node) ? Map.of() : Nodes.entries(reading, "", node);
    return new Section(reading, "", null, entries).bound(binder);
  }

  private <T extends @Nullable Object> T bound(Function<Section, T> binder) {
    T bound = binder.apply(this);
    refuseUnknownKeys();
    return bound;
  }

  /** Reports no unknown keys: which ones are known depends on what is missing. */
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
  public void problem(String key, String message) {
    Nodes.Entry entry = entries.get(key);
    reading.error(at(key), entry == null ? line : Integer.valueOf(entry.line()), message);
  }

  /** Warns of a key, given or not. */
  public void warning(String key, String message) {
    Nodes.Entry entry = entries.get(key);
    reading.warning(at(key), entry == null ? line : Integer.valueOf(entry.line()), message);
  }

  /** The scalar of a key. */
  public Value value(String key) {
    ask(key);
    String at = at(key);
    String override = reading.override(at);
    if (override != null) {
      return new Value(reading, at, override, null, Reading.variable(at));
    }
    Nodes.Entry entry = entries.get(key);
    if (entry != null && Nodes.isNull(entry.node())) {
      warning(key, NOTHING);
    }
    return entry == null
        ? new Value(reading, at, null, line, null)
        : Nodes.scalar(reading, at, entry.line(), entry.node());
  }

  /** The scalar of a key, whose absence is a problem. */
  public Value required(String key) {
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
      if (Nodes.isNull(item)) {
        reading.error(itemAt, Nodes.lineOf(item), "is empty");
      }
      values.add(Nodes.scalar(reading, itemAt, Nodes.lineOf(item), item));
    }
    return values;
  }

  /** As {@link #values}, of a key that may have a single scalar instead of a list. */
  List<Value> oneOrMore(String key) {
    Nodes.Entry entry = entries.get(key);
    if (entry != null && entry.node() instanceof SequenceNode) {
      return values(key);
    }
    Value value = value(key);
    return value.isPresent() ? List.of(value) : List.of();
  }

  /** Whether the file has a key, be it empty. */
  boolean has(String key) {
    return entries.containsKey(key);
  }

  /** Whether a key has a list, which is not overridden. */
  boolean isList(String key) {
    Nodes.Entry entry = entries.get(key);
    return entry != null
        && entry.node() instanceof SequenceNode
        && reading.override(at(key)) == null;
  }

  /** Binds the mapping of a key. */
  <T extends @Nullable Object> T section(String key, Function<Section, T> binder) {
    ask(key);
    Nodes.Entry entry = entries.get(key);
    if (entry == null || Nodes.isNull(entry.node())) {
      if (entry != null) {
        warning(key, NOTHING);
      }
      return new Section(reading, at(key), null, mistaken ? null : Map.of()).bound(binder);
    }
    Map<String, Nodes.Entry> inner = Nodes.entries(reading, at(key), entry.node());
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
      Map<String, Nodes.Entry> inner = Nodes.entries(reading, at, item);
      bound.add(new Section(reading, at, Nodes.lineOf(item), inner).bound(binder));
    }
    return bound;
  }

  /** Binds the mappings of a key's list, which may be absent. */
  <T> List<T> optionalSections(String key, Function<Section, T> binder) {
    return isAbsent(key) ? noSections(key) : sections(key, binder);
  }

  private <T> List<T> noSections(String key) {
    ask(key);
    return List.of();
  }

  /** The references of a key's list, whose absence is a problem. */
  public List<SecretRef> secrets(String key) {
    ask(key);
    List<Node> items = items(key);
    requireSome(key, items);
    List<SecretRef> secrets = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      String at = at(key) + "[" + i + "]";
      Node item = items.get(i);
      SecretRef secret = Nodes.reference(reading, at, item, SECRET_SHAPE);
      if (secret != null) {
        secrets.add(secret);
        found.add(new Found(secret, at, Nodes.lineOf(item)));
      }
    }
    return secrets;
  }

  /** Takes note of the secrets of this section, now that it is known what they are for. */
  void judgeSecrets(AuthSpec spec) {
    found.forEach(each -> reading.secret(spec, each.reference(), each.at(), each.line()));
  }

  /** Takes note of the secrets of this section, which must have so many bytes. */
  void noteSecrets(int least) {
    found.forEach(each -> reading.reference(each.reference(), least, each.at(), each.line()));
  }

  /** The free keys of a key's mapping, and of the variables that begin with its name. */
  Map<String, String> properties(String key, ClientPropertyRules rules) {
    return section(
        key,
        section -> {
          section.asked.addAll(section.entries.keySet());
          return new ClientPropertyReader(section.reading, section.path, section.entries, rules)
              .read();
        });
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
                at(Nodes.printable(key)),
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
    return Nodes.at(path, key);
  }

  private List<Node> items(String key) {
    Nodes.Entry entry = entries.get(key);
    if (entry == null || Nodes.isNull(entry.node())) {
      return List.of();
    }
    if (entry.node() instanceof SequenceNode sequence) {
      return Nodes.hasPlainTag(reading, at(key), sequence) ? sequence.getValue() : List.of();
    }
    problem(key, "must be a list");
    return List.of();
  }

  private void requireSome(String key, List<Node> items) {
    missing(key);
    refuseEmpty(key, items);
  }

  private void refuseEmpty(String key, List<Node> items) {
    Nodes.Entry entry = entries.get(key);
    if (items.isEmpty() && entry != null && entry.node() instanceof SequenceNode) {
      problem(key, "must not be empty");
    }
  }

  /** Reports an absent key, unless something mistaken stands in its place, which is reported. */
  private void missing(String key) {
    if (!mistaken && isAbsent(key)) {
      problem(key, "is required");
    }
  }

  private boolean isAbsent(String key) {
    Nodes.Entry entry = entries.get(key);
    return entry == null || Nodes.isNull(entry.node());
  }
}
