package io.penstock.ingest.config;

import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;

/**
 * Reads the properties of a client: free keys in the file, and variables that begin with the name
 * of their section.
 */
final class ClientPropertyReader {

  private static final String PROPERTY_SHAPE =
      "must be text, {env: NAME} or {file: PATH}, after the whole name, as ssl.key.password";

  private final Reading reading;
  private final String path;
  private final Map<String, Nodes.Entry> entries;
  private final ClientPropertyRules rules;

  /**
   * @param path of the section
   * @param entries what the file has in it
   */
  ClientPropertyReader(
      Reading reading, String path, Map<String, Nodes.Entry> entries, ClientPropertyRules rules) {
    this.reading = reading;
    this.path = path;
    this.entries = entries;
    this.rules = rules;
  }

  Map<String, String> read() {
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
                judge(name, value.text(""), value::problem, value::warning);
              }
              properties.put(name, value.text(""));
            });
    entries.forEach(
        (name, entry) -> {
          String refusal = rules.refusal(name).orElse(null);
          if (refusal != null) {
            reading.error(at(name), entry.line(), refusal);
          } else if (!overridden.contains(name)) {
            String value = property(name, entry);
            if (value != null) {
              judge(
                  name,
                  value,
                  message -> reading.error(at(name), entry.line(), message),
                  message -> reading.warning(at(name), entry.line(), message));
              properties.put(name, value);
            }
          }
        });
    return properties;
  }

  private void judge(
      String name, String value, Consumer<String> problem, Consumer<String> warning) {
    String complaint = rules.complaint(name, value);
    String doubt = complaint == null ? rules.doubt(name, value) : null;
    if (complaint != null) {
      problem.accept(complaint);
    } else if (doubt != null) {
      warning.accept(doubt);
    }
  }

  private @Nullable String property(String name, Nodes.Entry entry) {
    String at = at(name);
    Node node = entry.node();
    if (node instanceof MappingNode) {
      SecretRef reference = Nodes.reference(reading, at, node, PROPERTY_SHAPE);
      return reference == null ? null : reading.follow(reference, at, entry.line()).orElse(null);
    }
    if (Nodes.isNull(node)) {
      reading.error(at, entry.line(), "is empty; if that is meant, write \"\"");
      return null;
    }
    Value value = Nodes.scalar(reading, at, entry.line(), node);
    if (ClientPropertyRules.holdsSecret(name, value.text(""))) {
      value.problem(Nodes.SECRET_LITERAL);
    }
    return value.text();
  }

  private String at(String name) {
    return Nodes.at(path, name);
  }
}
