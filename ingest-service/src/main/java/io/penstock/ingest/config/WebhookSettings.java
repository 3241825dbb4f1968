package io.penstock.ingest.config;

import io.penstock.ingest.config.WebhookConfig.Entity;
import io.penstock.ingest.config.WebhookConfig.ValuePlace;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads the section {@code webhook} of a source of the generic provider. */
final class WebhookSettings {

  /** The name by which a source selects the generic provider. */
  static final String PROVIDER = "webhook";

  private static final String HEADER = "header:";

  private static final Pattern HEADER_NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}");

  /** As io.penstock.ingest.json.JsonPointers reads it, which bounds its depth as well. */
  private static final Pattern POINTER =
      Pattern.compile("(?=..)(?:/(?:[^/~\\p{Cntrl}]|~0|~1){0,255}){1,32}");

  private static final String PLACE =
      "must be a JSON Pointer, such as /data/id, or header: and the name of a header";

  /** Headers that hold credentials: they are written nowhere. */
  private static final Set<String> CREDENTIALS =
      Set.of("authorization", "cookie", "proxy-authorization", "set-cookie");

  private static final int MAX_PLACES = 5;
  private static final int MAX_HEADERS = 20;

  private final Section webhook;
  private final List<AuthSpec> auth;

  private WebhookSettings(Section webhook, List<AuthSpec> auth) {
    this.webhook = webhook;
    this.auth = auth;
  }

  /**
   * Reads the rules.
   *
   * @param auth how the source's senders authenticate: its places are kept out of what is published
   */
  static WebhookConfig read(Section webhook, List<AuthSpec> auth) {
    return new WebhookSettings(webhook, auth).read();
  }

  private WebhookConfig read() {
    return new WebhookConfig(places("type"), id(), entity(), places("time"), headers());
  }

  /**
   * Reads the last part of the topic's name, and judges it.
   *
   * @param source the name of the source, the default
   * @param providers the names of all providers, of which each but the generic one has a topic
   */
  static String topic(Section webhook, String source, Collection<String> providers) {
    Value value = webhook.value("topic");
    String topic =
        value.matching(
            SourceSettings.NAME,
            "must be 1 to 64 lower case letters, digits and dashes, with no dash at either end",
            source);
    String whose = value.isPresent() ? "" : ", which is the source's name: set another";
    if (TopicNames.INTERNAL.contains(topic)) {
      value.problem("must not be " + topic + ", a topic of Penstock's own" + whose);
    }
    for (String provider : providers) {
      if (provider.equals(PROVIDER)) {
        continue;
      }
      if (topic.equals(provider)) {
        value.problem("must not be " + topic + ", the topic of that provider" + whose);
      } else if (topic.startsWith(provider + "-")) {
        value.problem(
            "must not begin with " + provider + "-, as topics of that provider may" + whose);
      }
    }
    return topic;
  }

  private WebhookConfig.Id id() {
    String single = webhook.isList("id") ? "a list" : webhook.required("id").text("");
    return switch (single) {
      case "digest", "" -> new WebhookConfig.Id.Digest(); // an absent one is reported
      case "none" -> new WebhookConfig.Id.None();
      default -> new WebhookConfig.Id.At(places("id"));
    };
  }

  private Entity entity() {
    Value single = webhook.isList("entity") ? null : webhook.value("entity");
    if (single != null && !single.isPresent()) {
      return new Entity.OfEvent();
    }
    return single != null && single.text("").equals("all")
        ? new Entity.All()
        : new Entity.At(places("entity"));
  }

  private List<ValuePlace> places(String key) {
    List<ValuePlace> places = new ArrayList<>();
    for (Value value : webhook.oneOrMore(key)) {
      String text = value.text("");
      if (text.startsWith(HEADER)) {
        String name = text.substring(HEADER.length());
        if (HEADER_NAME.matcher(name).matches()) {
          places.add(new ValuePlace.Header(published(value, name)));
          continue;
        }
      } else if (text.length() <= 256 && POINTER.matcher(text).matches()) {
        places.add(new ValuePlace.Pointer(text));
        continue;
      }
      value.problem(PLACE);
    }
    if (places.size() > MAX_PLACES) {
      webhook.problem(key, "must not have more than " + MAX_PLACES + " places");
    }
    if (new HashSet<>(places).size() < places.size()) {
      webhook.problem(key, "has a place twice");
    }
    return places;
  }

  private List<String> headers() {
    List<String> headers = new ArrayList<>();
    for (Value value : webhook.oneOrMore("headers")) {
      String name = value.matching(HEADER_NAME, "must be the name of a header", "");
      if (!name.isEmpty()) {
        headers.add(published(value, name));
      }
    }
    if (headers.size() > MAX_HEADERS) {
      webhook.problem("headers", "must not be more than " + MAX_HEADERS);
    }
    return headers.stream().distinct().toList();
  }

  /** The name of a header that is written to topics, in lower case: it may hold no credential. */
  private String published(Value value, String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    if (CREDENTIALS.contains(lower)) {
      value.problem("must not be a header that holds a credential");
    }
    for (AuthSpec spec : auth) {
      if (spec.places().contains("the header " + lower)) {
        value.problem("must not be the header that authenticates the sender (" + spec.type() + ")");
      }
    }
    return lower;
  }
}
