package io.penstock.ledger;

import io.penstock.localstack.Broker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.apache.kafka.common.utils.Time;

/**
 * Sets the clock of a broker while it runs. Kafka asks one class of its own for the time of day; a
 * class of the same name, {@code src/test/broker}, is compiled for the brokers alone.
 */
final class BrokerClock {

  private static final Path SOURCE =
      Path.of("src", "test", "broker", "org", "apache", "kafka", "common", "utils")
          .resolve("SystemTime.java");

  private BrokerClock() {}

  /** What has to stand before Kafka's classes on the class path of a broker whose clock is set. */
  static Path classes() {
    try {
      Path classes = Files.createDirectories(Path.of("target", "broker-classes").toAbsolutePath());
      JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
      int status =
          compiler.run(
              null,
              null,
              null,
              "-proc:none",
              "-cp",
              Path.of(Time.class.getProtectionDomain().getCodeSource().getLocation().toURI())
                  .toString(),
              "-d",
              classes.toString(),
              SOURCE.toString());
      if (status != 0) {
        throw new IllegalStateException(SOURCE + " cannot be compiled");
      }
      return packed(classes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** As a jar: Java keeps no archive of a directory's classes, which halves the time of a start. */
  private static Path packed(Path classes) throws IOException {
    Path jar = classes.resolveSibling("broker-clock.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
        Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        out.putNextEntry(new JarEntry(classes.relativize(file).toString()));
        Files.copy(file, out);
        out.closeEntry();
      }
    }
    return jar;
  }

  /** From now on, give or take a moment, also over restarts. */
  static void set(Broker broker, Duration ahead) {
    try {
      Path directory = broker.directory();
      Path draft = Files.writeString(directory.resolve("clock-new"), ahead.toMillis() + "");
      Files.move(
          draft,
          directory.resolve("clock-ahead"),
          java.nio.file.StandardCopyOption.ATOMIC_MOVE,
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
