package io.penstock.ingest.config;

import io.penstock.ingest.config.Configuration.DeliveryConfig;
import io.penstock.ingest.config.Configuration.SourceConfig;
import io.penstock.ingest.config.Configuration.SpoolConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Reads the section {@code delivery}: the deadline for Kafka, and the spool. */
final class DeliverySettings {

  /** The least that must be left of a deadline after Kafka's: for the spool, or the 503. */
  private static final Duration REST = Duration.ofMillis(250);

  /** What should be left: the spool's disk may be slow just then. */
  private static final Duration GOOD_REST = Duration.ofSeconds(1);

  private DeliverySettings() {}

  static DeliveryConfig read(Section delivery, List<SourceConfig> sources) {
    Value value = delivery.value("kafka-deadline");
    Duration deadline =
        value.duration(Duration.ofMillis(10), Duration.ofSeconds(30), Duration.ofSeconds(1));
    for (SourceConfig source : sources) {
      if (deadline.compareTo(source.acknowledgementDeadline()) >= 0) {
        value.problem(
            "must be shorter than the acknowledgement-deadline of every source: that of "
                + source.name()
                + " is "
                + Units.format(source.acknowledgementDeadline()));
        break;
      }
      Duration answer = source.acknowledgementDeadline();
      Duration rest = answer.minus(deadline);
      Duration needed = lesser(REST, answer.dividedBy(4));
      if (rest.compareTo(needed) < 0) {
        value.problem(
            "leaves no time for the answer: the acknowledgement-deadline of "
                + source.name()
                + ", "
                + Units.format(answer)
                + ", must be longer by "
                + Units.format(needed)
                + " at least");
        break;
      }
      if (rest.compareTo(lesser(GOOD_REST, answer.dividedBy(2))) < 0) {
        value.warning(
            "leaves only "
                + Units.format(rest)
                + " of the acknowledgement-deadline of "
                + source.name()
                + ": a spool on a busy disk may need more");
        break;
      }
    }
    int largestBody = SourceSettings.largestBody(sources);
    Optional<SpoolConfig> spool = delivery.section("spool", section -> spool(section, largestBody));
    return new DeliveryConfig(deadline, spool.orElse(null));
  }

  private static Duration lesser(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private static Optional<SpoolConfig> spool(Section spool, int largestBody) {
    Value size = spool.value("max-size");
    long maxSize = size.bytes(16 * Units.MIB, 16 * 1024 * Units.GIB, 2 * Units.GIB);
    if (maxSize < 4L * largestBody) {
      size.problem(
          "must be at least four times the largest max-body-size, " + Units.format(largestBody));
    }
    Value place = spool.value("directory");
    Path directory = place.directory();
    if (!place.isPresent() && (spool.isGiven() || size.isPresent())) {
      spool.problem("directory", "is required for a spool");
    }
    return Optional.ofNullable(directory).map(found -> new SpoolConfig(found, maxSize));
  }
}
