package io.penstock.ingest.provider.acme;

import io.penstock.ingest.provider.Envelope;
import io.penstock.ingest.provider.EnvelopeProvider;
import io.penstock.ingest.provider.Identification.Identified;
import io.penstock.ingest.provider.Layout;

/** Acme: its webhooks always have {@code event}, {@code type}, {@code at} and {@code data}. */
public final class Acme extends EnvelopeProvider {

  /** The rules of Acme. */
  public Acme() {
    super(
        "acme",
        Layout.of("AcmeEvent")
            .type("type")
            .requires("event", "data.scan_id")
            .time("at")
            .content("data")
            .build(),
        "scan.finished");
  }

  @Override
  protected Identified identify(Envelope envelope) {
    return Identified.of(envelope.id("data.scan_id"), envelope.id("event"));
  }
}
