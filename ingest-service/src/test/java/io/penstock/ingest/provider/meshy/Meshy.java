package io.penstock.ingest.provider.meshy;

import io.penstock.ingest.provider.Envelope;
import io.penstock.ingest.provider.EnvelopeProvider;
import io.penstock.ingest.provider.Identification;
import io.penstock.ingest.provider.Identification.Identified;
import io.penstock.ingest.provider.Layout;

/** Meshy: the body is the task, and the task's status is the event's type. */
public final class Meshy extends EnvelopeProvider {

  /** The rules of Meshy. */
  public Meshy() {
    super(
        "meshy",
        Layout.of("MeshyEvent")
            .type("status")
            .requires("id")
            .timeOfSome("finished_at", "started_at", "created_at")
            .build(),
        "succeeded",
        "pending",
        "failed");
  }

  @Override
  protected Identified identify(Envelope envelope) {
    return Identified.of(envelope.id("id"), Identification.allOf(envelope.body()));
  }
}
