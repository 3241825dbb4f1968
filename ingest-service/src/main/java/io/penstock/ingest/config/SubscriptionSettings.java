package io.penstock.ingest.config;

import io.penstock.ingest.config.SubscriptionKind.Way;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the section {@code subscription} of a source. */
final class SubscriptionSettings {

  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127(\\.[0-9]{1,3}){3}|\\[::1]", Pattern.CASE_INSENSITIVE);

  private static final Pattern CUSTOM_KEY = Pattern.compile("[^\\p{Cntrl}]{1,255}");

  private static final URI NOWHERE = URI.create("https://localhost/");

  private final Map<String, SubscriptionKind> kinds = new HashMap<>();
  private final Map<URI, String> taken = new HashMap<>();

  /**
   * Reads the sections of one configuration.
   *
   * @param kinds of the providers whose registrations are known
   */
  SubscriptionSettings(Collection<SubscriptionKind> kinds) {
    kinds.forEach(kind -> this.kinds.put(kind.provider(), kind));
  }

  /**
   * Reads one.
   *
   * @param source the name of its source
   * @param provider the name of the source's provider; empty if that is not known
   * @return null where there is none
   */
  @Nullable SubscriptionConfig read(
      Section section, String source, String provider, List<AuthSpec> auth) {
    Value url = section.value("callback-url");
    if (!section.isGiven() && !url.isPresent()) {
      section.toleratesUnknownKeys();
      return null;
    }
    SubscriptionKind kind = kinds.get(provider);
    if (kind == null && !provider.isEmpty()) {
      section.problem(
          "goes only with a provider whose registrations are known: "
              + String.join(", ", kinds.keySet().stream().sorted().toList()));
    }
    URI callback = callback(section.required("callback-url"), source, section.path());
    int version = version(section, kind);
    return new SubscriptionConfig(
        callback,
        events(section, kind, version),
        version,
        customKey(section, kind),
        tokenCredential(section, kind, auth),
        section.section("api", api -> api(api, kind, section, auth)),
        reconcile(section, kind));
  }

  private URI callback(Value value, String source, String path) {
    URI url = address(value);
    if (url == null) {
      return NOWHERE;
    }
    if (url.getRawQuery() != null || url.getRawFragment() != null) {
      value.problem(
          "must have no query and no fragment: what authenticates the sender is added from auth");
    }
    String way = url.getRawPath() == null ? "" : url.getRawPath();
    if (way.isEmpty() || way.endsWith("/")) {
      value.problem("must end with the path of the source, such as /webhooks/" + source);
    } else if (!source.isEmpty() && !way.endsWith("/" + source)) {
      value.warning(
          "does not end with /"
              + source
              + ", the address of the source: something in front of Penstock has to change it (a"
              + " token in the address is added from auth)");
    }
    String before = taken.putIfAbsent(url, path);
    if (before != null) {
      value.problem("is already the address of " + before);
    }
    return url;
  }

  /** An address that is safe to send secrets to; null, and a problem, if it is none. */
  private static @Nullable URI address(Value value) {
    String text = value.text("");
    if (text.isEmpty()) {
      return null;
    }
    try {
      URI url = new URI(text);
      String host = url.getHost();
      if (host == null || url.getUserInfo() != null) {
        value.problem("must be https://HOST/PATH, without a user");
      } else if ("https".equals(url.getScheme())
          || ("http".equals(url.getScheme()) && LOOPBACK.matcher(host).matches())) {
        return url;
      } else {
        value.problem("must be https: it carries secrets (http is taken for this machine alone)");
      }
    } catch (URISyntaxException e) {
      value.problem("must be https://HOST/PATH");
    }
    return null;
  }

  private static int version(Section section, @Nullable SubscriptionKind kind) {
    Value value = section.value("version");
    int latest = kind == null ? 0 : kind.events().lastKey();
    if (latest == 0) {
      if (value.isPresent() && kind != null) {
        value.problem("goes only with a provider whose webhooks have versions");
      }
      return 0;
    }
    int version = value.integer(1, latest, latest);
    return kind != null && kind.events().containsKey(version) ? version : latest;
  }

  private static List<String> events(
      Section section, @Nullable SubscriptionKind kind, int version) {
    List<String> known = kind == null ? List.of() : kind.events().getOrDefault(version, List.of());
    Set<String> events = new LinkedHashSet<>();
    for (Value value : section.values("events")) {
      String event = kind == null ? value.text("") : value.oneOf(known, "event", "");
      if (!event.isEmpty() && !events.add(event)) {
        value.problem("is given twice");
      }
    }
    return events.isEmpty() ? known : new ArrayList<>(events);
  }

  private static @Nullable String customKey(Section section, @Nullable SubscriptionKind kind) {
    Value value = section.value("custom-key");
    if (value.isPresent() && kind != null && !kind.takesCustomKey()) {
      value.problem("goes only with a provider that repeats such a key");
    }
    String key = value.matching(CUSTOM_KEY, "must be 1 to 255 characters on one line", "");
    return key.isEmpty() ? null : key;
  }

  private static boolean tokenCredential(
      Section section, @Nullable SubscriptionKind kind, List<AuthSpec> auth) {
    Value value = section.value("token-credential");
    boolean isToken = value.bool(false);
    if (isToken && kind != null && !kind.takesCustomKey()) {
      value.problem("goes only with a provider that has such a kind of credential");
    } else if (isToken && auth.stream().noneMatch(spec -> spec.type().equals("bearer"))) {
      value.problem("needs a bearer token in auth");
    }
    return isToken;
  }

  private static SubscriptionConfig.@Nullable Api api(
      Section api, @Nullable SubscriptionKind kind, Section section, List<AuthSpec> auth) {
    Value url = api.value("url");
    if (!api.isGiven() && !url.isPresent()) {
      api.toleratesUnknownKeys();
      return null;
    }
    URI given = address(url);
    List<SecretRef> credentials = api.secrets("credentials");
    api.noteSecrets(1);
    if (kind == null) {
      return null;
    }
    return switch (kind.way()) {
      case Way.Dashboard dashboard -> {
        api.problem(
            kind.provider()
                + " has no API for registrations: leave api out, and 'penstock subscriptions plan'"
                + " says what to enter where");
        yield null;
      }
      case Way.Api way -> {
        if (!credentials.isEmpty() && credentials.size() != way.credentials().size()) {
          api.problem("credentials", "must be a list of: " + String.join(", ", way.credentials()));
        }
        if (!kind.needs().isEmpty()
            && auth.stream().noneMatch(spec -> spec.type().equals(kind.needs()))) {
          section.problem(
              "api",
              "needs "
                  + kind.needs()
                  + " in auth: "
                  + kind.provider()
                  + " registers nothing without a secret");
        }
        for (AuthSpec spec : auth) {
          kind.objection().apply(spec).ifPresent(why -> section.problem("api", why));
        }
        if (!url.isPresent() && way.url().isEmpty()) {
          url.problem("is required: each customer of " + kind.provider() + " has an own address");
        }
        yield new SubscriptionConfig.Api(
            given == null ? way.url().orElse(NOWHERE) : given, credentials);
      }
    };
  }

  private static @Nullable Duration reconcile(Section section, @Nullable SubscriptionKind kind) {
    Value value = section.value("reconcile");
    Duration interval =
        value.duration(Duration.ofSeconds(1), Duration.ofDays(1), Duration.ofMinutes(15));
    if (!value.isPresent()) {
      return null;
    }
    if (kind != null && !(kind.way() instanceof Way.Api way && way.isListed())) {
      value.problem(
          "goes only with a provider whose API tells what is registered: that of "
              + kind.provider()
              + " does not");
    }
    if (!section.has("api")) {
      value.problem("needs api");
    }
    return interval;
  }
}
