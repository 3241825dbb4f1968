package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.ingest.Thorough;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * If the start or a thread of a process ends with an {@link Error}, the process ends too. The
 * errors are real: a class file of the program is damaged, or there is no memory for classes.
 */
class StartFailuresIT {

  /** An address without a listener. */
  private static final String NO_KAFKA = "127.0.0.1:1";

  @TempDir private Path directory;

  private record Ended(int status, String log) {}

  private Process launch(Settings settings, List<String> options, String broken)
      throws IOException {
    Path classes = Files.createDirectories(directory.resolve("broken"));
    if (!broken.isEmpty()) {
      Path file = classes.resolve(broken.replace('.', '/') + ".class");
      Files.createDirectories(file.getParent());
      Files.writeString(file, "no class");
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(options);
    command.add("-Djava.io.tmpdir=" + directory);
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-cp");
    command.add(
        classes
            + System.getProperty("path.separator")
            + System.getProperty("penstock.service.jar"));
    command.add("io.penstock.ingest.Penstock");
    command.addAll(List.of("serve", "--config", settings.write(directory).toString()));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log().toFile());
    builder.environment().putAll(settings.environment());
    Process process = builder.start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    return process;
  }

  private Path log() {
    return directory.resolve("log");
  }

  private String text() {
    try {
      return Files.readString(log(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Ended end(Process process) throws InterruptedException {
    try {
      assertThat(process.waitFor(90, TimeUnit.SECONDS)).as(text()).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Ended(process.exitValue(), text());
  }

  /**
   * The order is that in which a start needs them; the last one belongs to the watcher's thread.
   * The gate has one of each thread.
   */
  static Stream<String> neededClasses() {
    return Thorough.Run.isThorough()
        ? Stream.of(
            "io.penstock.ingest.source.Sources",
            "io.penstock.ingest.landing.Landing",
            "io.penstock.ingest.spool.Spool",
            "io.penstock.ingest.ingress.IngressServer",
            "io.penstock.ingest.management.ManagementServer",
            "io.penstock.ingest.cluster.TopicSetup")
        : Stream.of("io.penstock.ingest.landing.Landing", "io.penstock.ingest.cluster.TopicSetup");
  }

  @ParameterizedTest
  @MethodSource("neededClasses")
  void aClassThatCannotBeLoadedEndsTheProcess(String broken) throws Exception {
    Settings settings =
        Settings.of(NO_KAFKA, "http://127.0.0.1:1")
            .with("PENSTOCK_DELIVERY_SPOOL_DIRECTORY", directory.resolve("spool").toString());

    Ended ended = end(launch(settings, List.of("-Xmx256m"), broken));

    assertThat(ended.status()).as(ended.log()).isEqualTo(1);
    assertThat(ended.log())
        .containsPattern("error: .*" + broken.substring(broken.lastIndexOf('.') + 1))
        .contains("a class is missing or broken");
  }

  @Thorough("`MemoryIT`: no memory for network buffers")
  @Test
  void noMemoryForClassesEndsTheProcess() throws Exception {
    Ended ended =
        end(
            launch(
                Settings.of(NO_KAFKA, "http://127.0.0.1:1"),
                List.of("-XX:MaxMetaspaceSize=24m"),
                ""));

    assertThat(ended.status()).as(ended.log()).isEqualTo(1);
    // A process without memory for a class may have none for its last log line.
    assertThat(ended.log()).contains("OutOfMemoryError", "Metaspace");
  }

  @Test
  void aProcessThatIsToldToStopWhileItStartsEndsWell() throws Exception {
    Process process = launch(Settings.of(NO_KAFKA, "http://127.0.0.1:1"), List.of("-Xmx256m"), "");
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(1))
        .until(() -> !text().isEmpty() || !process.isAlive());
    process.toHandle().destroy();

    Ended ended = end(process);

    assertThat(ended.status()).as(ended.log()).isZero();
    assertThat(ended.log()).doesNotContain("error:").contains("Stopped");
  }

  /** With a Kafka, since a pipeline needs its store's library only then. */
  @ExtendWith(Stack.Shared.class)
  @Test
  void aPipelineWhoseLibraryCannotBeLoadedEndsTheProcess(Stack stack) throws Exception {
    Settings settings = Settings.of(stack).with("PENSTOCK_ROLES", "pipeline");

    Ended ended = end(launch(settings, List.of("-Xmx256m"), "org.rocksdb.NativeLibraryLoader"));

    assertThat(ended.status()).as(ended.log()).isEqualTo(1);
    assertThat(ended.log()).containsPattern("error: .*NativeLibraryLoader");
  }
}
