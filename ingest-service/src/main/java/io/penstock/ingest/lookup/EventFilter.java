package io.penstock.ingest.lookup;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Selects records: those that meet every condition that is given. A record that cannot be read
 * meets none but the absence of any.
 *
 * @param sources of one of these; empty: of any
 * @param providers of one of these; empty: of any
 * @param types of one of these, by the provider's own names; empty: of any. Events alone have a
 *     type
 * @param entities of one of these entity keys; empty: of any
 */
public record EventFilter(
    Set<String> sources, Set<String> providers, Set<String> types, Set<String> entities) {

  /** Selects everything. */
  public static final EventFilter ALL = new EventFilter(Set.of(), Set.of(), Set.of(), Set.of());

  public EventFilter {
    sources = Set.copyOf(sources);
    providers = Set.copyOf(providers);
    types = Set.copyOf(types);
    entities = Set.copyOf(entities);
  }

  private boolean isEmpty() {
    return sources.isEmpty() && providers.isEmpty() && types.isEmpty() && entities.isEmpty();
  }

  /**
   * A quick look at the bytes of a record, which spares decoding most of those that are not meant.
   */
  public static final class Quick {

    private final List<byte[]> entities;
    private final Set<String> sources;

    private Quick(EventFilter filter) {
      entities = filter.entities.stream().map(each -> each.getBytes(UTF_8)).toList();
      sources =
          filter.sources.stream().map(each -> "/webhooks/" + each).collect(Collectors.toSet());
    }

    /** Whether the record may meet the conditions: false where it certainly does not. */
    public boolean mayBe(ConsumerRecord<byte[], byte[]> record) {
      return (entities.isEmpty()
              || entities.stream().anyMatch(each -> Arrays.equals(each, record.key())))
          && (sources.isEmpty() || mayBeOf(record.headers().lastHeader("ce_source")));
    }

    private boolean mayBeOf(@Nullable Header source) {
      if (source == null || source.value() == null) {
        return true;
      }
      String address = new String(source.value(), UTF_8);
      return sources.stream().anyMatch(address::endsWith);
    }
  }

  /** The quick look by this filter. */
  public Quick quick() {
    return new Quick(this);
  }

  /** Whether a record meets the conditions. */
  public boolean has(Shown shown) {
    return switch (shown) {
      case Shown.Published event ->
          in(sources, event.source())
              && in(providers, event.provider())
              && in(types, event.type())
              && in(entities, event.entityKey());
      case Shown.Landed landed ->
          types.isEmpty()
              && in(sources, landed.landing().source())
              && in(providers, landed.landing().envelope().provider())
              && in(entities, landed.landing().key());
      case Shown.Letter letter ->
          types.isEmpty()
              && in(sources, letter.letter().source())
              && in(providers, letter.letter().provider())
              && in(entities, letter.letter().entityKey());
      case Shown.Unreadable unreadable -> isEmpty();
    };
  }

  private static boolean in(Set<String> wanted, @Nullable String value) {
    return wanted.isEmpty() || (value != null && wanted.contains(value));
  }
}
