package io.penstock.ingest.landing;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One record of {@link KafkaSender} on its way; its value is whether it has its outcome. */
final class Sending extends AtomicBoolean implements Callback, Epoch.Waiting {
  private static final long serialVersionUID = 1;

  private static final Logger log = LoggerFactory.getLogger(Sending.class);

  private final transient Breaker breaker;
  private final transient Partition partition;
  private final transient Epoch epoch;
  private final transient ProducerRecord<byte[], byte[]> record;
  private final transient Consumer<SendOutcome> done;
  private final long bytes;

  /** The thread that is handing it to the client; null before and after. */
  private transient volatile @Nullable Thread handing;

  Sending(
      Breaker breaker,
      Partition partition,
      Epoch epoch,
      ProducerRecord<byte[], byte[]> record,
      long bytes,
      Consumer<SendOutcome> done) {
    this.breaker = breaker;
    this.partition = partition;
    this.epoch = epoch;
    this.record = record;
    this.bytes = bytes;
    this.done = done;
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // the callback has it
  public void go() {
    handing = Thread.currentThread();
    try {
      epoch.client().kafka.send(record, this);
    } catch (RuntimeException | Error e) {
      onEnd(AppendOutcome.NOT_KNOWN, e);
      if (e instanceof Error error) {
        throw error;
      }
    } finally {
      handing = null;
    }
  }

  @Override
  public void untried() {
    settledOtherwise();
    report(SendOutcome.UNTRIED);
  }

  @Override
  public void onCompletion(@Nullable RecordMetadata metadata, @Nullable Exception failure) {
    onEnd(
        metadata != null && metadata.hasOffset()
            ? new AppendOutcome.LandedAt.Known(metadata.partition(), metadata.offset())
            : AppendOutcome.NOT_KNOWN,
        failure);
  }

  private void onEnd(AppendOutcome.LandedAt at, @Nullable Throwable failure) {
    if (!compareAndSet(false, true)) {
      return;
    }
    SendOutcome outcome =
        failure == null
            ? new SendOutcome.Acknowledged(at)
            : Thread.currentThread().equals(handing)
                ? SendOutcome.refused(failure)
                : SendOutcome.failed(failure);
    try {
      account(outcome); // may send others, which may throw an Error
    } finally {
      report(outcome);
    }
  }

  /** A receiver that fails must not keep others from their outcomes. */
  private void report(SendOutcome outcome) {
    try {
      done.accept(outcome);
    } catch (RuntimeException e) {
      log.error("The receiver of a record's outcome failed", e);
    }
  }

  private void account(SendOutcome outcome) {
    switch (outcome) {
      case SendOutcome.Acknowledged acknowledged -> {
        partition.health().acknowledged(bytes);
        breaker.acknowledged();
        epoch.acknowledged();
      }
      case SendOutcome.TooLarge tooLarge -> {
        settledOtherwise();
        epoch.settledOtherwise();
      }
      case SendOutcome.NotWritten notWritten -> failed(notWritten.cause());
      case SendOutcome.Unknown unknown -> failed(unknown.cause());
    }
  }

  private void settledOtherwise() {
    partition.health().settledOtherwise(bytes);
    breaker.refused();
  }

  private void failed(Throwable cause) {
    partition.end(epoch);
    epoch.end();
    if (epoch.client().replaced) {
      settledOtherwise();
      return;
    }
    if (!(cause instanceof RetriableException)) {
      epoch.client().broken = true;
    }
    partition.health().failed(bytes);
    breaker.failed(cause.toString());
  }
}
