package io.penstock.localstack;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The packaged program: {@code ingest-service.jar} with its libraries beside it, in {@code lib}.
 * For tests; where it is says the system property {@code penstock.service.jar}.
 */
public final class ServiceProgram {

  /** Options of Java for a process that starts soon and is not asked for much. */
  public static final List<String> STARTS_SOON =
      List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  private static final String PROPERTY = "penstock.service.jar";

  private ServiceProgram() {}

  /**
   * The program's jar.
   *
   * @throws IllegalStateException if the system property is not set
   */
  public static Path jar() {
    String jar = System.getProperty(PROPERTY);
    if (jar == null) {
      throw new IllegalStateException("The system property " + PROPERTY + " is not set");
    }
    return Path.of(jar);
  }

  /** By which it starts in half the time. */
  public static ClassDataArchive archive() {
    return new ClassDataArchive(
        jar().resolveSibling("ingest-service-" + Runtime.version() + ".jsa"),
        List.of(jar(), jar().resolveSibling("lib")));
  }

  /** The command that runs the program as its users do. */
  public static List<String> command(List<String> javaOptions, List<String> arguments) {
    List<String> options = new ArrayList<>(archive().options());
    options.addAll(javaOptions);
    options.addAll(List.of("-jar", jar().toString()));
    options.addAll(arguments);
    return java(options);
  }

  /** The command that has this process's Java do something. */
  public static List<String> java(List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(arguments);
    return command;
  }
}
