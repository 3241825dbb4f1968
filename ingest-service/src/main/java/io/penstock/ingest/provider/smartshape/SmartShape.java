package io.penstock.ingest.provider.smartshape;

import io.penstock.ingest.provider.Envelope;
import io.penstock.ingest.provider.EnvelopeProvider;
import io.penstock.ingest.provider.Identification.Identified;
import io.penstock.ingest.provider.Layout;
import java.time.ZoneOffset;

/**
 * SmartShape: <a href="https://cloud.smartshape.com/documentation/developer-manual/webhooks">its
 * webhooks</a> always have {@code file}, {@code event}, {@code data}, {@code owner}, {@code
 * runTimestamp} and {@code uuid}. It documents its times in UTC, so a time without a zone is in
 * UTC.
 */
public final class SmartShape extends EnvelopeProvider {

  /** The rules of SmartShape. */
  public SmartShape() {
    super(
        "smartshape",
        Layout.of("SmartShapeEvent")
            .requires("uuid", "file")
            .type("event")
            .time("runTimestamp")
            .zone(ZoneOffset.UTC)
            .content("data")
            .build(),
        "attribute_updated",
        "file_uploaded",
        "file_optimized",
        "annotation_created",
        "annotation_updated",
        "annotation_removed",
        "configuration_created",
        "configuration_updated",
        "configuration_removed");
  }

  @Override
  protected Identified identify(Envelope envelope) {
    return Identified.of(envelope.id("file"), envelope.id("uuid"));
  }
}
