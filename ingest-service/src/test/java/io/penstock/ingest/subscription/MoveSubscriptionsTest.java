package io.penstock.ingest.subscription;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.subscription.Commands.Ended;
import io.penstock.ingest.subscription.FakeApi.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Move's endpoint through the real command, at an API that behaves as documented. */
class MoveSubscriptionsTest {

  private static final String UID = "penstock-captures";

  private final FakeMove move = new FakeMove();
  private Commands commands;
  private Path secrets;

  @BeforeEach
  void configure(@TempDir Path directory) throws IOException {
    secrets = Files.createDirectory(directory.resolve("secrets"));
    commands = new Commands(directory).with("KEY", FakeMove.KEY);
    commands.hide(FakeMove.SECRET);
    commands.hide("portal-key-4711");
    captures("[ugc.job.state.completed, ugc.job.state.failed]");
  }

  private void captures(String events) {
    commands.configure(
        """
        - name: captures
          provider: move
          auth: [{type: standard-webhooks, secrets: [{file: secrets/old}, {file: secrets/new}]}]
          subscription:
            callback-url: https://hooks.example.com/webhooks/captures
            events: %s
            api: {url: '%s', credentials: [{env: KEY}]}
        """
            .formatted(events, move.url()));
  }

  @AfterEach
  void everyRequestWasAllowedByTheSchema() {
    assertThat(move.faults()).isEmpty();
    move.close();
  }

  private List<Path> files() throws IOException {
    try (var files = Files.list(secrets)) {
      return files.map(secrets::relativize).sorted().toList();
    }
  }

  @Test
  void theSecretGoesToTheFileThatTheSourceReadsAndNowhereElse() throws IOException {
    Ended planned = commands.run("plan");
    assertThat(planned.status()).isEqualTo(2);
    assertThat(planned.out()).contains("+ register ugc.job.state.completed, ugc.job.state.failed");
    assertThat(files()).isEmpty();

    Ended applied = commands.run("apply", "--yes");

    assertThat(applied.status()).as(applied.err()).isZero();
    assertThat(applied.err())
        .contains("the secret that Move answered with is in the file " + secrets.resolve("old"));
    assertThat(secrets.resolve("old")).content().isEqualTo(FakeMove.SECRET + "\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secrets.resolve("old"))))
        .isEqualTo("rw-------");
    assertThat(files()).containsExactly(Path.of("new.registered"), Path.of("old"));
    assertThat(move.endpoints().get(UID))
        .containsEntry("url", "https://hooks.example.com/webhooks/captures")
        .containsEntry("events", List.of("ugc.job.state.completed", "ugc.job.state.failed"))
        .doesNotContainKey("secret");

    // again: nothing differs, and changes by hand, which Move does not tell, are undone
    Ended again = commands.run("plan");
    assertThat(again.status()).isZero();
    assertThat(again.out()).contains("move does not tell what it is now, so apply sends it again");
    requireNonNull(move.endpoints().get(UID)).put("url", "https://elsewhere.example.com/");
    assertThat(commands.run("apply", "--yes").status()).isZero();
    assertThat(move.endpoints().get(UID))
        .containsEntry("url", "https://hooks.example.com/webhooks/captures");
    assertThat(secrets.resolve("old")).content().isEqualTo(FakeMove.SECRET + "\n");
    assertThat(files()).containsExactly(Path.of("new.registered"), Path.of("old"));
  }

  @Test
  void aChangeOfTheFileIsShown() {
    commands.run("apply", "--yes");
    captures("[job.state.started, ugc.job.state.failed]");

    Ended planned = commands.run("plan");

    assertThat(planned.status()).isEqualTo(2);
    assertThat(planned.out())
        .contains(
            "~ change " + UID, "events: - ugc.job.state.completed", "events: + job.state.started");
    assertThat(commands.run("apply", "--yes").status()).isZero();
    assertThat(move.endpoints().get(UID))
        .containsEntry("events", List.of("job.state.started", "ugc.job.state.failed"));
    assertThat(commands.run("plan").status()).isZero();
  }

  @Test
  void aSecretThatIsReplacedIsKeptBesideIt() throws IOException {
    Files.writeString(secrets.resolve("old"), "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX\n");
    Files.writeString(secrets.resolve("new"), "whsec_BBECAwQFBgcICQoLDA0ODxAREhMUFRYX\n");

    Ended applied = commands.run("apply", "--yes");

    assertThat(applied.status()).isZero();
    assertThat(secrets.resolve("new")).content().isEqualTo(FakeMove.SECRET + "\n");
    assertThat(secrets.resolve("new.before"))
        .content()
        .isEqualTo("whsec_BBECAwQFBgcICQoLDA0ODxAREhMUFRYX\n");
  }

  @Test
  void whereTheSecretCannotBeWrittenNothingIsRegistered() throws IOException {
    Files.delete(secrets);

    Ended ended = commands.run("apply", "--yes");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err()).contains("cannot be written to", "Move answers with the secret once");
    assertThat(move.endpoints()).isEmpty();
  }

  @Test
  void anEndpointThatWasThereKeepsItsSecretInThePortal() {
    commands.run("apply", "--yes");
    assertThat(secrets.resolve("old").toFile().delete()).isTrue();

    assertThat(commands.run("apply", "--yes").err()).contains("copy its secret from the portal");
  }

  @Test
  void whatMoveCannotDoIsDoneByHand() throws IOException {
    commands.run("apply", "--yes");

    Ended removed = commands.run("remove", "--yes");
    assertThat(removed.status()).isEqualTo(2);
    assertThat(removed.out()).contains("Delete Endpoint");
    assertThat(commands.run("ping").status()).isEqualTo(2);
    Path portal = secrets.resolve("portal");
    Ended listed = commands.run("list", "--portal-file", portal.toString());
    assertThat(listed.status()).as(listed.err()).isZero();
    assertThat(listed.out()).contains(UID, "does not tell what is registered");
    assertThat(portal).content().isEqualTo(FakeMove.PORTAL + "\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(portal)))
        .isEqualTo("rw-------");
  }

  @Test
  void errorsOfMoveSayWhatToDo() {
    commands.with("KEY", "a-revoked-api-key");
    assertThat(commands.run("apply", "--yes").err()).contains("does not accept the credentials");
    commands.with("KEY", FakeMove.KEY);
    move.answerAfter(
        1, Reply.of(200, "{\"errors\":[{\"message\":\"" + FakeMove.SECRET + " is bad\"}]}"));
    assertThat(commands.run("apply", "--yes").err()).contains("its message is left out");
    move.answerAfter(1, Reply.of(200, "{\"data\":{\"upsertWebhookEndpoint\":null}}"));
    Ended unknown = commands.run("apply", "--yes");
    assertThat(unknown.err())
        .contains("its secret is shown in the portal alone", "not known: captures");
    assertThat(unknown.status()).isEqualTo(1);
  }
}
