package io.penstock.ingest.provider.matterport;

import io.penstock.ingest.provider.Decoding;
import io.penstock.ingest.provider.EventSchemas;
import io.penstock.ingest.provider.ModelReadiness;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * When a model of Matterport can be used. Its page says that a model that has been processed may
 * still have to become active, that both are events of their own, and that a consumer must wait for
 * both.
 *
 * <p>Version 1 of the webhooks has no event for the activation. Its {@code processed} does not
 * count: an account with both versions registered sends each processing twice. Its {@code deleted}
 * counts.
 */
final class MatterportReadiness implements ModelReadiness {

  private static final Schema SCHEMA = EventSchemas.load("MatterportModelReady");

  private static final String NO_MODEL = "no-model";
  private static final String NO_STATUS = "no-status";
  private static final String NO_STATE = "no-state";
  private static final String UNKNOWN_STATUS = "unknown-status";
  private static final String UNKNOWN_STATE = "unknown-state";
  private static final String VERSION_1 = "version-1";

  private static final Sign NOTHING = new Sign.Nothing();

  @Override
  public String topic() {
    return "matterport-model-ready";
  }

  @Override
  public Schema schema() {
    return SCHEMA;
  }

  @Override
  public Set<String> doubts() {
    return Set.of(NO_MODEL, NO_STATUS, NO_STATE, UNKNOWN_STATUS, UNKNOWN_STATE, VERSION_1);
  }

  @Override
  public Sign read(Decoding.Decoded decoded) {
    GenericRecord event = decoded.event();
    return switch (decoded.type()) {
      case "processed" -> processed(decoded, event);
      case "activation_state_changed" -> activation(decoded, event);
      case "deleted", "transferred_out" -> known(decoded, Subject.GONE, true, "", "");
      default -> NOTHING;
    };
  }

  private static Sign processed(Decoding.Decoded decoded, GenericRecord event) {
    if (event.get("v1Processed") != null) {
      return new Sign.Unclear(VERSION_1);
    }
    String status = text(event.get("processed"), "status");
    return switch (status) {
      case null -> new Sign.Unclear(NO_STATUS);
      case "succeeded" -> known(decoded, Subject.PROCESSED, true, "", "");
      case "failed" -> known(decoded, Subject.PROCESSED, false, "", "");
      default -> known(decoded, Subject.PROCESSED, false, "", UNKNOWN_STATUS);
    };
  }

  private static Sign activation(Decoding.Decoded decoded, GenericRecord event) {
    String state = text(event.get("activationStateChanged"), "currentState");
    return switch (state) {
      case null -> new Sign.Unclear(NO_STATE);
      case "active" -> known(decoded, Subject.ACTIVE, true, state, "");
      case "inactive", "pending", "archived" -> known(decoded, Subject.ACTIVE, false, state, "");
      default -> known(decoded, Subject.ACTIVE, false, state, UNKNOWN_STATE);
    };
  }

  private static Sign known(
      Decoding.Decoded decoded, Subject subject, boolean holds, String state, String doubt) {
    GenericRecord event = decoded.event();
    Object modelId = event.get("modelId");
    if (modelId == null || modelId.toString().isEmpty()) {
      return new Sign.Unclear(NO_MODEL);
    }
    return new Sign.Known(
        subject,
        holds,
        decoded.type(),
        modelId.toString(),
        (Long) event.get("version"),
        decoded.occurredAt(),
        state,
        doubt);
  }

  private static @Nullable String text(@Nullable Object record, String field) {
    return record instanceof GenericRecord fields && fields.get(field) != null
        ? fields.get(field).toString()
        : null;
  }
}
