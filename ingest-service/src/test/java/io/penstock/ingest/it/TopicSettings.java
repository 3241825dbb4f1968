package io.penstock.ingest.it;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;

/** Topics and their settings, as an operator makes and changes them. */
final class TopicSettings implements AutoCloseable {

  private final Admin admin;

  TopicSettings(String bootstrapServers) {
    admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers));
  }

  void create(NewTopic... topics) throws Exception {
    admin.createTopics(List.of(topics)).all().get(120, TimeUnit.SECONDS);
  }

  void set(String topic, String name, String value) throws Exception {
    admin
        .incrementalAlterConfigs(
            Map.of(
                topic(topic),
                List.of(new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET))))
        .all()
        .get(120, TimeUnit.SECONDS);
  }

  String get(String topic, String name) throws Exception {
    Config config =
        admin
            .describeConfigs(List.of(topic(topic)))
            .all()
            .get(120, TimeUnit.SECONDS)
            .get(topic(topic));
    return Objects.requireNonNull(config).get(name).value();
  }

  private static ConfigResource topic(String name) {
    return new ConfigResource(ConfigResource.Type.TOPIC, name);
  }

  @Override
  public void close() {
    admin.close();
  }
}
