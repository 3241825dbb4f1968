package io.penstock.localstack;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where the programs are: the jars of Kafka and of the registry, and this module's own classes.
 *
 * @param directory what the build of this module makes as {@code target/runtime}
 * @param classes the directory or jar of this class
 * @param kafkaClasses what a broker finds before Kafka's own; null for nothing
 */
record RuntimeHome(Path directory, Path classes, @Nullable Path kafkaClasses) {

  static final String PROPERTY = "penstock.local-stack.runtime";

  /**
   * Finds the programs by the system property {@value #PROPERTY}, else beside these classes.
   *
   * @throws IllegalStateException if they are not there
   */
  static RuntimeHome locate() {
    Path classes = placeOfThisClass();
    String configured = System.getProperty(PROPERTY);
    Path directory =
        configured == null
            ? classes.resolveSibling("runtime")
            : Path.of(configured).toAbsolutePath();
    RuntimeHome home = new RuntimeHome(directory, classes, null);
    if (!Files.isDirectory(home.kafka()) || home.findRegistryJar().isEmpty()) {
      throw new IllegalStateException(
          ("No Kafka and registry in %s. Build them with `mvn -pl local-stack process-resources`,"
                  + " or set the system property %s to their directory.")
              .formatted(directory, PROPERTY));
    }
    return home;
  }

  private static Path placeOfThisClass() {
    CodeSource source = RuntimeHome.class.getProtectionDomain().getCodeSource();
    if (source == null || source.getLocation() == null) {
      throw new IllegalStateException("The place of this class is unknown; set " + PROPERTY);
    }
    try {
      return Path.of(source.getLocation().toURI()).toAbsolutePath();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(source.getLocation() + " is no place for classes", e);
    }
  }

  /** The same, where brokers find these classes before Kafka's own. */
  RuntimeHome withKafkaClasses(Path first) {
    return new RuntimeHome(directory, classes, first.toAbsolutePath());
  }

  /** The command that runs a main class of the broker's program. */
  List<String> kafkaCommand(List<String> jvmOptions, List<String> mainAndArguments) {
    String jars = kafka().resolve("*").toString();
    return java(
        kafkaClasses == null ? jars : kafkaClasses + File.pathSeparator + jars,
        with(kafkaArchive(), jvmOptions),
        mainAndArguments);
  }

  /** The command that runs a main class of the registry's program. */
  List<String> registryCommand(List<String> jvmOptions, List<String> mainAndArguments) {
    return java(registryJar().toString(), with(registryArchive(), jvmOptions), mainAndArguments);
  }

  private static List<String> with(ClassDataArchive archive, List<String> jvmOptions) {
    return Stream.concat(archive.options().stream(), jvmOptions.stream()).toList();
  }

  /** The classes of a broker. */
  ClassDataArchive kafkaArchive() {
    return kafkaClasses == null
        ? archive("kafka", classes, kafka())
        : archive("kafka-behind-" + kafkaClasses.getFileName(), classes, kafka(), kafkaClasses);
  }

  /** The classes of the registry. */
  ClassDataArchive registryArchive() {
    return archive("registry", classes, registryJar());
  }

  private ClassDataArchive archive(String name, Path... program) {
    return new ClassDataArchive(
        directory.resolve(name + "-" + Runtime.version() + ".jsa"), List.of(program));
  }

  private List<String> java(
      String program, List<String> jvmOptions, List<String> mainAndArguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmOptions);
    command.addAll(List.of("-cp", classes + File.pathSeparator + program));
    command.addAll(mainAndArguments);
    return command;
  }

  private Path registryJar() {
    return findRegistryJar().orElseThrow();
  }

  private Path kafka() {
    return directory.resolve("kafka");
  }

  /** Its manifest names all its libraries. */
  private Optional<Path> findRegistryJar() {
    Path registry = directory.resolve("registry");
    if (!Files.isDirectory(registry)) {
      return Optional.empty();
    }
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(registry, "*-runner.jar")) {
      for (Path jar : jars) {
        return Optional.of(jar);
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
