package io.penstock.ingest.deploy;

import java.util.regex.Matcher;

/** What Grafana does with a dashboard's expressions. */
public final class Dashboards {

  /** What $__rate_interval is when a day or so is looked at. */
  private static final String RATE_INTERVAL = "5m";

  private Dashboards() {}

  /**
   * An expression as Grafana sends it, with "All" chosen in every variable but the provider, which
   * has no such choice.
   */
  public static String filledIn(String expression, String provider) {
    return expression
        .replace("$__rate_interval", RATE_INTERVAL)
        .replaceAll("\\$provider\\b", Matcher.quoteReplacement(provider))
        .replaceAll("\\$(namespace|source|instance)\\b", ".*");
  }
}
