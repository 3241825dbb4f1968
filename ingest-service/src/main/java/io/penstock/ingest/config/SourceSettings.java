package io.penstock.ingest.config;

import io.penstock.ingest.config.Configuration.LimitsConfig;
import io.penstock.ingest.config.Configuration.RateLimit;
import io.penstock.ingest.config.Configuration.SourceConfig;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the list {@code sources}. */
final class SourceSettings {

  /** Of a source, and of the topic of one. */
  static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?");

  private final Map<String, Duration> knownProviders;
  private final AuthSettings auth;
  private final SubscriptionSettings subscriptions;

  /**
   * @param knownProviders by name, how long each may have to wait for its answer
   */
  SourceSettings(
      Map<String, Duration> knownProviders, AuthSettings auth, SubscriptionSettings subscriptions) {
    this.knownProviders = knownProviders;
    this.auth = auth;
    this.subscriptions = subscriptions;
  }

  List<SourceConfig> read(Section root, Duration window) {
    Map<String, String> names = new HashMap<>();
    Map<String, WebhookConfig> topics = new HashMap<>();
    return root.sections("sources", section -> source(section, names, topics, window));
  }

  /**
   * @param names the sources before this one: paths by name
   * @param topics the topics of generic sources before this one, and their rules
   * @param window for how long anything is remembered
   */
  private SourceConfig source(
      Section source,
      Map<String, String> names,
      Map<String, WebhookConfig> topics,
      Duration window) {
    Value name = source.required("name");
    String validName =
        name.matching(
            NAME,
            "must be 1 to 64 lower case letters, digits and dashes, with no dash at either end",
            "");
    String before = validName.isEmpty() ? null : names.putIfAbsent(validName, source.path());
    if (before != null) {
      name.problem("is already the name of " + before);
    }
    int maxBodySize =
        Math.toIntExact(source.value("max-body-size").bytes(Units.KIB, 64 * Units.MIB, Units.MIB));
    String provider = source.required("provider").oneOf(knownProviders.keySet(), "provider", "");
    List<AuthSpec> specs = auth.read(source);
    warnOfShortMemory(source, specs, window);
    SourceConfig config =
        new SourceConfig(
            validName,
            provider,
            maxBodySize,
            specs,
            equalWithin(source, window),
            acknowledgementDeadline(source, provider),
            limits(source, maxBodySize),
            null,
            source.section("challenge", ChallengeSettings::read),
            source.section(
                "subscription",
                section -> subscriptions.read(section, validName, provider, specs)));
    return source.section("webhook", section -> withRules(config, section, topics));
  }

  /** Reads what only a source of the generic provider has: its rules, and its topic's name. */
  private SourceConfig withRules(
      SourceConfig config, Section webhook, Map<String, WebhookConfig> topics) {
    if (!config.provider().equals(WebhookSettings.PROVIDER)) {
      if (webhook.isGiven() && !config.provider().isEmpty()) {
        webhook.problem("goes only with provider: " + WebhookSettings.PROVIDER);
      }
      webhook.toleratesUnknownKeys();
      return config;
    }
    WebhookConfig rules = WebhookSettings.read(webhook, config.auth());
    String topic = WebhookSettings.topic(webhook, config.name(), knownProviders.keySet());
    WebhookConfig others = topics.putIfAbsent(topic, rules);
    if (others != null && !others.equals(rules)) {
      webhook.problem(
          "topic", "is the topic of a source with other rules: give both the same, or two topics");
    }
    return config.ofTopic(topic, rules);
  }

  private Duration acknowledgementDeadline(Section source, String provider) {
    Duration standard = knownProviders.getOrDefault(provider, SourceConfig.SHORTEST_DEADLINE);
    Value value = source.value("acknowledgement-deadline");
    Duration deadline = value.duration(Duration.ofMillis(100), Duration.ofMinutes(1), standard);
    if (deadline.compareTo(standard.multipliedBy(5).dividedBy(4)) > 0) {
      value.warning(
          "is longer than "
              + (provider.isEmpty() ? "a provider" : provider)
              + " is known to wait: an answer after that is never heard (the default is "
              + Units.format(standard)
              + ")");
    }
    return deadline;
  }

  /** A captured request passes until its signature is too old, and is a copy until the window. */
  private static void warnOfShortMemory(Section source, List<AuthSpec> auth, Duration window) {
    for (AuthSpec spec : auth) {
      Duration tolerance = spec.tolerance();
      if (tolerance != null && tolerance.multipliedBy(2).compareTo(window) > 0) {
        source.warning(
            "auth",
            "tolerance is more than half of deduplication.window, "
                + Units.format(window)
                + ": a captured request that is sent again after that becomes an event");
        break;
      }
    }
  }

  private static LimitsConfig limits(Section source, int maxBodySize) {
    Value bytes = source.value("max-in-flight-bytes");
    long most = bytes.bytes(Units.KIB, 256 * Units.GIB, maxBodySize);
    if (most < maxBodySize) {
      bytes.problem("must hold at least one body of max-body-size, " + Units.format(maxBodySize));
    }
    Value requests = source.value("max-in-flight-requests");
    int mostRequests = requests.integer(1, 1_000_000, 1);
    return new LimitsConfig(
        bytes.isPresent() ? Long.valueOf(most) : null,
        requests.isPresent() ? Integer.valueOf(mostRequests) : null,
        source.section("rate-limit", SourceSettings::rateLimit));
  }

  private static @Nullable RateLimit rateLimit(Section limit) {
    Value perSecond = limit.value("per-second");
    Value burst = limit.value("burst");
    int rate = perSecond.integer(1, 1_000_000, 1);
    int most = burst.integer(1, 1_000_000, rate);
    if (limit.isGiven() && !burst.isPresent() && !perSecond.isPresent()) {
      limit.problem("is empty: give per-second, or leave rate-limit out");
    }
    if (burst.isPresent() && !perSecond.isPresent()) {
      perSecond.problem("is required where burst is given");
    }
    return perSecond.isPresent() ? new RateLimit(rate, most) : null;
  }

  private static @Nullable Duration equalWithin(Section source, Duration window) {
    Value value = source.value("deduplicate-equal-within");
    Duration within =
        value.duration(Duration.ofSeconds(1), Duration.ofDays(90), Duration.ofSeconds(1));
    if (value.isPresent() && within.compareTo(window) > 0) {
      value.problem(
          "must not be longer than deduplication.window, "
              + Units.format(window)
              + ": nothing is remembered for longer");
    }
    return value.isPresent() ? within : null;
  }

  /** The most bytes that a body may have, over all sources. */
  static int largestBody(List<SourceConfig> sources) {
    return sources.stream().mapToInt(SourceConfig::maxBodySize).max().orElse(0);
  }
}
