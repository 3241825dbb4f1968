package io.penstock.ingest.pipeline;

import java.util.function.Supplier;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * The first step: a landing record becomes an event, to be looked at for copies, or a dead letter,
 * to be written at once.
 */
final class Decode implements Processor<byte[], byte[], byte[], Object> {

  static final String NODE = "decode";

  private final Supplier<Publications> suppliedPublications;
  private final LargeOnes largeOnes;
  private final Supplier<CommitPace> pace;
  private Publications publications;
  private ProcessorContext<byte[], Object> context;

  /**
   * @param pace of the thread that asks
   */
  @SuppressWarnings("NullAway.Init") // the rest is there once init has been called
  Decode(
      Supplier<Publications> suppliedPublications, LargeOnes largeOnes, Supplier<CommitPace> pace) {
    this.suppliedPublications = suppliedPublications;
    this.largeOnes = largeOnes;
    this.pace = pace;
  }

  @Override
  public void init(ProcessorContext<byte[], Object> processorContext) {
    context = processorContext;
    publications = suppliedPublications.get();
  }

  @Override
  public void process(Record<byte[], byte[]> landed) {
    pace.get().processed(context);
    LandingPosition position = LandingPosition.of(context.recordMetadata());
    Record<byte[], Publication> publication = publication(landed, position);
    // Decoded before it is marked as seen: a dead letter can be driven through again.
    switch (publication.value()) {
      case Publication.DeadLetter letter -> {
        if (letter.once() == null) {
          context.forward(publication.withValue(letter.value()), PipelineTopology.DEAD_LETTER_SINK);
          letter.published();
        } else {
          context.forward(publication, Deduplicate.NODE);
        }
      }
      case Publication.Event event -> context.forward(publication, Deduplicate.NODE);
    }
  }

  private Record<byte[], Publication> publication(
      Record<byte[], byte[]> landed, LandingPosition position) {
    return largeOnes.make(landed.value(), () -> publications.of(landed, position));
  }
}
