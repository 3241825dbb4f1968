package io.penstock.ingest.landing;

import io.penstock.ingest.delivery.DeduplicationId;
import io.penstock.ingest.delivery.Reason;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One authentic delivery as the landing log keeps it: to become an event, or refused. */
public sealed interface LandingRecord {

  /** What both kinds have. */
  LandingEnvelope envelope();

  /** The name of the source. */
  default String source() {
    return envelope().source();
  }

  /** Names this request; a copy of the delivery has another. */
  default String receiptId() {
    return envelope().receiptId();
  }

  /** When the body had been read, in milliseconds since 1970, by the ingress's clock. */
  default long receivedAt() {
    return envelope().receivedAt();
  }

  /** The key of the Kafka record. */
  default String key() {
    return envelope().key();
  }

  /** The bytes to keep; not copied, so not to be changed. */
  default byte[] body() {
    return envelope().body();
  }

  /** How many bytes of memory the record takes until its outcome is known, about. */
  default long heldBytes() {
    return 2048L + body().length;
  }

  /**
   * What is known of every authenticated delivery.
   *
   * @param source the name of the source
   * @param provider the name of the source's provider
   * @param receiptId names this request; a copy of the delivery has another
   * @param receivedAt when the body had been read, in milliseconds since 1970, by the ingress's
   *     clock
   * @param key the entity key; the receipt id where the body names no entity
   * @param contentType as sent; null where absent
   * @param traceparent the W3C trace context as sent; null where absent or malformed
   * @param headers the provider's headers that matter, by lower-case name; never credentials
   * @param body the bytes to keep; not copied, so not to be changed
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared, and the hot path copies nothing
  record LandingEnvelope(
      String source,
      String provider,
      String receiptId,
      long receivedAt,
      String key,
      @Nullable String contentType,
      @Nullable String traceparent,
      Map<String, String> headers,
      byte[] body) {

    public LandingEnvelope {
      headers = Map.copyOf(headers);
    }

    /** Without the body, the headers and the key, which are not for logs. */
    @Override
    public String toString() {
      return "LandingEnvelope[source=" + source + ", receiptId=" + receiptId + "]";
    }
  }

  /**
   * A delivery that names its event.
   *
   * @param deduplicationId the same for every copy of the event
   * @param equalWithin an equal body of the same source within this time before it makes it a copy;
   *     null where equal bodies are not compared
   */
  record Event(
      LandingEnvelope envelope, DeduplicationId deduplicationId, @Nullable Duration equalWithin)
      implements LandingRecord {}

  /**
   * A delivery that was refused although it is authentic.
   *
   * @param detail what was wrong, in the service's own words; null where the record does not say
   */
  record Refusal(LandingEnvelope envelope, Reason reason, @Nullable String detail)
      implements LandingRecord {}
}
