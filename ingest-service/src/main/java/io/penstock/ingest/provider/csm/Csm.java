package io.penstock.ingest.provider.csm;

import io.penstock.ingest.json.JsonScan.Kind;
import io.penstock.ingest.provider.Envelope;
import io.penstock.ingest.provider.EnvelopeProvider;
import io.penstock.ingest.provider.Identification;
import io.penstock.ingest.provider.Identification.Identified;
import io.penstock.ingest.provider.Layout;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * CSM: <a href="https://docs.csm.ai/webhooks">its webhooks</a> have {@code type} and {@code
 * payload}. So had <a href="https://docs.csm.ai/Webhook/1_Webhook_Notifications">the older
 * ones</a>, which may still come.
 *
 * <p>The documentation says to recognize a duplicate by {@code session_id} and {@code timestamp}.
 * Two changes of one session can have the same time, so the statuses count as well. The rest of the
 * body does not count, because it contains links that CSM may sign anew for a retry. The older
 * types and undocumented types are recognized by a digest of the body: they may have no timestamp.
 *
 * <p>CSM documents its times in UTC, so a time without a zone is in UTC.
 */
public final class Csm extends EnvelopeProvider {

  private static final String SESSION_STATUS_CHANGED = "session_status_changed";

  private static final String SESSION_ID = "payload.session_id";
  private static final String TIMESTAMP = "payload.timestamp";
  private static final String OLD_STATUS = "payload.old_status";
  private static final String NEW_STATUS = "payload.new_status";

  /** The rules of CSM. */
  public Csm() {
    super(
        "csm",
        Layout.of("CsmEvent")
            .type("type")
            .requires(SESSION_ID)
            .timeOfSome(TIMESTAMP)
            .zone(ZoneOffset.UTC)
            .content("payload")
            .id("sessionId", SESSION_ID)
            .captures(OLD_STATUS, NEW_STATUS)
            .build(),
        "session_status_changed-documented",
        "image_to_3d-complete",
        "image_to_3d-failed",
        "multiview_to_3d-complete",
        "multiview_to_3d-failed",
        "text_to_image-complete",
        "text_to_image-failed",
        "image_to_kit-complete",
        "image_to_kit-failed",
        "retopology-complete",
        "retopology-failed",
        "animation-complete",
        "animation-failed",
        "spin_generate_processing",
        "spin_generate_done",
        "spin_generate_failed",
        "preview_done",
        "preview_failed",
        "refine_done",
        "refine_failed");
  }

  /** CSM waits for 5 s, and tries three times more within half a minute. */
  @Override
  public Duration acknowledgementDeadline() {
    return Duration.ofSeconds(4);
  }

  @Override
  protected @Nullable String missing(Envelope envelope) {
    String missing = super.missing(envelope);
    boolean lacksTime =
        missing == null
            && envelope.type().equals(SESSION_STATUS_CHANGED)
            && envelope.members().stringOrNumber(TIMESTAMP) == null;
    return lacksTime ? TIMESTAMP + " is missing, empty or not text" : missing;
  }

  @Override
  protected Identified identify(Envelope envelope) {
    String sessionId = envelope.id(SESSION_ID);
    String timestamp = envelope.members().stringOrNumber(TIMESTAMP);
    return Identified.of(
        sessionId,
        envelope.type().equals(SESSION_STATUS_CHANGED) && timestamp != null
            ? List.of(
                sessionId, timestamp, value(envelope, OLD_STATUS), value(envelope, NEW_STATUS))
            : Identification.allOf(envelope.body()));
  }

  /** Differs for any two values, and for an empty, a null and an absent one. */
  private static String value(Envelope envelope, String path) {
    String text = envelope.members().stringOrNumber(path);
    Kind kind = envelope.members().kind(path);
    if (text != null) {
      return (kind == Kind.STRING ? "\"" : "") + text;
    }
    return kind == null ? "" : "=" + envelope.exactText(path);
  }
}
