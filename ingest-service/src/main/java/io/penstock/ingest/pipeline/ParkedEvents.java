package io.penstock.ingest.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.pausing.ParkedKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * The events that wait in one task: a queue for each source, in the order of the landing log. The
 * store's key is the source's name, a zero and the offset in the landing log. What is asked often
 * (which sources have a queue, how long it is, where it begins) is in memory, and is read from the
 * store once. For one stream task.
 */
final class ParkedEvents {

  private final KeyValueStore<byte[], byte[]> store;
  private final Map<String, Queue> queues = new LinkedHashMap<>();

  /** Of one source; never empty. */
  private static final class Queue {
    private final long firstOrdinal;
    private long removed;
    private long next;
    private long bytesAdded;
    private long bytesRemoved;
    private long head;
    private long oldestReceivedAt;

    private Queue(long firstOrdinal, long bytesRemoved, long head, long oldestReceivedAt) {
      this.firstOrdinal = firstOrdinal;
      this.next = firstOrdinal;
      this.bytesAdded = bytesRemoved;
      this.bytesRemoved = bytesRemoved;
      this.head = head;
      this.oldestReceivedAt = oldestReceivedAt;
    }

    private long count() {
      return next - firstOrdinal - removed;
    }

    private long bytes() {
      return Math.max(0, bytesAdded - bytesRemoved);
    }
  }

  /**
   * One that waits.
   *
   * @param offset in the landing log
   * @param stored see {@link ParkedEvent#read}
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Entry(long offset, byte[] stored) {}

  /** Finds the queues that the store has: two lookups for each. */
  ParkedEvents(KeyValueStore<byte[], byte[]> store) {
    this.store = store;
    byte[] from = null;
    KeyValue<byte[], byte[]> first = first(from);
    while (first != null) {
      String source = ParkedKey.source(first.key);
      Queue queue =
          new Queue(
              ParkedEvent.ordinal(first.value),
              ParkedEvent.bytesBefore(first.value),
              ParkedKey.offset(first.key),
              ParkedEvent.receivedAt(first.value));
      byte[] last = last(source).value;
      queue.next = Math.max(queue.next, ParkedEvent.ordinal(last)) + 1;
      queue.bytesAdded = ParkedEvent.bytesBefore(last) + last.length;
      queues.put(source, queue);
      from = (source + '\u0001').getBytes(UTF_8);
      first = first(from);
    }
  }

  private @Nullable KeyValue<byte[], byte[]> first(byte @Nullable [] from) {
    try (KeyValueIterator<byte[], byte[]> all =
        from == null ? store.all() : store.range(from, null)) {
      return all.hasNext() ? all.next() : null;
    }
  }

  private KeyValue<byte[], byte[]> last(String source) {
    try (KeyValueIterator<byte[], byte[]> backwards =
        store.reverseRange(ParkedKey.of(source, 0), ParkedKey.of(source, Long.MAX_VALUE))) {
      return backwards.next();
    }
  }

  /** Whether none waits. */
  boolean isEmpty() {
    return queues.isEmpty();
  }

  /** Whether any of the source waits. */
  boolean has(String source) {
    return queues.containsKey(source);
  }

  /** The sources of which any wait. */
  Set<String> sources() {
    return Set.copyOf(queues.keySet());
  }

  /** How many of the source wait. */
  long count(String source) {
    Queue queue = queues.get(source);
    return queue == null ? 0 : queue.count();
  }

  /** How many bytes of the store those of the source take that wait, without the keys. */
  long bytes(String source) {
    Queue queue = queues.get(source);
    return queue == null ? 0 : queue.bytes();
  }

  /** When the first that waits was received; 0 where none waits. */
  long oldestReceivedAt(String source) {
    Queue queue = queues.get(source);
    return queue == null ? 0 : queue.oldestReceivedAt;
  }

  /** Makes the event that is added. */
  @FunctionalInterface
  interface Making {
    /** With the ordinal that it gets, and what those before it take. */
    ParkedEvent make(long ordinal, long bytesBefore);
  }

  /**
   * Adds one behind all others of its source.
   *
   * @param offset in the landing log, above those of the others
   */
  void add(String source, long offset, long receivedAt, Making event) {
    Queue queue = queues.computeIfAbsent(source, name -> new Queue(0, 0, offset, receivedAt));
    byte[] stored = event.make(queue.next, queue.bytesAdded).bytes();
    store.put(ParkedKey.of(source, offset), stored);
    queue.next++;
    queue.bytesAdded += stored.length;
  }

  /**
   * The first ones of a source, in order.
   *
   * @param most at most so many
   * @param bytes of stored events, after which no more are taken
   */
  List<Entry> head(String source, int most, long bytes) {
    Queue queue = queues.get(source);
    List<Entry> head = new ArrayList<>();
    if (queue == null) {
      return head;
    }
    long taken = 0;
    // From where the queue begins: removed ones are passed over slowly by the store.
    try (KeyValueIterator<byte[], byte[]> events =
        store.range(ParkedKey.of(source, queue.head), ParkedKey.of(source, Long.MAX_VALUE))) {
      while (head.size() < most && taken < bytes && events.hasNext()) {
        KeyValue<byte[], byte[]> event = events.next();
        head.add(new Entry(ParkedKey.offset(event.key), event.value));
        taken += event.value.length;
      }
    }
    return head;
  }

  /**
   * Removes the first of a source.
   *
   * @param entry the first of {@link #head}
   */
  void remove(String source, Entry entry) {
    store.delete(ParkedKey.of(source, entry.offset()));
    Queue queue = queues.get(source);
    if (queue == null) {
      return;
    }
    queue.removed++;
    queue.bytesRemoved += entry.stored().length;
    queue.head = entry.offset() + 1;
    if (queue.count() > 0) {
      return;
    }
    if (head(source, 1, 1).isEmpty()) {
      queues.remove(source);
    } else {
      queue.next++; // another version's events have no ordinals that count here
    }
  }

  /** Takes note of what is the first of a source now. */
  void isFirst(String source, Entry entry) {
    Queue queue = queues.get(source);
    if (queue != null) {
      queue.oldestReceivedAt = ParkedEvent.receivedAt(entry.stored());
    }
  }
}
