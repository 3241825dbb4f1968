package io.penstock.ingest.deploy;

import java.util.regex.Matcher;

/** Fills in Grafana's variables in a dashboard's expressions. */
public final class Dashboards {

  /** The value of $__rate_interval for a time range of about a day. */
  private static final String RATE_INTERVAL = "5m";

  private Dashboards() {}

  /**
   * An expression as Grafana sends it, with "All" selected in every variable except the provider,
   * which does not have that choice.
   */
  public static String filledIn(String expression, String provider) {
    return expression
        .replace("$__rate_interval", RATE_INTERVAL)
        .replaceAll("\\$provider\\b", Matcher.quoteReplacement(provider))
        .replaceAll("\\$(namespace|source|pod)\\b", ".*");
  }
}
