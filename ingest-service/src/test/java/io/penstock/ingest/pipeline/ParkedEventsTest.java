package io.penstock.ingest.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;

/** The queues of events that wait, and how a task that begins finds them in its store. */
class ParkedEventsTest {

  private final KeyValueStore<byte[], byte[]> store = store();

  private static KeyValueStore<byte[], byte[]> store() {
    KeyValueStore<byte[], byte[]> store =
        Stores.keyValueStoreBuilder(
                Stores.inMemoryKeyValueStore("parked"), Serdes.ByteArray(), Serdes.ByteArray())
            .withLoggingDisabled()
            .build();
    MockProcessorContext<Void, Void> context = new MockProcessorContext<>();
    store.init(context.getStateStoreContext(), store);
    return store;
  }

  private static ParkedEvent event(long ordinal, long receivedAt, String text) {
    return event(ordinal, 0, receivedAt, text);
  }

  private static ParkedEvent event(long ordinal, long bytesBefore, long receivedAt, String text) {
    return new ParkedEvent(
        ordinal,
        bytesBefore,
        receivedAt + 1,
        receivedAt,
        List.of(new byte[16], new byte[] {1, 2}),
        new Record<>(
            "key".getBytes(UTF_8),
            text.getBytes(UTF_8),
            receivedAt + 2,
            new RecordHeaders().add("name", "välue".getBytes(UTF_8)).add("none", null)));
  }

  private static void add(ParkedEvents parked, String source, long offset) {
    parked.add(
        source,
        offset,
        offset,
        (ordinal, before) -> event(ordinal, before, offset, source + "@" + offset));
  }

  private static List<String> texts(ParkedEvents parked, String source, int most) {
    return parked.head(source, most, Long.MAX_VALUE).stream()
        .map(entry -> new String(ParkedEvent.read(entry.stored()).landed().value(), UTF_8))
        .toList();
  }

  @Test
  void whatIsStoredIsReadBackInEveryPart() {
    ParkedEvent event = event(7, 12_345, 1000, "text");
    byte[] stored = event.bytes();
    ParkedEvent read = ParkedEvent.read(stored);
    assertThat(read.ordinal()).isEqualTo(7).isEqualTo(ParkedEvent.ordinal(stored));
    assertThat(read.bytesBefore()).isEqualTo(12_345).isEqualTo(ParkedEvent.bytesBefore(stored));
    assertThat(read.storeTime()).isEqualTo(1001);
    assertThat(read.receivedAt()).isEqualTo(1000).isEqualTo(ParkedEvent.receivedAt(stored));
    assertThat(read.ids()).containsExactly(new byte[16], new byte[] {1, 2});
    assertThat(read.landed().key()).isEqualTo("key".getBytes(UTF_8));
    assertThat(read.landed().value()).isEqualTo("text".getBytes(UTF_8));
    assertThat(read.landed().timestamp()).isEqualTo(1002);
    assertThat(read.landed().headers()).isEqualTo(event.landed().headers());
  }

  @Test
  void whatIsCutOffOrOfAnotherVersionIsRefused() {
    byte[] stored = event(7, 1000, "text").bytes();
    for (int length = 0; length < stored.length; length++) {
      byte[] cut = Arrays.copyOf(stored, length);
      assertThatThrownBy(() -> ParkedEvent.read(cut)).isInstanceOf(IllegalArgumentException.class);
    }
    byte[] later = stored.clone();
    later[0]++;
    assertThatThrownBy(() -> ParkedEvent.read(later))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("another version");
    assertThat(ParkedEvent.ordinal(later)).isZero();
    assertThat(ParkedEvent.receivedAt(later)).isZero();
  }

  @Test
  void theFormWithoutASizeIsStillRead() {
    byte[] stored = event(7, 12_345, 1000, "text").bytes();
    byte[] before = new byte[stored.length - Long.BYTES];
    System.arraycopy(stored, 0, before, 0, 33);
    System.arraycopy(stored, 33 + Long.BYTES, before, 33, before.length - 33);
    before[0] = 1;
    assertThat(ParkedEvent.read(before).landed().value()).isEqualTo("text".getBytes(UTF_8));
    assertThat(ParkedEvent.ordinal(before)).isEqualTo(7);
    assertThat(ParkedEvent.bytesBefore(before)).isZero();
  }

  @Test
  void aTaskThatBeginsFindsTheQueuesOfTheOneBefore() {
    ParkedEvents before = new ParkedEvents(store);
    List<String> sources = List.of("a", "a-b", "ab", "z0");
    for (int offset = 0; offset < 600; offset++) {
      add(before, sources.get(offset % 4), offset);
    }
    ParkedEvents.Entry first = before.head("ab", 1, 1).getFirst();
    before.remove("ab", first);

    ParkedEvents after = new ParkedEvents(store);

    assertThat(after.sources()).containsExactlyInAnyOrderElementsOf(sources);
    assertThat(sources.stream().map(after::count)).containsExactly(150L, 150L, 149L, 150L);
    assertThat(sources.stream().map(after::oldestReceivedAt)).containsExactly(0L, 1L, 6L, 3L);
    assertThat(sources.stream().map(after::bytes))
        .containsExactlyElementsOf(sources.stream().map(before::bytes).toList());
    assertThat(after.bytes("ab"))
        .isEqualTo(
            after.head("ab", 1000, Long.MAX_VALUE).stream()
                .mapToLong(entry -> entry.stored().length)
                .sum());
    assertThat(texts(after, "a", 3)).containsExactly("a@0", "a@4", "a@8");
    assertThat(texts(after, "ab", 2)).containsExactly("ab@6", "ab@10");
    add(after, "a", 600);
    assertThat(after.count("a")).isEqualTo(151);
    assertThat(texts(after, "a", 1000)).hasSize(151).endsWith("a@600");
  }

  @Test
  void aQueueThatIsEmptiedIsGoneAndBeginsAnew() {
    ParkedEvents parked = new ParkedEvents(store);
    for (int round = 0; round < 3; round++) {
      add(parked, "a", 10L * round);
      add(parked, "a", 10L * round + 1);
      add(parked, "b", 10L * round);
      for (String source : List.of("a", "b")) {
        for (ParkedEvents.Entry entry : parked.head(source, 10, Long.MAX_VALUE)) {
          assertThat(parked.has(source)).isTrue();
          parked.remove(source, entry);
        }
      }
      assertThat(parked.isEmpty()).isTrue();
      assertThat(new ParkedEvents(store).isEmpty()).isTrue();
    }
  }

  @Test
  void theHeadEndsAtItsBoundsAndHasOneAtLeast() {
    ParkedEvents parked = new ParkedEvents(store);
    for (int offset = 0; offset < 10; offset++) {
      add(parked, "a", offset);
    }
    assertThat(parked.head("a", 4, Long.MAX_VALUE)).hasSize(4);
    assertThat(parked.head("a", 4, 1)).hasSize(1);
    assertThat(parked.head("b", 4, 1)).isEmpty();
  }

  @Test
  void eventsOfAnotherVersionKeepTheirQueueAlive() {
    ParkedEvents before = new ParkedEvents(store);
    for (int offset = 0; offset < 3; offset++) {
      add(before, "a", offset);
    }
    List<byte[]> keys = new ArrayList<>();
    store.all().forEachRemaining(each -> keys.add(each.key));
    byte[] later = store.get(keys.getLast());
    later[0]++;
    store.put(keys.getLast(), later);

    ParkedEvents after = new ParkedEvents(store);
    after.head("a", 2, Long.MAX_VALUE).forEach(entry -> after.remove("a", entry));

    assertThat(after.has("a")).isTrue();
    assertThat(after.head("a", 10, Long.MAX_VALUE)).hasSize(1);
  }
}
