package io.penstock.ingest.lookup;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.landing.LandingRecord;
import io.penstock.ingest.provider.Identification;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.ProviderCatalog;
import java.util.Arrays;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Tells the records that an id is about. Most records are told apart by their bytes alone, without
 * decoding anything.
 */
final class IdMatch {

  private final ProviderCatalog providers;
  private final String id;
  private final byte[] bytes;

  /** How far to move on by the last byte that was compared: Horspool's table. */
  private final int[] skip = new int[256];

  IdMatch(ProviderCatalog providers, String id) {
    this.providers = providers;
    this.id = id;
    bytes = id.getBytes(UTF_8);
    Arrays.fill(skip, bytes.length);
    for (int i = 0; i < bytes.length - 1; i++) {
      skip[bytes[i] & 0xFF] = bytes.length - 1 - i;
    }
  }

  /** Whether a record may be of this id: its key, one of its headers, or its value says so. */
  boolean mayBe(ConsumerRecord<byte[], byte[]> record) {
    return isKey(record.key()) || hasHeader(record.headers(), bytes) || isIn(record.value());
  }

  /** Whether a record's key is the id. */
  boolean isKey(byte @Nullable [] key) {
    return Arrays.equals(key, bytes);
  }

  /** The id in UTF-8; not to be changed. */
  byte[] bytes() {
    return bytes;
  }

  /** Whether any header has this value. */
  static boolean hasHeader(Iterable<Header> headers, byte[] value) {
    for (Header header : headers) {
      if (Arrays.equals(header.value(), value)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the id stands anywhere in a value. */
  boolean isIn(byte @Nullable [] value) {
    return value != null && isIn(value, 0, value.length);
  }

  /** Whether the id stands in a part of an array, from an index up to one that does not count. */
  boolean isIn(byte[] value, int from, int to) {
    int last = bytes.length - 1;
    int at = from + last;
    while (at < to) {
      int i = last;
      int j = at;
      while (i >= 0 && value[j] == bytes[i]) {
        i--;
        j--;
      }
      if (i < 0) {
        return true;
      }
      at += skip[value[at] & 0xFF];
    }
    return false;
  }

  /**
   * Whether a landing record is of this id: by its receipt, its event, its entity, an id of the
   * provider's own in the kept headers, or what identifies the event in its body. The body of a
   * refused delivery that identifies nothing counts where it has the id anywhere.
   */
  boolean is(LandingRecord landing) {
    if (landing.receiptId().equals(id)
        || landing.key().equals(id)
        || landing.envelope().headers().containsValue(id)
        || (landing instanceof LandingRecord.Event event
            && event.deduplicationId().hex().equals(id))) {
      return true;
    }
    return isIn(landing.body()) && identifies(landing);
  }

  private boolean identifies(LandingRecord landing) {
    Provider provider = providers.byName(landing.envelope().provider()).orElse(null);
    if (provider == null) {
      return true;
    }
    try {
      return switch (provider.identify(landing.body(), landing.envelope().headers())) {
        case Identification.Identified identified ->
            identified.entityKey().equals(id) || identified.uniqueParts().contains(id);
        case Identification.Malformed malformed -> true;
        case Identification.Missing missing -> true;
      };
    } catch (RuntimeException | StackOverflowError e) {
      return true; // the rules failed on it, so that the bytes alone say what it is
    }
  }

  /** Whether an event or a dead letter is of this id. */
  boolean is(Shown shown) {
    return switch (shown) {
      case Shown.Landed landed -> is(landed.landing());
      case Shown.Published event ->
          id.equals(event.eventId())
              || id.equals(event.receiptId())
              || id.equals(event.entityKey())
              || hasField(event);
      case Shown.Letter letter ->
          id.equals(letter.letter().receiptId())
              || id.equals(letter.letter().eventId())
              || id.equals(letter.letter().entityKey())
              || letter.letter().headers().containsValue(id)
              || isIn(letter.letter().body());
      case Shown.Unreadable unreadable -> false;
    };
  }

  private boolean hasField(Shown.Published event) {
    for (var field : event.event()) {
      if (field.isTextual() && field.textValue().equals(id)) {
        return true;
      }
    }
    return false;
  }
}
