package io.penstock.ingest.landing;

import io.penstock.ingest.delivery.DeduplicationId;
import io.penstock.ingest.delivery.Reason;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One authentic delivery as it stands in the landing log.
 *
 * @param source the name of the source
 * @param provider the name of the source's provider
 * @param receiptId names this request, copy or not
 * @param receivedAt when its body had been read, in milliseconds since 1970, by the ingress's clock
 * @param key the entity key; the receipt id where the body names no entity
 * @param deduplicationId null exactly where the delivery was refused
 * @param equalWithin within which time before it an equal body of its source makes it a copy; null
 *     where none does
 * @param refusal why it was refused although authentic; null where it was not
 * @param refusalDetail what was wrong, in words of ours; null where it was not refused
 * @param contentType as sent; null where absent
 * @param traceparent the W3C trace context as sent; null where absent or malformed
 * @param headers the provider's headers that matter, by lower-case name; never credentials
 * @param body the exact bytes received; not copied, so not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and the hot path copies nothing
public record LandingRecord(
    String source,
    String provider,
    String receiptId,
    long receivedAt,
    String key,
    @Nullable DeduplicationId deduplicationId,
    @Nullable Duration equalWithin,
    @Nullable Reason refusal,
    @Nullable String refusalDetail,
    @Nullable String contentType,
    @Nullable String traceparent,
    Map<String, String> headers,
    byte[] body) {

  public LandingRecord {
    if ((deduplicationId == null) != (refusal != null)) {
      throw new IllegalArgumentException("a delivery has either a deduplication id or a refusal");
    }
    headers = Map.copyOf(headers);
  }

  @Override
  public String toString() {
    return "LandingRecord[source=" + source + ", receiptId=" + receiptId + "]";
  }
}
