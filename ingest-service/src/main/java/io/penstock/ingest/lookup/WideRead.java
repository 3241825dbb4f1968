package io.penstock.ingest.lookup;

import io.penstock.ingest.config.Configuration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Looks through partitions with two readers at once, since one thread alone can take in less than
 * Kafka gives. For one thread, but for {@link #wakeup}, which any may call.
 */
final class WideRead implements AutoCloseable {

  private final Configuration.KafkaConfig kafka;
  private final String clientId;
  private final TopicReader first;
  private volatile @Nullable TopicReader second;
  private volatile boolean woken;

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

    /** Whether a record is wanted; called by both threads at once. */
    boolean wants(ConsumerRecord<byte[], byte[]> record);

    /** Gets a record that is wanted; called by one thread at a time. */
    void found(ConsumerRecord<byte[], byte[]> record);

    /** How far both have come together; called by one thread at a time. */
    void progress(ReadProgress progress);
  }

  /**
   * Looks through partitions, each from its start to its end.
   *
   * @return how many records were looked at
   */
  long read(List<TopicPartition> partitions, ReadRange range, Search search) {
    List<TopicPartition> half = new ArrayList<>();
    List<TopicPartition> other = new ArrayList<>();
    for (TopicPartition partition : partitions) {
      (half.size() <= other.size() ? half : other).add(partition);
    }
    Both both = new Both(search);
    CompletableFuture<?> beside = new CompletableFuture<>();
    if (other.isEmpty()) {
      beside.complete(null);
    } else {
      TopicReader reader = second();
      Thread.ofPlatform()
          .daemon()
          .name(clientId)
          .start(
              () -> {
                try {
                  reader.readPartitions(other, range, both.side(1));
                  beside.complete(null);
                } catch (Throwable e) {
                  beside.completeExceptionally(e);
                }
              });
    }
    try {
      first.readPartitions(half, range, both.side(0));
    } catch (RuntimeException e) {
      wakeSecond();
      throw e;
    }
    try {
      beside.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
    return both.looked.get();
  }

  private TopicReader second() {
    TopicReader reader = second;
    if (reader == null) {
      reader = new TopicReader(kafka, clientId);
      second = reader;
      if (woken) {
        reader.wakeup();
      }
    }
    return reader;
  }

  private static final class Both {

    private final Search search;
    private final AtomicLong looked = new AtomicLong();
    private final ReadProgress[] progress = {new ReadProgress(0, 0, 0), new ReadProgress(0, 0, 0)};

    Both(Search search) {
      this.search = search;
    }

    TopicReader.Visitor side(int side) {
      Consumer<ConsumerRecord<byte[], byte[]>> found = this::found;
      Predicate<ConsumerRecord<byte[], byte[]>> wanted = search::wants;
      return new TopicReader.Visitor() {
        private long count;

        @Override
        public void accept(ConsumerRecord<byte[], byte[]> record) {
          count++;
          if (wanted.test(record)) {
            found.accept(record);
          }
        }

        @Override
        public void progress(ReadProgress of) {
          looked.addAndGet(count);
          count = 0;
          tell(side, of);
        }
      };
    }

    private synchronized void found(ConsumerRecord<byte[], byte[]> record) {
      search.found(record);
    }

    private synchronized void tell(int side, ReadProgress of) {
      progress[side] = of;
      search.progress(
          new ReadProgress(
              progress[0].read() + progress[1].read(),
              progress[0].total() + progress[1].total(),
              progress[0].behind() + progress[1].behind()));
    }
  }

  /** Ends the read that goes on, and each later one, on both sides. */
  void wakeup() {
    woken = true;
    first.wakeup();
    wakeSecond();
  }

  private void wakeSecond() {
    TopicReader reader = second;
    if (reader != null) {
      reader.wakeup();
    }
  }

  @Override
  public void close() {
    TopicReader reader = second;
    if (reader != null) {
      reader.close();
    }
  }
}
