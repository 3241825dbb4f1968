package io.penstock.ingest.pipeline;

import io.penstock.ingest.provider.RulesFailure;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProcessingExceptionHandler;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What Kafka Streams asks when a processor has thrown: the landing record becomes a dead letter
 * with its raw bytes, in the same transaction, and the next one is processed. So a fault of the
 * pipeline costs only the records that it concerns, and does not stop their partition.
 *
 * <p>What concerns every record (the brokers, the store, a fenced producer) is no record's fault,
 * and ends the thread, whose successor processes them again. Errors, such as lack of memory, do not
 * come here.
 *
 * <p>Made by Kafka Streams, from its configuration; used by stream threads.
 */
public final class RawDeadLetters implements ProcessingExceptionHandler {

  private static final Logger log = LoggerFactory.getLogger(RawDeadLetters.class);

  /** The configuration's key of what makes publications. */
  static final String PUBLICATIONS = "penstock.publications";

  private Supplier<Publications> publications =
      () -> {
        throw new IllegalStateException(PUBLICATIONS + " is not configured");
      };

  /** Made by its name. */
  public RawDeadLetters() {}

  @Override
  @SuppressWarnings("unchecked") // see StreamsProperties
  public void configure(Map<String, ?> configs) {
    if (configs.get(PUBLICATIONS) instanceof Supplier<?> supplier) {
      publications = (Supplier<Publications>) supplier;
    }
  }

  @Override
  public Response handleError(ErrorHandlerContext context, Record<?, ?> record, Exception failure) {
    if (concernsEveryRecord(failure) || context.topic() == null) {
      // Without a topic, a schedule has failed and no record.
      return Response.fail();
    }
    LandingPosition position =
        new LandingPosition(context.topic(), context.partition(), context.offset());
    try {
      // A new one: the task's own may be what is broken.
      return Response.resume(
          List.of(
              publications
                  .get()
                  .unprocessed(
                      new Record<>(
                          context.sourceRawKey(),
                          context.sourceRawValue(),
                          context.timestamp(),
                          context.headers()),
                      position,
                      failure)));
    } catch (RuntimeException e) {
      position
          .in(log.atError())
          .setCause(RulesFailure.of(e))
          .log("A record that could not be processed cannot be a dead letter");
      return Response.fail();
    }
  }

  private static boolean concernsEveryRecord(Exception failure) {
    // Kafka Streams wraps a wrong cast, which is a fault of the pipeline, in a KafkaException.
    return failure instanceof KafkaException && !(failure.getCause() instanceof ClassCastException);
  }
}
