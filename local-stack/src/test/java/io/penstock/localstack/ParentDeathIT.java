package io.penstock.localstack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

class ParentDeathIT {

  @TempDir Path temporary;

  @Test
  void sigkillOfTheParentEndsAll() throws Exception {
    Held held = Held.launch(temporary, "registry");

    held.parent.destroyForcibly();

    held.assertNothingRuns();
    held.assertNothingIsLeft();
  }

  @Test
  @EnabledIfSystemProperty(
      named = "penstock.thorough",
      matches = "true",
      disabledReason = "the gate has sigkillOfTheParentEndsAll: mvn -Pthorough verify")
  void sigkillOfTheWatchdogAndTheParentEndsAll() throws Exception {
    Held held = Held.launch(temporary);

    held.watchdog.destroyForcibly();
    held.parent.destroyForcibly();

    held.assertNothingRuns();
  }

  @Test
  @EnabledIfSystemProperty(
      named = "penstock.thorough",
      matches = "true",
      disabledReason = "the gate has sigkillOfTheParentEndsAll: mvn -Pthorough verify")
  void sigkillOfTheParentEndsAPausedBrokerToo() throws Exception {
    Held held = Held.launch(temporary, "pause");

    held.parent.destroyForcibly();

    held.assertNothingRuns();
    held.assertNothingIsLeft();
  }

  @Test
  @EnabledIfSystemProperty(
      named = "penstock.thorough",
      matches = "true",
      disabledReason = "the gate has sigkillOfTheParentEndsAll: mvn -Pthorough verify")
  void sigtermOfTheParentEndsAll() throws Exception {
    Held held = Held.launch(temporary, "pause");

    held.parent.destroy();

    held.assertNothingRuns();
    held.assertNothingIsLeft();
  }

  /** A stack held by another process. */
  private record Held(
      Process parent, Path directory, List<ProcessHandle> children, ProcessHandle watchdog) {

    static Held launch(Path temporary, String... arguments) throws Exception {
      List<String> command =
          new ArrayList<>(
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-Djava.io.tmpdir=" + temporary,
                  "-cp",
                  System.getProperty("java.class.path"),
                  StackHolder.class.getName()));
      command.addAll(List.of(arguments));
      Process parent =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      BufferedReader output = parent.inputReader();
      String[] ready = output.readLine().split(" ");
      assertThat(ready).hasSizeGreaterThan(2).startsWith("READY");
      List<ProcessHandle> children = parent.descendants().toList();
      List<ProcessHandle> nodes = Stream.of(ready).skip(2).map(Held::process).toList();
      assertThat(children)
          .as("broker, registry where there is one, and watchdog")
          .hasSize(nodes.size() + 1)
          .containsAll(nodes);
      ProcessHandle watchdog =
          children.stream().filter(child -> !nodes.contains(child)).findFirst().orElseThrow();
      return new Held(parent, Path.of(ready[1]), children, watchdog);
    }

    private static ProcessHandle process(String pid) {
      return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
    }

    void assertNothingRuns() throws InterruptedException {
      assertThat(parent.waitFor(120, TimeUnit.SECONDS)).isTrue();
      Awaitility.await()
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(() -> assertThat(children).noneMatch(ProcessHandle::isAlive));
    }

    void assertNothingIsLeft() {
      Awaitility.await()
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(() -> assertThat(directory).doesNotExist());
    }
  }
}
