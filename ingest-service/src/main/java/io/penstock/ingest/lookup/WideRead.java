package io.penstock.ingest.lookup;

import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.lookup.ReadRange.End;
import io.penstock.ingest.lookup.ReadRange.Start;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Looks through partitions with two readers at once, one from the oldest records on and one from
 * the newest ones back, piece by piece: one thread alone takes in less than Kafka gives, and what
 * is looked for is often new. For one thread, but for {@link #wakeup}, which any may call.
 */
final class WideRead implements AutoCloseable {

  /** About so many records are a piece; fewer would cost more requests than they save. */
  private static final long PIECE = 50_000;

  private static final int MOST_PIECES = 16;

  private final Configuration.KafkaConfig kafka;
  private final String clientId;
  private final TopicReader first;
  private final Object making = new Object();

  /** Guarded by {@link #making}, as is {@link #woken}. */
  private @Nullable TopicReader second;

  private boolean woken;

  /**
   * @param first one of the two readers; not closed with this
   */
  WideRead(Configuration.KafkaConfig kafka, String clientId, TopicReader first) {
    this.kafka = kafka;
    this.clientId = clientId;
    this.first = first;
  }

  /** What is looked for. */
  interface Search {

    /** What tells records apart by their bytes; used by both threads at once. */
    IdMatch match();

    /** Gets a record whose bytes may be wanted; called by one thread at a time. */
    void found(ConsumerRecord<byte[], byte[]> record);

    /**
     * The only partition whose other pieces are wanted still; null for all. Called by one thread at
     * a time.
     */
    @Nullable TopicPartition only();

    /** How far both have come together; called by one thread at a time. */
    void progress(ReadProgress progress);
  }

  /**
   * Looks through partitions.
   *
   * @param likely one of them that is read before the older pieces of all; null for none
   * @return how many records were looked at
   */
  long read(
      Collection<TopicPartition> partitions,
      @Nullable TopicPartition likely,
      ReadRange range,
      Search search) {
    Map<TopicPartition, TopicReader.Extent> extents = first.extents(partitions, range);
    Work work = new Work(extents, likely, search);
    if (work.total == 0) {
      return 0;
    }
    CompletableFuture<?> beside = new CompletableFuture<>();
    if (work.pieces.size() == 1) {
      beside.complete(null);
    } else {
      Thread.ofPlatform()
          .daemon()
          .name(clientId)
          .start(
              () -> {
                try {
                  work.with(second(), false);
                  beside.complete(null);
                } catch (Throwable e) {
                  beside.completeExceptionally(e);
                }
              });
    }
    try {
      work.with(first, true);
    } catch (RuntimeException e) {
      wakeSecond();
      beside.exceptionally(ignored -> null).join(); // nobody may close what is still read
      throw e;
    }
    try {
      beside.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
    return work.looked;
  }

  /** Made by the thread that uses it, while the first one reads. */
  private TopicReader second() {
    synchronized (making) {
      TopicReader reader = second;
      if (reader == null) {
        reader = TopicReader.forSearches(kafka, clientId);
        second = reader;
        if (woken) {
          reader.wakeup();
        }
      }
      return reader;
    }
  }

  /** The pieces that are left, and what was found in the others. */
  private static final class Work {

    private final Search search;
    private final Deque<Map<TopicPartition, TopicReader.Extent>> pieces = new ArrayDeque<>();
    private long total;
    private long looked;

    Work(
        Map<TopicPartition, TopicReader.Extent> extents,
        @Nullable TopicPartition likely,
        Search search) {
      this.search = search;
      Map<TopicPartition, TopicReader.Extent> others = new HashMap<>(extents);
      TopicReader.Extent own = likely == null ? null : others.remove(likely);
      if (likely != null && own != null) {
        pieces.add(Map.of(likely, own));
      }
      long length = others.values().stream().mapToLong(each -> each.end() - each.start()).sum();
      int count = (int) Math.max(1, Math.min(MOST_PIECES, length / PIECE));
      for (int i = 0; i < count; i++) {
        Map<TopicPartition, TopicReader.Extent> piece = new HashMap<>();
        for (Map.Entry<TopicPartition, TopicReader.Extent> each : others.entrySet()) {
          piece.put(each.getKey(), each.getValue().piece(i, count));
        }
        pieces.add(piece);
      }
      total = length + (own == null ? 0 : own.end() - own.start());
    }

    private synchronized @Nullable Map<TopicPartition, TopicReader.Extent> next(boolean oldest) {
      Map<TopicPartition, TopicReader.Extent> piece = poll(oldest);
      TopicPartition only = search.only();
      while (piece != null && only != null && !piece.containsKey(only)) {
        piece = poll(oldest);
      }
      return piece == null || only == null
          ? piece
          : Map.of(only, Objects.requireNonNull(piece.get(only)));
    }

    private @Nullable Map<TopicPartition, TopicReader.Extent> poll(boolean oldest) {
      return oldest ? pieces.pollFirst() : pieces.pollLast();
    }

    void with(TopicReader reader, boolean oldest) {
      for (Map<TopicPartition, TopicReader.Extent> piece = next(oldest);
          piece != null && !reader.isWoken();
          piece = next(oldest)) {
        Map<TopicPartition, Long> starts = new HashMap<>();
        Map<TopicPartition, Long> ends = new HashMap<>();
        piece.forEach(
            (partition, extent) -> {
              starts.put(partition, extent.start());
              ends.put(partition, extent.end());
            });
        List<TopicPartition> partitions = new ArrayList<>(piece.keySet());
        reader.search(
            partitions,
            ReadRange.everything().from(new Start.Offsets(starts)).until(new End.Offsets(ends)),
            search.match(),
            visitor(search.match()));
      }
    }

    private TopicReader.Visitor visitor(IdMatch match) {
      return new TopicReader.Visitor() {
        private long count;

        @Override
        public void accept(ConsumerRecord<byte[], byte[]> record) {
          count++;
          if (record.value() != null && match.mayBe(record)) {
            found(record);
          }
        }

        @Override
        public void passed(long more) {
          count += more;
        }

        @Override
        public void paused() {
          tell(count);
          count = 0;
        }
      };
    }

    private synchronized void found(ConsumerRecord<byte[], byte[]> record) {
      search.found(record);
    }

    private synchronized void tell(long more) {
      looked += more;
      search.progress(new ReadProgress(looked, total, Math.max(0, total - looked)));
    }
  }

  /** Ends the read that goes on, and each later one, on both sides. */
  void wakeup() {
    first.wakeup();
    wakeSecond();
  }

  private void wakeSecond() {
    synchronized (making) {
      woken = true;
      TopicReader reader = second;
      if (reader != null) {
        reader.wakeup();
      }
    }
  }

  @Override
  public void close() {
    synchronized (making) {
      if (second != null) {
        second.close();
      }
    }
  }
}
