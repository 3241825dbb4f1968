package io.penstock.ingest.provider.webhook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.ingest.provider.webhook.SampleFacts.Spot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Proposes a source of the generic provider from samples of its sender. Guesses by names and by how
 * often values occur; repeats names of members and headers, and never a value of a sample.
 */
public final class SourceDraft {

  /** How many samples are looked at. */
  public static final int MAX_SAMPLES = 1000;

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Headers by which known senders sign, and how a source checks them. */
  private static final Map<String, String> SIGNATURES =
      Map.of(
          "x-hub-signature-256", "{type: hmac, preset: github, secrets: [{env: %s_SECRET}]}",
          "stripe-signature", "{type: hmac, preset: stripe, secrets: [{env: %s_SECRET}]}",
          "x-shopify-hmac-sha256", "{type: hmac, preset: shopify, secrets: [{env: %s_SECRET}]}",
          "x-slack-signature", "{type: hmac, preset: slack, secrets: [{env: %s_SECRET}]}",
          "x-twilio-signature",
              "{type: hmac, preset: twilio, secrets: [{env: %s_SECRET}], url:"
                  + " \"https://hooks.example.com/webhooks/%s\"}",
          "webhook-signature", "{type: standard-webhooks, secrets: [{env: %s_SECRET}]}",
          "svix-signature", "{type: standard-webhooks, secrets: [{env: %s_SECRET}]}");

  private static final List<String> ID_NAMES =
      List.of("eventid", "messageid", "deliveryid", "webhookid", "uuid", "guid", "id", "event");
  private static final List<String> TYPE_NAMES =
      List.of("eventtype", "eventname", "event", "type", "topic", "action", "kind");
  private static final List<String> TIME_NAMES =
      List.of("timestamp", "occurredat", "eventtime", "createdat", "created", "time", "date");

  /** How many characters of samples are kept, for a schema. */
  private static final long MOST_KEPT = 32L * 1024 * 1024;

  /** A path that a provider's layout can have: names with dots between them. */
  private static final Pattern PATH = Pattern.compile("(/[A-Za-z_][A-Za-z0-9_-]*)+");

  private final SampleFacts facts = new SampleFacts();
  private final List<JsonNode> bodies = new ArrayList<>();
  private long kept;

  /**
   * Takes in one sample: a body as JSON; or an object of {@code headers}, by name, and {@code
   * body}.
   *
   * @return whether it was a sample
   */
  public boolean add(String line) {
    try {
      JsonNode node = JSON.readTree(line);
      if (node == null || facts.samples() >= MAX_SAMPLES) {
        return false;
      }
      if (node.size() == 2 && node.get("headers") instanceof ObjectNode given && node.has("body")) {
        Map<String, String> headers = new HashMap<>();
        given.properties().forEach(each -> headers.put(each.getKey(), each.getValue().asText()));
        facts.add(headers, node.get("body"));
        keep(node.get("body"), line);
        return true;
      }
      if (!node.isContainerNode()) {
        return false;
      }
      facts.add(Map.of(), node);
      keep(node, line);
      return true;
    } catch (JsonProcessingException e) {
      return false;
    }
  }

  private void keep(JsonNode body, String line) {
    kept += line.length();
    if (kept <= MOST_KEPT) {
      bodies.add(body);
    }
  }

  /**
   * A provider of its own, in place of the generic one.
   *
   * @param name of lower case letters, digits and dashes
   */
  public ProviderDraft provider(String name) {
    String plain = name.replace("-", "");
    if (!Character.isLetter(plain.charAt(0))) {
      return new ProviderDraft.Impossible("a provider's name begins with a letter");
    }
    String id = path(best(SourceDraft::idScore));
    String type = path(best(SourceDraft::typeScore));
    String time = path(best(SourceDraft::timeScore));
    String found =
        path(best(place -> isAt(place, id) || isAt(place, type) ? 0 : entityScore(place)));
    String entity = found == null ? id : found;
    if (type == null) {
      return new ProviderDraft.Impossible(
          "no member of the body names the type in every sample; a provider needs one");
    }
    if (entity == null) {
      return new ProviderDraft.Impossible(
          "no member of the body looks like the id of what the event is about, or of the event");
    }
    Map<String, List<JsonNode>> byType = new TreeMap<>();
    for (JsonNode body : bodies) {
      byType
          .computeIfAbsent(
              body.at("/" + type.replace('.', '/')).asText(), absent -> new ArrayList<>())
          .add(body);
    }
    String className = SchemaDraft.pascal(name);
    return ProviderDraft.files(
        plain,
        className,
        SchemaDraft.of(plain, className, byType),
        new ProviderDraft.Shape(type, entity, id, time),
        List.copyOf(byType.keySet()));
  }

  private static boolean isAt(Spot place, @Nullable String path) {
    return path != null && path.equals(path(place));
  }

  /** The path of a place as a layout has it; null where it is in no body. */
  private static @Nullable String path(@Nullable Spot place) {
    return place == null || place.isHeader() || !PATH.matcher(place.text()).matches()
        ? null
        : place.text().substring(1).replace('/', '.');
  }

  /**
   * The source, as a part of a configuration: YAML with comments that say what each guess is from.
   *
   * @param name of the source
   */
  public String yaml(String name) {
    Spot id = best(SourceDraft::idScore);
    Spot type = best(place -> place == id ? 0 : typeScore(place));
    Spot time = best(place -> place == id ? 0 : timeScore(place));
    Spot entity = best(place -> place == id || place == type ? 0 : entityScore(place));
    StringBuilder yaml = new StringBuilder(400);
    yaml.append("# A draft from ")
        .append(facts.samples())
        .append(facts.samples() == 1 ? " sample" : " samples")
        .append(
            ". Check every line against the sender's documentation: above all that the id is the\n")
        .append("# same in every retry of an event, and the entity too.\n")
        .append("sources:\n  - name: ")
        .append(name)
        .append("\n    provider: webhook\n    auth: [")
        .append(auth(name))
        .append("]\n    webhook:\n");
    line(yaml, "id", id == null ? "digest" : quoted(id.text()), idReason(id));
    if (type != null) {
      line(yaml, "type", quoted(type.text()), seen(type));
    }
    if (entity != null) {
      line(yaml, "entity", quoted(entity.text()), seen(entity));
    }
    if (time != null) {
      line(yaml, "time", quoted(time.text()), "a time in every sample");
    }
    return yaml.toString();
  }

  private String auth(String name) {
    String variable = name.toUpperCase(Locale.ROOT).replace('-', '_');
    for (Map.Entry<String, String> signature : SIGNATURES.entrySet()) {
      if (facts.hasHeader(signature.getKey())) {
        return signature.getValue().formatted(variable, name);
      }
    }
    return "{type: url-token, tokens: [{env: %s_URL_TOKEN}]}".formatted(variable);
  }

  private static void line(StringBuilder yaml, String key, String value, String reason) {
    yaml.append("      ").append(key).append(": ").append(value);
    yaml.append(" ".repeat(Math.max(1, 48 - key.length() - value.length())));
    yaml.append("# ").append(reason).append('\n');
  }

  private String idReason(@Nullable Spot id) {
    return id == null
        ? "no place has a value of its own in every sample"
        : "in every sample, " + id.distinct() + " different";
  }

  private String seen(Spot place) {
    return "in "
        + place.count()
        + " of "
        + facts.samples()
        + ", "
        + place.distinct()
        + " different";
  }

  private static String quoted(String place) {
    return place.matches("[A-Za-z0-9_./:-]+") ? place : "'" + place.replace("'", "''") + "'";
  }

  private @Nullable Spot best(ToIntFunction<Spot> score) {
    Spot best = null;
    int most = 0;
    for (Spot place : facts.places()) {
      int points = place.count() == facts.samples() ? score.applyAsInt(place) : 0;
      if (points > most) {
        most = points;
        best = place;
      }
    }
    return best;
  }

  private static int idScore(Spot place) {
    if (place.distinct() < place.count() || !place.areLong() || place.areTimes()) {
      return 0;
    }
    if (place.isHeader()) {
      return place.name().matches(".*(delivery|eventid|webhookid|messageid|svixid)$") ? 100 : 0;
    }
    int at = ID_NAMES.indexOf(place.name());
    return at < 0 ? 0 : 90 - at - 10 * place.depth();
  }

  private static int typeScore(Spot place) {
    // Types recur, as far as there are samples enough to see it.
    if (!place.areNames() || (place.count() > 2 && place.distinct() == place.count())) {
      return 0;
    }
    if (place.isHeader()) {
      return place.name().matches("x.*(event|topic|eventtype)$") ? 100 : 0;
    }
    int at = TYPE_NAMES.indexOf(place.name());
    return at < 0 ? 0 : 90 - at - 10 * place.depth();
  }

  private static int timeScore(Spot place) {
    if (!place.areTimes()) {
      return 0;
    }
    if (place.isHeader()) {
      return place.name().matches(".*(triggeredat|timestamp)$") ? 40 : 0;
    }
    int at = TIME_NAMES.indexOf(place.name());
    return Math.max(1, (at < 0 ? 50 : 90 - at) - 10 * place.depth());
  }

  private static int entityScore(Spot place) {
    if (place.isHeader() || place.areTimes()) {
      return 0;
    }
    boolean isName = place.name().endsWith("id") || place.name().equals("fullname");
    return isName ? Math.max(1, 80 - 10 * place.depth()) : 0;
  }
}
