package io.penstock.ingest.pipeline;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies that were removed although their bodies are not those of the events that were published:
 * counts each, and logs one per source and minute. Either the provider's retries differ, which is
 * harmless, or its ids do not distinguish its events, and an event was lost. For one stream task.
 */
final class DifferingCopies {

  private static final Logger log = LoggerFactory.getLogger(DifferingCopies.class);

  private static final Duration PAUSE = Duration.ofMinutes(1);

  /** By the source's meters, of which there is a bounded number. */
  private final Map<PipelineMeters.PerSource, Line> lines = new HashMap<>();

  private static final class Line {
    private long next;
    private long silent;
  }

  /**
   * @param position where the copy stands in the landing log
   * @param first the offset of the event that was published, in the same partition
   * @param now in milliseconds
   */
  void found(
      Publication.Event copy, String eventId, LandingPosition position, long first, long now) {
    copy.meters().differingCopy();
    Line line = lines.computeIfAbsent(copy.meters(), source -> new Line());
    if (now < line.next) {
      line.silent++;
      return;
    }
    log.atWarn()
        .addKeyValue("source", copy.meters().source())
        .addKeyValue("event_id", eventId)
        .addKeyValue("topic", position.topic())
        .addKeyValue("partition", position.partition())
        .addKeyValue("copy_offset", position.offset())
        .addKeyValue("published_offset", first)
        .addKeyValue("others_since_last_line", line.silent)
        .log("A copy was removed whose body is not that of the event that was published");
    line.next = now + PAUSE.toMillis();
    line.silent = 0;
  }
}
