package io.penstock.ingest.config;

import io.penstock.ingest.config.Configuration.DeduplicationConfig;
import io.penstock.ingest.config.Configuration.PipelineConfig;
import io.penstock.ingest.config.Configuration.TracingConfig;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/** Reads the sections {@code pipeline}, {@code deduplication} and {@code tracing}. */
final class PipelineSettings {

  /** So that every header of an event stays small. */
  private static final int MAX_EVENT_SOURCE_BASE = 256;

  private PipelineSettings() {}

  static DeduplicationConfig deduplication(Section deduplication) {
    return new DeduplicationConfig(
        deduplication
            .value("window")
            .duration(Duration.ofSeconds(1), Duration.ofDays(90), Duration.ofDays(3)));
  }

  /**
   * Reads {@code pipeline}.
   *
   * @param partitions of the landing log: more threads than that would have nothing to do
   */
  static PipelineConfig pipeline(Section pipeline, int partitions) {
    int processors = Runtime.getRuntime().availableProcessors();
    return new PipelineConfig(
        pipeline.value("state-directory").directory(),
        pipeline.value("threads").integer(1, 256, Math.min(processors, Math.min(partitions, 256))),
        eventSourceBase(pipeline.value("event-source-base")),
        pipeline.section("model-ready", PipelineSettings::modelReady));
  }

  private static ModelReadyConfig modelReady(Section modelReady) {
    return new ModelReadyConfig(
        modelReady.value("enabled").bool(false),
        modelReady
            .value("retention")
            .duration(Duration.ofHours(1), Duration.ofDays(3650), ModelReadyConfig.RETENTION),
        time(modelReady.value("ignore-before")));
  }

  private static @Nullable Instant time(Value value) {
    String text = value.text("");
    if (text.isEmpty()) {
      return null;
    }
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      value.problem("must be a time in UTC, such as 2026-11-26T08:00:00Z");
      return null;
    }
  }

  private static @Nullable String eventSourceBase(Value value) {
    if (!value.isPresent()) {
      return null;
    }
    String text = value.text("");
    if (!isEventSourceBase(text)) {
      value.problem(
          "must be an absolute URI of at most "
              + MAX_EVENT_SOURCE_BASE
              + " characters, without user, query or fragment, such as https://hooks.example.com");
      return null;
    }
    return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
  }

  private static boolean isEventSourceBase(String text) {
    try {
      URI uri = new URI(text);
      boolean isHttp =
          "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
      return uri.isAbsolute()
          && uri.toASCIIString().equals(text)
          && text.length() <= MAX_EVENT_SOURCE_BASE
          && (!isHttp || uri.getHost() != null)
          && uri.getRawUserInfo() == null
          && uri.getRawQuery() == null
          && !uri.getRawSchemeSpecificPart().contains("?")
          && uri.getRawFragment() == null;
    } catch (URISyntaxException e) {
      return false; // its message would repeat the text
    }
  }

  static TracingConfig tracing(Section tracing) {
    Value endpoint = tracing.value("endpoint");
    String url = endpoint.text("");
    String complaint =
        url.isEmpty()
            ? null
            : ClusterSettings.complaintAboutUrl(
                url, "", ", such as http://collector:4318/v1/traces");
    if (complaint != null) {
      endpoint.problem(complaint);
    } else if (url.indexOf(',') >= 0) {
      endpoint.problem("must be one address, without a comma");
    } else if (!url.isEmpty() && URI.create(url).getRawPath().length() <= 1) {
      endpoint.warning("has no path: collectors take traces at /v1/traces");
    }
    Value oneIn = tracing.value("sample-one-in");
    if (oneIn.isPresent() && url.isEmpty()) {
      oneIn.warning("has no effect without tracing.endpoint");
    }
    return new TracingConfig(url.isEmpty() ? null : url, oneIn.integer(1, 1_000_000, 1));
  }
}
