package io.penstock.ingest.lookup;

import io.penstock.ingest.cluster.Topics;
import io.penstock.ingest.lookup.ReadRange.Start;
import io.penstock.ingest.pausing.ParkedKey;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether the event of a landing record waits in a paused source, or has waited: from the
 * changelog of the pipeline's store. For one thread.
 */
final class WaitingEvents {

  private final TopicReader reader;
  private final String changelog;

  WaitingEvents(TopicReader reader, Topics topics) {
    this.reader = reader;
    this.changelog = topics.parkedChangelog();
  }

  /** What is known of the wait of an event. */
  sealed interface Wait {

    /**
     * It waits now.
     *
     * @param place how many events of its source and partition come before it, and 1 for itself; 0
     *     where that was not asked for
     */
    record Now(long place) implements Wait {}

    /**
     * It has waited.
     *
     * @param end when it was published, by the pipeline's clock
     */
    record Over(Instant end) implements Wait {}

    /** It does not wait, and nothing says that it has: the changelog is compacted. */
    record Unknown() implements Wait {}
  }

  /**
   * Looks for the event of a landing record.
   *
   * @param paused when its source was paused, where it is paused now; null where it was resumed
   */
  Wait of(Shown.Landed landed, @Nullable Instant paused, Duration tolerance) {
    TopicPartition partition = new TopicPartition(changelog, landed.position().partition());
    try {
      if (!reader.partitions(changelog).contains(partition)) {
        return new Wait.Unknown();
      }
      // A record of the changelog has the time of the landing record, or that of the publication.
      Search search =
          new Search(
              landed.landing().source(),
              landed.position().offset(),
              paused != null && paused.isBefore(landed.appendedAt()));
      reader.readPartitions(
          List.of(partition),
          ReadRange.everything()
              .from(
                  paused == null
                      ? new Start.Earliest()
                      : new Start.Since(landed.appendedAt().minus(tolerance))),
          search);
      return search.result(paused == null);
    } catch (AuthorizationException e) {
      return new Wait.Unknown(); // the events themselves say the rest
    }
  }

  private static final class Search implements TopicReader.Visitor {

    private final String source;
    private final long offset;
    private final boolean endsWithIt;
    private final Set<Long> waiting = new HashSet<>();
    private @Nullable Instant end;

    /**
     * @param endsWithIt whether an event that waited once waits still
     */
    Search(String source, long offset, boolean endsWithIt) {
      this.source = source;
      this.offset = offset;
      this.endsWithIt = endsWithIt;
    }

    @Override
    public void accept(ConsumerRecord<byte[], byte[]> record) {
      if (record.key() == null || !ParkedKey.isOf(source, record.key())) {
        return;
      }
      long of = ParkedKey.offset(record.key());
      if (of > offset) {
        return;
      }
      if (record.value() != null) {
        waiting.add(of);
      } else {
        waiting.remove(of);
        end = of == offset ? Instant.ofEpochMilli(record.timestamp()) : end;
      }
    }

    @Override
    public boolean isDone() {
      return end != null || (endsWithIt && waiting.contains(offset));
    }

    Wait result(boolean isComplete) {
      if (waiting.contains(offset)) {
        return new Wait.Now(isComplete ? waiting.size() : 0);
      }
      return end == null ? new Wait.Unknown() : new Wait.Over(end);
    }
  }
}
