package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.ingest.Thorough;
import io.penstock.ingest.deploy.Manifests;
import io.penstock.ingest.deploy.Manifests.KafkaTopic;
import io.penstock.ingest.deploy.Manifests.KafkaUser;
import io.penstock.localstack.LocalStack;
import io.penstock.localstack.Relay;
import io.penstock.localstack.ServiceProgram;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.Resource;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The rights and topics in {@code deploy/k8s/strimzi} are enough for each role, on a broker that
 * denies everything else.
 */
@Thorough("`KubernetesTest`: rights and topics against what the program requires")
class StrimziIT {

  private static final Path MANIFESTS = Path.of("..", "deploy", "k8s", "strimzi");

  /** The topic that a Job creates, as where Strimzi does not run. */
  private static final String MADE_BY_THE_JOB = ".move";

  @TempDir private Path directory;

  @Test
  void eachRolesRightsAreEnoughForIt() throws Exception {
    try (LocalStack stack = stack();
        ServerSocket relay = forward(stack.kafka().broker(0).relay());
        Admin admin =
            Admin.create(
                Map.of(
                    AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                    stack.kafka().bootstrapServers()))) {
      String guarded = "127.0.0.1:" + relay.getLocalPort();
      Settings ingress = settings(stack, guarded, "ingress");
      Settings pipeline =
          settings(stack, guarded, "pipeline")
              .with("PENSTOCK_TOPICS_PREFIX", ingress.prefix())
              .with("PENSTOCK_PIPELINE_MODEL_READY_ENABLED", "true")
              .with("PENSTOCK_KAFKA_PROPERTIES_NUM_STANDBY_REPLICAS", "1");
      Settings console =
          settings(stack, guarded, "console")
              .with("PENSTOCK_TOPICS_PREFIX", ingress.prefix())
              .with("PENSTOCK_CONSOLE_PORT", "0");
      create(admin, ingress.prefix());
      theJobsRightsAreEnoughForTopics(
          settings(stack, guarded, "preparation")
              .with("PENSTOCK_ROLES", "pipeline")
              .with("PENSTOCK_TOPICS_PREFIX", ingress.prefix()),
          ingress.prefix() + MADE_BY_THE_JOB);
      try (Instance receiving = Instance.ready(ingress);
          Instance publishing = Instance.ready(pipeline);
          Sender sender = new Sender();
          Outsider outsider = new Outsider(ingress)) {
        assertThat(sender.send(Sender.shapes(receiving, Sender.shape("f", "u"))).statusCode())
            .isEqualTo(200);
        assertThat(outsider.readAll(ingress.smartshape())).hasSize(1);
        assertThat(sender.send(Sender.shapes(receiving, "{}".getBytes(UTF_8))).statusCode())
            .isEqualTo(400);
        outsider.awaitPipeline();
        theConsolesRightsAreEnough(console);
        assertThat(
                command(
                    settings(stack, guarded, "redrive")
                        .with("PENSTOCK_ROLES", "pipeline")
                        .with("PENSTOCK_TOPICS_PREFIX", ingress.prefix()),
                    "dead-letters",
                    "redrive",
                    "--all"))
            .contains("drove 0, kept 1 dead letters");
        assertThat(List.of(receiving.log(), publishing.log()))
            .allSatisfy(
                log ->
                    assertThat(log)
                        .doesNotContain("uthorizationException")
                        .doesNotContain("offsets.retention.minutes"));
      }
      assertThatThrownBy(() -> write("penstock-ingress", guarded, ingress.smartshape()))
          .as("an ingress that writes what only the pipeline may")
          .hasCauseInstanceOf(TopicAuthorizationException.class);
      write("penstock-console", guarded, ingress.inbound()); // as a re-drive does
      write("penstock-redrive", guarded, ingress.inbound());
      assertThatThrownBy(() -> write("penstock-redrive", guarded, ingress.smartshape()))
          .as("a re-drive that writes what only the pipeline may")
          .hasCauseInstanceOf(TopicAuthorizationException.class);
      assertThatThrownBy(() -> write("penstock-console", guarded, ingress.smartshape()))
          .as("a console that writes what only the pipeline may")
          .hasCauseInstanceOf(TopicAuthorizationException.class);
    }
  }

  /** Creates the topic that Strimzi did not. */
  private void theJobsRightsAreEnoughForTopics(Settings settings, String topic) throws Exception {
    assertThat(command(settings, "topics", "apply", "--yes"))
        .contains("+ create " + topic)
        .contains("1 changes were made");
  }

  /** Looks, pauses, resumes and drives a letter again, as its pod's commands and its pages do. */
  private void theConsolesRightsAreEnough(Settings settings) throws Exception {
    try (Instance console = Instance.ready(settings)) {
      assertThat(command(settings, "trace", "u")).contains("published").contains("1 found");
      assertThat(command(settings, "sources", "pause", "shapes")).contains("shapes is paused.");
      assertThat(command(settings, "sources", "resume", "shapes")).contains("shapes");
      assertThat(command(settings, "tail", "--no-follow", "--since", "1h")).contains("receiptId");
      assertThat(command(settings, "dead-letters", "list")).contains("missing-identity");
      assertThat(console.log()).doesNotContain("uthorizationException");
    }
  }

  private String command(Settings settings, String... arguments) throws Exception {
    List<String> line = new ArrayList<>(List.of(arguments));
    line.addAll(List.of("--config", settings.write(directory).toString()));
    ProcessBuilder builder =
        new ProcessBuilder(ServiceProgram.command(ServiceProgram.STARTS_SOON, line))
            .redirectErrorStream(true);
    builder.environment().putAll(settings.environment());
    Process process = builder.start();
    try {
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).as("it ends").isTrue();
      assertThat(output).doesNotContain("uthorization");
      return output;
    } finally {
      process.destroyForcibly();
    }
  }

  /** Runs until it is closed and the broker has ended. */
  private static ServerSocket forward(Relay relay) throws IOException {
    ServerSocket server = new ServerSocket(relay.port(), 50, InetAddress.getLoopbackAddress());
    Thread.startVirtualThread(
        () -> {
          while (!server.isClosed()) {
            try {
              Socket client = server.accept();
              Socket broker = new Socket(InetAddress.getLoopbackAddress(), relay.target());
              copy(client, broker);
              copy(broker, client);
            } catch (IOException closed) {
              // No process is waited for any more.
            }
          }
        });
    return server;
  }

  private static void copy(Socket from, Socket to) {
    Thread.startVirtualThread(
        () -> {
          try (from;
              to) {
            from.getInputStream().transferTo(to.getOutputStream());
          } catch (IOException ended) {
            // By one of both.
          }
        });
  }

  /** The broker's listener behind the relay requires a user and checks the user's rights. */
  private static LocalStack stack() {
    return LocalStack.builder()
        .withRelays()
        .brokerProperty(
            "listener.security.protocol.map",
            "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT,RELAYED:SASL_PLAINTEXT")
        .brokerProperty("listener.name.relayed.sasl.enabled.mechanisms", "PLAIN")
        .brokerProperty(
            "listener.name.relayed.plain.sasl.jaas.config",
            "org.apache.kafka.common.security.plain.PlainLoginModule required"
                + " user_penstock-ingress=\"known\" user_penstock-pipeline=\"known\""
                + " user_penstock-console=\"known\" user_penstock-redrive=\"known\""
                + " user_penstock-preparation=\"known\";")
        .brokerProperty(
            "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
        .brokerProperty("super.users", "User:ANONYMOUS")
        .start();
  }

  private static Settings settings(LocalStack stack, String guarded, String role) {
    String plain = "{bootstrap-servers: \"" + stack.kafka().bootstrapServers() + "\"}";
    return Settings.of(stack.kafka().bootstrapServers(), stack.schemaRegistry().url())
        .withText(
            plain,
            """
            {bootstrap-servers: "%s", properties: {
                security.protocol: SASL_PLAINTEXT, sasl.mechanism: PLAIN, sasl.jaas.config: {env: JAAS}}}"""
                .formatted(guarded))
        .with("JAAS", jaas("penstock-" + role))
        .with("PENSTOCK_ROLES", role)
        .with("PENSTOCK_TOPICS_CREATE", "false");
  }

  private static String jaas(String user) {
    return "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"%s\" password=\"known\";"
        .formatted(user);
  }

  /** Creates what Strimzi's operators would create but for one topic, with one replica of each. */
  private static void create(Admin admin, String prefix) throws Exception {
    List<NewTopic> topics = new ArrayList<>();
    for (KafkaTopic topic : manifests("topics.yaml", prefix).all(KafkaTopic.class)) {
      if (topic.metadata().getName().endsWith(MADE_BY_THE_JOB)) {
        continue;
      }
      Map<String, String> config = new HashMap<>(topic.spec().config());
      config.put("min.insync.replicas", "1");
      topics.add(
          new NewTopic(topic.metadata().getName(), topic.spec().partitions(), (short) 1)
              .configs(config));
    }
    admin.createTopics(topics).all().get(120, TimeUnit.SECONDS);
    List<AclBinding> rights = new ArrayList<>();
    for (KafkaUser user : manifests("users.yaml", prefix).all(KafkaUser.class)) {
      for (KafkaUser.Acl acl : user.spec().authorization().acls()) {
        for (String operation : acl.operations()) {
          rights.add(
              new AclBinding(
                  pattern(acl.resource()),
                  new AccessControlEntry(
                      "User:" + user.metadata().getName(),
                      "*",
                      AclOperation.fromString(constant(operation)),
                      AclPermissionType.ALLOW)));
        }
      }
    }
    assertThat(rights).noneMatch(AclBinding::isUnknown);
    admin.createAcls(rights).all().get(120, TimeUnit.SECONDS);
  }

  private static ResourcePattern pattern(KafkaUser.Resource resource) {
    return new ResourcePattern(
        ResourceType.fromString(constant(resource.type())),
        resource.name() == null ? Resource.CLUSTER_NAME : resource.name(),
        "prefix".equals(resource.patternType()) ? PatternType.PREFIXED : PatternType.LITERAL);
  }

  /** {@code DESCRIBE_CONFIGS} for {@code DescribeConfigs}. */
  private static String constant(String camelCase) {
    return camelCase.replaceAll("(?<=[a-z])(?=[A-Z])", "_").toUpperCase(Locale.ROOT);
  }

  private static Manifests manifests(String file, String prefix) throws IOException {
    return Manifests.of(Files.readString(MANIFESTS.resolve(file)).replace("webhooks", prefix));
  }

  private static void write(String user, String guarded, String topic) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of(
                CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG,
                guarded,
                CommonClientConfigs.SECURITY_PROTOCOL_CONFIG,
                "SASL_PLAINTEXT",
                SaslConfigs.SASL_MECHANISM,
                "PLAIN",
                SaslConfigs.SASL_JAAS_CONFIG,
                jaas(user)),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer.send(new ProducerRecord<>(topic, new byte[1])).get(120, TimeUnit.SECONDS);
    }
  }
}
