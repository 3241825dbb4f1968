package io.penstock.ingest.provider;

import io.penstock.ingest.json.JsonScan.Malformed;
import io.penstock.ingest.json.JsonScan.Members;
import io.penstock.ingest.provider.Identification.Identified;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * A provider of ordinary shape: each body is one JSON object that names its event's type. A
 * subclass says where things are ({@link Layout}) and what identifies an event ({@link
 * #identify(Envelope)}); the other methods are for providers that need more.
 */
public abstract class EnvelopeProvider implements Provider {

  private final String name;
  private final Layout layout;
  private final List<String> samples;

  /**
   * A provider.
   *
   * @param name see {@link Provider#name}
   * @param samples the names of the files in {@code samples}, without {@code .json}; the first is
   *     the one that {@code dev} sends
   */
  protected EnvelopeProvider(String name, Layout layout, String... samples) {
    this.name = name;
    this.layout = layout;
    this.samples = List.of(samples);
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final Schema schema() {
    return layout.schema();
  }

  @Override
  public final List<Sample> samples() {
    return Samples.load(getClass(), samples);
  }

  /** Where the bodies have what all events have. */
  public final Layout layout() {
    return layout;
  }

  /** What identifies an event of which no required member is missing. */
  protected abstract Identified identify(Envelope envelope);

  /**
   * Why a body is not an event, for its dead letter and in words of ours; null if it is one. To be
   * overridden for what the layout's required members do not say.
   */
  protected @Nullable String missing(Envelope envelope) {
    return layout.missing(envelope.members());
  }

  /** The type by which the schema knows a type that the provider may write in other ways too. */
  protected String documentedType(String type) {
    return type;
  }

  /**
   * Sets the root fields that the layout declares as computed. The event has everything else
   * already but {@code metadata} and {@code json}.
   *
   * @param deviations gets the names of fields whose value does not have the documented form
   */
  protected void set(Envelope envelope, GenericRecord event, Set<String> deviations) {}

  @Override
  public final Identification identify(byte[] body, Map<String, String> headers) {
    return switch (layout.scan(body)) {
      case Malformed malformed -> new Identification.Malformed(malformed.detail());
      case Members members -> {
        Envelope envelope = new Envelope(layout, body, headers, members);
        String missing = missing(envelope);
        yield missing == null ? identify(envelope) : new Identification.Missing(missing);
      }
    };
  }

  /** Redacts the body first, so that no typed field has a credential. */
  @Override
  public final Decoding decode(byte[] body, Map<String, String> headers) {
    byte[] kept = redact(body);
    return switch (layout.scan(kept)) {
      case Malformed malformed -> new Decoding.Undecodable(malformed.detail());
      case Members members -> {
        Envelope envelope = new Envelope(layout, kept, headers, members);
        String missing = missing(envelope);
        yield missing == null ? decode(envelope) : new Decoding.Undecodable(missing);
      }
    };
  }

  private Decoding decode(Envelope envelope) {
    String type = envelope.type();
    Set<String> deviations = new HashSet<>();
    GenericRecord event = new GenericData.Record(layout.schema());
    Instant occurredAt = layout.fill(envelope, documentedType(type), event, deviations);
    set(envelope, event, deviations);
    return new Decoding.Decoded(type, occurredAt, event, deviations);
  }
}
