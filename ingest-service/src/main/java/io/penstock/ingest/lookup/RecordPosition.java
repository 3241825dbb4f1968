package io.penstock.ingest.lookup;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Where a record stands, written as {@code TOPIC/PARTITION@OFFSET}.
 *
 * @param partition from 0 up
 * @param offset from 0 up
 */
public record RecordPosition(String topic, int partition, long offset) {

  /** Both forms that are read, and the one of the logs: {@code TOPIC-PARTITION@OFFSET}. */
  private static final Pattern FORM =
      Pattern.compile("([A-Za-z0-9._-]{1,249})(?:/(\\d{1,9})[/@]|-(\\d{1,9})@)(\\d{1,18})");

  public RecordPosition {
    if (partition < 0 || offset < 0) {
      throw new IllegalArgumentException("a partition and an offset are 0 or more");
    }
  }

  /** The position of a record that was read. */
  public static RecordPosition of(ConsumerRecord<?, ?> record) {
    return new RecordPosition(record.topic(), record.partition(), record.offset());
  }

  /** Whether a text is a position, so that {@link #parse} reads it. */
  public static boolean isPosition(String text) {
    return FORM.matcher(text).matches();
  }

  /**
   * Reads {@code TOPIC/PARTITION@OFFSET}, {@code TOPIC/PARTITION/OFFSET}, or {@code
   * TOPIC-PARTITION@OFFSET} as the log and {@code dead-letters show} write it.
   *
   * @throws IllegalArgumentException if the text is no position; the message does not repeat it
   */
  public static RecordPosition parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "a position is TOPIC/PARTITION@OFFSET, such as webhooks.inbound/4@1182");
    }
    String partition = form.group(2) == null ? form.group(3) : form.group(2);
    return new RecordPosition(
        form.group(1), Integer.parseInt(partition), Long.parseLong(form.group(4)));
  }

  /** The partition, as Kafka's clients name it. */
  public TopicPartition topicPartition() {
    return new TopicPartition(topic, partition);
  }

  @Override
  public String toString() {
    return topic + "/" + partition + "@" + offset;
  }
}
