package io.penstock.localstack;

import io.penstock.localstack.child.BrokerMain;
import io.penstock.localstack.child.GuardedMain;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** How one broker is set up: for a fast start, in little memory, quick to notice a dead peer. */
record BrokerSetup(
    int id,
    StackLayout layout,
    @Nullable Relay relay,
    Map<String, String> overrides,
    List<String> jvmOptions,
    Duration startTimeout) {

  BrokerSetup {
    overrides = Map.copyOf(overrides);
    jvmOptions = List.copyOf(jvmOptions);
  }

  Broker create(RuntimeHome home, StackDirectory stack, Watchdog watchdog) throws IOException {
    String name = "broker-" + id;
    Path directory = stack.forProcess(name);
    Path settings = directory.resolve("server.properties");
    try (Writer writer = Files.newBufferedWriter(settings)) {
      serverProperties(directory.resolve("data")).store(writer, null);
    }

    List<String> options = new ArrayList<>(ChildJvm.options(directory));
    options.addAll(
        List.of(
            "-Xmx384m",
            "-Dlog4j2.configurationFile=classpath:io/penstock/localstack/child/log4j2.properties",
            "-Dlog4j2.disableJmx=true"));
    options.addAll(jvmOptions);
    List<String> main =
        List.of(
            GuardedMain.class.getName(),
            BrokerMain.class.getName(),
            settings.toString(),
            layout.clusterId());

    int port = layout.nodes().get(id).port();
    ChildProcess.Spec spec =
        new ChildProcess.Spec(
            name,
            directory,
            home.kafkaCommand(options, main),
            () -> MetadataProbe.aliveBrokers(port).contains(id),
            startTimeout);
    return new Broker(id, port, relay, new ChildProcess(spec, watchdog));
  }

  Properties serverProperties(Path data) {
    StackLayout.Node node = layout.nodes().get(id);
    String replicas = Integer.toString(layout.nodes().size());
    String inSync = layout.nodes().size() == 3 ? "2" : "1";

    Properties p = new Properties();
    p.setProperty("process.roles", "broker,controller");
    p.setProperty("node.id", Integer.toString(id));
    p.setProperty("controller.quorum.voters", layout.voters());
    String listeners =
        "BROKER://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d"
            .formatted(node.port(), node.controllerPort());
    String advertised = "BROKER://127.0.0.1:" + node.port();
    String protocols = "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT";
    if (relay != null) {
      listeners += ",RELAYED://127.0.0.1:" + relay.target();
      advertised += ",RELAYED://127.0.0.1:" + relay.port();
      protocols += ",RELAYED:PLAINTEXT";
    }
    p.setProperty("listeners", listeners);
    p.setProperty("advertised.listeners", advertised);
    p.setProperty("listener.security.protocol.map", protocols);
    p.setProperty("inter.broker.listener.name", "BROKER");
    p.setProperty("controller.listener.names", "CONTROLLER");
    p.setProperty("log.dirs", data.toString());

    // As on a careful production cluster.
    p.setProperty("auto.create.topics.enable", "false");
    p.setProperty("default.replication.factor", replicas);
    p.setProperty("min.insync.replicas", inSync);
    p.setProperty("offsets.topic.replication.factor", replicas);
    p.setProperty("transaction.state.log.replication.factor", replicas);
    p.setProperty("transaction.state.log.min.isr", inSync);
    p.setProperty("share.coordinator.state.topic.replication.factor", replicas);
    p.setProperty("share.coordinator.state.topic.min.isr", inSync);
    p.setProperty("socket.request.max.bytes", "268435456");

    // Small and quick.
    p.setProperty("offsets.topic.num.partitions", "8");
    p.setProperty("transaction.state.log.num.partitions", "8");
    p.setProperty("share.coordinator.state.topic.num.partitions", "8");
    p.setProperty("group.initial.rebalance.delay.ms", "0");
    p.setProperty("log.cleaner.dedupe.buffer.size", "8388608");

    // A killed broker keeps its leaderships, and cannot come back, for the length of its session.
    p.setProperty("broker.session.timeout.ms", "2000");
    p.setProperty("broker.heartbeat.interval.ms", "400");
    p.setProperty("replica.lag.time.max.ms", "5000");

    p.putAll(overrides);
    return p;
  }
}
