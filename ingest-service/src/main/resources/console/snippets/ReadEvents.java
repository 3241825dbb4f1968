package io.penstock.examples;

import io.penstock.events.CsmEvent;
import io.penstock.events.EventMetadata;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Prints the events of CSM: ReadEvents BOOTSTRAP-SERVERS REGISTRY-URL TOPIC GROUP. */
public final class ReadEvents {

  private ReadEvents() {}

  public static void main(String[] args) {
    Properties properties = new Properties();
    properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
    properties.put(ConsumerConfig.GROUP_ID_CONFIG, args[3]);
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed"); // not the default
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);

    try (KafkaConsumer<String, CsmEvent> consumer =
        new KafkaConsumer<>(
            properties,
            new StringDeserializer(),
            new RegistryDeserializer<>(args[1], CsmEvent.class))) {
      consumer.subscribe(List.of(args[2]));
      while (true) {
        for (ConsumerRecord<String, CsmEvent> record : consumer.poll(Duration.ofSeconds(1))) {
          handle(record.key(), record.value());
        }
        consumer.commitSync(); // after the work: a crash in between repeats it
      }
    }
  }

  private static void handle(String sessionId, CsmEvent event) {
    EventMetadata metadata = event.getMetadata(); // metadata.getEventId() tells repetitions apart
    String what =
        switch (metadata.getType()) {
          case "session_status_changed" ->
              event.getSessionStatusChanged() == null
                  ? "not as documented: " + event.getJson()
                  : "is " + event.getSessionStatusChanged().getNewStatus();
          default -> "something new, or of no interest"; // expect types that you do not know
        };
    System.out.println(
        sessionId + " " + metadata.getType() + " " + metadata.getEventId() + " " + what);
  }
}
