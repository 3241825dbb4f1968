package io.penstock.ingest.provider.move;

import io.penstock.ingest.json.JsonScan.Kind;
import io.penstock.ingest.provider.Envelope;
import io.penstock.ingest.provider.EnvelopeProvider;
import io.penstock.ingest.provider.Identification;
import io.penstock.ingest.provider.Identification.Identified;
import io.penstock.ingest.provider.Layout;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * Move API: <a href="https://developers.move.ai/docs/integrations/webhooks">its webhooks</a> have
 * {@code event_name}, {@code timestamp} and {@code detail}, as <a
 * href="https://svix.com/event-types/eu/org_2U19l4cDWik8VmkVGzwQ0H77T1o">their catalogue</a> says,
 * and Svix delivers them.
 *
 * <p>An event is recognized by the id of its message, a header that Svix's signature covers. A
 * source that requires no signature may get requests without the header: those are recognized by a
 * digest of the body.
 *
 * <p>The catalogue has times in UTC, so a time without a zone is in UTC.
 */
public final class Move extends EnvelopeProvider {

  /** What the catalogue writes before the names of some events, and the events may leave out. */
  private static final String UGC = "ugc.";

  private static final Map<String, String> ABORT_MESSAGE =
      Map.of("webhook-delivery", "abort-message");

  /** The rules of Move API. */
  public Move() {
    super(
        "move",
        Layout.of("MoveEvent")
            .type("event_name")
            .time("timestamp")
            .zone(ZoneOffset.UTC)
            .content("detail")
            .id("jobId", "detail.job_id", "detail.event_attributes.job.id")
            .id("takeId", "detail.event_attributes.take.id")
            .computed("messageId")
            .build(),
        "job.state.completed",
        "job.state.started",
        "ugc.job.state.completed",
        "ugc.job.state.failed");
  }

  /** Svix waits for 15 s. */
  @Override
  public Duration acknowledgementDeadline() {
    return Duration.ofSeconds(12);
  }

  @Override
  public List<String> headers() {
    return MessageId.HEADERS;
  }

  /**
   * Svix's <a href="https://docs.svix.com/receiving/delivery-control">delivery control</a>: ends
   * the retries of a message, which would otherwise make a dead letter each for 28 hours.
   */
  @Override
  public Map<String, String> headersOfFinalRefusals() {
    return ABORT_MESSAGE;
  }

  @Override
  protected @Nullable String missing(Envelope envelope) {
    return envelope.members().root() == Kind.ARRAY
        ? "the body is an array, as a FIFO endpoint sends; use an ordinary endpoint"
        : super.missing(envelope);
  }

  @Override
  protected Identified identify(Envelope envelope) {
    String messageId = MessageId.of(envelope.headers());
    List<String> uniqueParts =
        messageId != null ? List.of(messageId) : Identification.allOf(envelope.body());
    String jobId = envelope.idField("jobId");
    return Identified.of(jobId == null ? String.join(":", uniqueParts) : jobId, uniqueParts);
  }

  @Override
  protected void set(Envelope envelope, GenericRecord event, Set<String> deviations) {
    event.put("messageId", MessageId.of(envelope.headers()));
  }

  /** The catalogue has some types with the prefix; events may have it or not. */
  @Override
  protected String documentedType(String type) {
    String other = type.startsWith(UGC) ? type.substring(UGC.length()) : UGC + type;
    return layout().isDocumented(type) || !layout().isDocumented(other) ? type : other;
  }
}
