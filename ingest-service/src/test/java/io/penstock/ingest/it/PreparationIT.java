package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.Thorough;
import io.penstock.ingest.provider.Providers;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code penstock topics} and {@code penstock schemas} prepare a Kafka and a registry in which the
 * service itself may create nothing.
 */
@ExtendWith(Stack.Shared.class)
class PreparationIT {

  @TempDir private Path directory;

  private static Settings strict(Stack stack) {
    return Settings.of(stack)
        .with("PENSTOCK_TOPICS_CREATE", "false")
        .with("PENSTOCK_SCHEMA_REGISTRY_AUTO_REGISTER", "false");
  }

  private Command.Ended run(Settings settings, String... line) {
    return Command.run(settings, directory, List.of(line));
  }

  @Test
  void afterBothAnInstanceStartsAndPublishes(Stack stack) {
    Settings settings = strict(stack);
    int count = Providers.all().size() + 3;

    Command.Ended plan = run(settings, "topics", "plan");
    assertThat(plan.status()).as(plan.err()).isEqualTo(2);
    assertThat(plan.err()).contains(count + " changes");
    assertThat(plan.out())
        .contains("+ create " + settings.inbound() + ": 4 partitions, replication factor 1")
        .contains("    message.timestamp.type=LogAppendTime")
        .contains("+ create " + settings.prefix() + ".control: 1 partitions");
    Command.Ended printed = run(settings, "topics", "apply");
    assertThat(printed.status()).isEqualTo(2);
    assertThat(printed.out()).isEqualTo(plan.out());
    assertThat(printed.err()).contains("Nothing was changed");
    assertThat(run(settings, "topics", "plan").out()).isEqualTo(plan.out());

    Command.Ended applied = run(settings, "topics", "apply", "--yes");
    assertThat(applied.status()).as(applied.err()).isZero();
    assertThat(applied.err()).contains(count + " changes were made");
    Command.Ended again = run(settings, "topics", "apply", "--yes");
    assertThat(again.status()).isZero();
    assertThat(again.err()).contains("0 changes were made");
    assertThat(run(settings, "topics", "plan").status()).isZero();

    assertThat(run(settings, "schemas", "check").status()).isEqualTo(2);
    Command.Ended registered = run(settings, "schemas", "register");
    assertThat(registered.status()).as(registered.err()).isZero();
    assertThat(registered.lines())
        .hasSize(Providers.all().size() + 1)
        .allSatisfy(line -> assertThat(line).contains("registered, id ", ", new"));
    Command.Ended same = run(settings, "schemas", "register");
    assertThat(same.out()).isEqualTo(registered.out().replace(", new", ""));
    assertThat(run(settings, "schemas", "check").out()).isEqualTo(same.out());

    try (Instance instance = Instance.ready(settings);
        Sender sender = new Sender();
        Outsider outsider = new Outsider(settings)) {
      assertThat(sender.send(Sender.shapes(instance, Sender.shape("f", "u"))).statusCode())
          .isEqualTo(200);
      outsider.awaitPipeline();
      assertThat(outsider.readAll(settings.smartshape())).hasSize(1);
    }
  }

  @Test
  void settingsThatDoNotSuitAreCorrected(Stack stack) throws Exception {
    Settings settings = strict(stack);
    try (Admin admin =
        Admin.create(Map.<String, Object>of("bootstrap.servers", stack.bootstrapServers()))) {
      admin
          .createTopics(
              List.of(
                  new NewTopic(settings.inbound(), 2, (short) 1)
                      .configs(
                          Map.of("message.timestamp.type", "CreateTime", "retention.ms", "1000")),
                  new NewTopic(settings.csm(), 3, (short) 1)
                      .configs(Map.of("cleanup.policy", "compact", "max.message.bytes", "1000")),
                  new NewTopic(settings.prefix() + ".control", 1, (short) 1)
                      .configs(Map.of("cleanup.policy", "compact,delete"))))
          .all()
          .get();
    }
    Command.Ended plan = run(settings, "topics", "plan");
    assertThat(plan.out())
        .contains("~ change " + settings.inbound())
        .contains("    message.timestamp.type: CreateTime -> LogAppendTime")
        .contains("    retention.ms: 1000 -> 604800000")
        .contains("~ change " + settings.csm())
        .contains("    cleanup.policy: compact -> delete")
        .contains("    max.message.bytes: 1000 -> ")
        .contains("    cleanup.policy: compact,delete -> compact");
    assertThat(run(settings, "topics", "apply", "--yes").status()).isZero();
    assertThat(run(settings, "topics", "plan").status()).isZero();
    run(settings, "schemas", "register");
    Instance.ready(settings).close();
  }

  @Test
  void aForeignSchemaUnderASubjectIsNamedAndNothingIsRegistered(Stack stack) throws Exception {
    Settings settings = strict(stack);
    register(
        stack,
        settings.csm() + "-value",
        """
        {"schema": "{\\"type\\": \\"record\\", \\"name\\": \\"Foreign\\", \\"fields\\": []}"}""");
    Command.Ended check = run(settings, "schemas", "check");
    assertThat(check.status()).isEqualTo(1);
    assertThat(check.lines())
        .anySatisfy(
            line -> assertThat(line).contains(settings.csm() + "-value", "incompatible with"))
        .anySatisfy(line -> assertThat(line).contains("NAME_MISMATCH"))
        .anySatisfy(line -> assertThat(line).contains(settings.smartshape(), "missing"));
    Command.Ended register = run(settings, "schemas", "register");
    assertThat(register.status()).isEqualTo(1);
    assertThat(register.err()).contains("Nothing was registered");
    assertThat(run(settings, "schemas", "check").out()).isEqualTo(check.out());
  }

  @Thorough("`FailingCommandsIT`")
  @Test
  void withoutKafkaOrARegistryTheCommandsSayWhatDoesNotAnswer() {
    Settings away = Settings.of("127.0.0.1:1", "http://127.0.0.1:1");
    Command.Ended plan = run(away, "topics", "plan");
    assertThat(plan.status()).isEqualTo(1);
    assertThat(plan.err()).contains("error: Kafka: ");
    Command.Ended check = run(away, "schemas", "check");
    assertThat(check.status()).isEqualTo(1);
    assertThat(check.err()).contains("error: the registry does not answer");
  }

  private static void register(Stack stack, String subject, String body)
      throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(
                      URI.create(stack.registryUrl() + "/subjects/" + subject + "/versions"))
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString(body, UTF_8))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }
  }
}
