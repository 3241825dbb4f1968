package io.penstock.ingest.console.live;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which deliveries a page wants; an empty text wants all.
 *
 * @param source the source's name
 * @param type the provider's name of what happened, or a part of it
 * @param entity a part of the entity key
 * @param outcome a {@linkplain Outcome#code outcome}
 * @param text a part of anything that a row shows, or of an id
 */
public record LiveFilter(String source, String type, String entity, String outcome, String text) {

  /** All deliveries. */
  public static final LiveFilter ALL = new LiveFilter("", "", "", "", "");

  /** In characters; what is longer is cut. */
  private static final int LONGEST = 200;

  public LiveFilter {
    source = cut(source);
    type = cut(type);
    entity = cut(entity);
    outcome = cut(outcome);
    text = cut(text);
  }

  private static String cut(String text) {
    String stripped = text.strip();
    return stripped.length() <= LONGEST ? stripped : stripped.substring(0, LONGEST);
  }

  /** Takes the filter from an address's parameters. */
  public static LiveFilter of(Function<String, @Nullable String> parameters) {
    return new LiveFilter(
        given(parameters.apply("source")),
        given(parameters.apply("type")),
        given(parameters.apply("entity")),
        given(parameters.apply("outcome")),
        given(parameters.apply("q")));
  }

  private static String given(@Nullable String text) {
    return text == null ? "" : text;
  }

  /** The filter as an address's query, without a question mark; empty for all. */
  public String query() {
    return parameters().entrySet().stream()
        .map(entry -> entry.getKey() + "=" + URLEncoder.encode(entry.getValue(), UTF_8))
        .collect(Collectors.joining("&"));
  }

  private Map<String, String> parameters() {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("source", source);
    parameters.put("type", type);
    parameters.put("entity", entity);
    parameters.put("outcome", outcome);
    parameters.put("q", text);
    parameters.values().removeIf(String::isEmpty);
    return parameters;
  }

  /** Whether no condition is given. */
  public boolean isEmpty() {
    return equals(ALL);
  }

  /** Whether a row meets every condition that is given. */
  public boolean matches(LiveRow row) {
    return (source.isEmpty() || row.source().equals(source))
        && (outcome.isEmpty() || row.outcome().code().equals(outcome))
        && (type.isEmpty() || holds(row.type(), type))
        && (entity.isEmpty() || holds(row.entity(), entity))
        && (text.isEmpty()
            || holds(row.entity(), text)
            || holds(row.type(), text)
            || holds(row.source(), text)
            || row.receiptId().equals(text)
            || row.eventId().equals(text)
            || (row.outcome() instanceof Outcome.NotTaken refused
                && (refused.reason().equals(text) || holds(refused.why(), text)))
            || row.at().map(Object::toString).filter(text::equals).isPresent());
  }

  private static boolean holds(String text, String part) {
    return text.contains(part)
        || text.toLowerCase(Locale.ROOT).contains(part.toLowerCase(Locale.ROOT));
  }
}
