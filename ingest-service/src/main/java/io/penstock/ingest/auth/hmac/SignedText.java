package io.penstock.ingest.auth.hmac;

import io.penstock.ingest.json.FormFields;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What is signed: literal text and placeholders.
 *
 * @param parts in their order
 */
record SignedText(List<Part> parts) {

  private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^{}]*)}");
  private static final Pattern LITERAL = Pattern.compile("[\\x20-\\x7E&&[^{}]]*");

  /** The most characters of a template. */
  static final int MAX_LENGTH = 200;

  SignedText {
    parts = List.copyOf(parts);
  }

  /** A part of what is signed. */
  sealed interface Part {

    /** Text that is always the same, in ASCII. */
    record Literal(String text) implements Part {}

    /** Something of the request. */
    record Placeholder(Kind kind) implements Part {}
  }

  /** What a placeholder stands for. */
  enum Kind {
    /** The exact bytes of the body. */
    BODY("body"),
    /** The time of the signature, as it stands in the request. */
    TIMESTAMP("timestamp"),
    /** The address that the sender sends to, as configured. */
    URL("url"),
    /** The fields of a form, sorted by their names: each name, and each of its values, sorted. */
    FORM("form");

    /** All, by what stands between the braces. */
    static final Map<String, Kind> BY_KEY =
        Arrays.stream(values())
            .collect(Collectors.toUnmodifiableMap(kind -> kind.key, kind -> kind));

    private final String key;

    Kind(String key) {
      this.key = key;
    }
  }

  /** What a template comes to. */
  sealed interface Template {

    /** A template. */
    record Usable(SignedText text) implements Template {}

    /**
     * No template.
     *
     * @param problem what it must be
     */
    record Unusable(String problem) implements Template {}
  }

  /** Reads a template, such as {@code v0:{timestamp}:{body}}. */
  static Template read(String template) {
    List<Part> parts = new ArrayList<>();
    Set<Kind> kinds = new HashSet<>();
    Matcher placeholders = PLACEHOLDER.matcher(template);
    int end = 0;
    while (placeholders.find()) {
      if (placeholders.start() > end) {
        parts.add(new Part.Literal(template.substring(end, placeholders.start())));
      }
      Kind kind = Kind.BY_KEY.get(placeholders.group(1));
      if (kind == null || !kinds.add(kind)) {
        return new Template.Unusable(
            "must have {body} or {form}, and may have {timestamp} and {url}, each once");
      }
      parts.add(new Part.Placeholder(kind));
      end = placeholders.end();
    }
    if (end < template.length()) {
      parts.add(new Part.Literal(template.substring(end)));
    }
    for (Part part : parts) {
      if (part instanceof Part.Literal literal && !LITERAL.matcher(literal.text()).matches()) {
        return new Template.Unusable(
            "must be visible ASCII and placeholders in braces, such as {timestamp}.{body}");
      }
    }
    if (kinds.contains(Kind.BODY) == kinds.contains(Kind.FORM)) {
      return new Template.Unusable(
          "must have either {body} or {form}: what is not signed can be changed");
    }
    return template.length() > MAX_LENGTH
        ? new Template.Unusable("must not be longer than " + MAX_LENGTH + " characters")
        : new Template.Usable(new SignedText(parts));
  }

  /** Whether it has a placeholder. */
  boolean has(Kind kind) {
    return parts.contains(new Part.Placeholder(kind));
  }

  /**
   * Hands the bytes that are signed to a sink, in their order.
   *
   * @param timestamp as it stands in the request; empty where there is none
   * @param url as configured; empty where there is none
   * @param body not changed
   */
  void write(String timestamp, String url, byte[] body, Consumer<byte[]> sink) {
    for (Part part : parts) {
      switch (part) {
        case Part.Literal literal -> sink.accept(literal.text().getBytes(StandardCharsets.UTF_8));
        case Part.Placeholder placeholder -> {
          switch (placeholder.kind()) {
            case BODY -> sink.accept(body);
            case TIMESTAMP -> sink.accept(timestamp.getBytes(StandardCharsets.UTF_8));
            case URL -> sink.accept(url.getBytes(StandardCharsets.UTF_8));
            case FORM -> writeForm(body, sink);
          }
        }
      }
    }
  }

  /**
   * Whether a body can be signed so: one of which the fields are signed has to be a form.
   *
   * @param body not changed
   */
  boolean isFor(byte[] body) {
    return !has(Kind.FORM) || FormFields.read(body) instanceof FormFields.Fields;
  }

  private static void writeForm(byte[] body, Consumer<byte[]> sink) {
    if (FormFields.read(body) instanceof FormFields.Fields fields) {
      new TreeMap<>(fields.values())
          .forEach(
              (name, values) -> {
                for (String value : new TreeSet<>(values)) {
                  sink.accept((name + value).getBytes(StandardCharsets.UTF_8));
                }
              });
    }
  }
}
