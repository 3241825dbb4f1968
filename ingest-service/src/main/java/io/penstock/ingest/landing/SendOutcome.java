package io.penstock.ingest.landing;

import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SerializationException;

/** What became of one record that was to be sent to the landing log. */
sealed interface SendOutcome {

  /** All in-sync replicas have it. */
  record Acknowledged(AppendOutcome.LandedAt at) implements SendOutcome {}

  /** It is larger than the log takes, and the log never will take it. Says nothing of Kafka. */
  record TooLarge(Throwable cause) implements SendOutcome {}

  /** Not written, and this attempt never will write it. */
  record NotWritten(Throwable cause) implements SendOutcome {}

  /** It may have been written: what the broker did before the failure is not known. */
  record Unknown(Throwable cause) implements SendOutcome {}

  /** Its epoch was over, so it was not tried: see {@link KafkaSender}. */
  SendOutcome UNTRIED =
      new NotWritten(new KafkaException("a record before it in its partition was not written"));

  /** What a failure says that the client reported after it had taken the record. */
  static SendOutcome failed(Throwable cause) {
    if (cause instanceof RecordTooLargeException) {
      return new TooLarge(cause);
    }
    return cause instanceof SerializationException
            || cause instanceof InvalidTopicException
            || cause instanceof AuthorizationException
            || cause instanceof AuthenticationException
        ? new NotWritten(cause)
        : new Unknown(cause);
  }

  /** What a failure says that the client reported instead of taking the record. */
  static SendOutcome refused(Throwable cause) {
    return cause instanceof RecordTooLargeException ? new TooLarge(cause) : new NotWritten(cause);
  }
}
