package io.penstock.ingest.cli;

import io.penstock.ingest.lookup.Shown;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Takes events for a dry run, and does nothing with them. */
final class NoTarget implements ReplayTarget {

  private long taken;

  @Override
  public Sent send(ConsumerRecord<byte[], byte[]> record, Shown.Published event) {
    taken++;
    return new Sent.Going();
  }

  @Override
  public Sent finish() {
    return new Sent.Going();
  }

  @Override
  public long certain() {
    return taken;
  }

  @Override
  public void stop() {}

  @Override
  public String summary() {
    return "";
  }

  @Override
  public void close() {}
}
