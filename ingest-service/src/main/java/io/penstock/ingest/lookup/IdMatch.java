package io.penstock.ingest.lookup;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.landing.LandingRecord;
import io.penstock.ingest.provider.Identification;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.ProviderCatalog;
import java.util.Arrays;
import java.util.Comparator;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Tells the records that an id is about. Most records are told apart by their bytes alone, without
 * decoding anything.
 */
final class IdMatch {

  /** What some encoder of JSON or of forms does not write as it is. */
  private static final Pattern ESCAPED = Pattern.compile("[^A-Za-z0-9_.-]+");

  private final ProviderCatalog providers;
  private final String id;
  private final byte[] bytes;

  /**
   * What of the id stands in a body however that writes it: JSON may write any other character as
   * an escape, and a form must. All of most ids; nothing of some.
   */
  private final byte[] needle;

  /** How far to move on by the last byte that was compared: Horspool's table. */
  private final int[] skip = new int[256];

  IdMatch(ProviderCatalog providers, String id) {
    this.providers = providers;
    this.id = id;
    bytes = id.getBytes(UTF_8);
    needle = longestPlain(id).getBytes(UTF_8);
    Arrays.fill(skip, needle.length);
    for (int i = 0; i < needle.length - 1; i++) {
      skip[needle[i] & 0xFF] = needle.length - 1 - i;
    }
  }

  private static String longestPlain(String id) {
    return Arrays.stream(ESCAPED.split(id)).max(Comparator.comparingInt(String::length)).orElse("");
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

  /** Whether the id may stand anywhere in a value, in whatever way that writes it. */
  boolean isIn(byte @Nullable [] value) {
    return value != null && isIn(value, 0, value.length);
  }

  /** Whether it may stand in a part of an array, from an index up to one that does not count. */
  boolean isIn(byte[] value, int from, int to) {
    int last = needle.length - 1;
    if (last < 0) {
      return true;
    }
    int at = from + last;
    while (at < to) {
      int i = last;
      int j = at;
      while (i >= 0 && value[j] == needle[i]) {
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
      return stands(landing.body());
    }
    try {
      return switch (provider.identify(landing.body(), landing.envelope().headers())) {
        case Identification.Identified identified ->
            identified.entityKey().equals(id) || identified.uniqueParts().contains(id);
        case Identification.Malformed malformed -> stands(landing.body());
        case Identification.Missing missing -> stands(landing.body());
      };
    } catch (RuntimeException | StackOverflowError e) {
      return stands(landing.body()); // the rules failed: the bytes alone say what it is
    }
  }

  /** Whether a body has the id somewhere, as it is or with escapes of JSON. */
  private boolean stands(byte[] body) {
    if (!isIn(body)) {
      return false;
    }
    String text = new String(body, UTF_8);
    return text.contains(id) || JsonEscapes.unescaped(text).contains(id);
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
              || stands(letter.letter().body());
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
