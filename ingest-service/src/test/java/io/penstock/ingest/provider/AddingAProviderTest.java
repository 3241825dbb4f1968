package io.penstock.ingest.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** {@code docs/adding-a-provider.md} is true: a provider that is added by it alone works. */
@DisabledIfSystemProperty(
    named = "penstock.in-scratch-copy",
    matches = ".*",
    disabledReason = "the page has been applied here")
class AddingAProviderTest {

  private static final String TESTS = "io.penstock.ingest.";

  /** How long a process may take: it is ended then, since it hangs. */
  private static final long MOST_MINUTES = 10;

  @TempDir Path directory;

  @Test
  void theTableHasEveryFileOnceAndThePageEveryNewOne() throws IOException {
    ScratchCopy scratch = ScratchCopy.of(directory, "docs/adding-a-provider.md");
    Map<String, String> table = scratch.table();
    String page = Files.readString(directory.resolve("docs/adding-a-provider.md"));

    assertThat(table).hasSize(18);
    assertThat(page).contains("**Nine files by hand**", "**nine that a command writes**");
    assertThat(table.values().stream().filter(what -> what.startsWith("written"))).hasSize(9);
    assertThat(table.values().stream().filter(what -> what.startsWith("new"))).hasSize(7);
    assertThat(table.keySet().stream().filter(file -> !file.contains("cme")))
        .as("files that are there already")
        .allSatisfy(file -> assertThat(ScratchCopy.PROJECT.resolve(file)).isRegularFile());
  }

  /** In some seconds: all but what Maven makes of the schema. */
  @Test
  void aProviderThatIsAddedByThePageAlonePassesItsTests() throws Exception {
    ScratchCopy scratch =
        ScratchCopy.of(
            directory,
            "docs",
            "deploy",
            "schemas/src",
            "schemas/released",
            "README.md",
            "docker-compose.yml",
            "Dockerfile",
            "pom.xml",
            "ingest-service/src/main/java/io/penstock/ingest/provider/Providers.java",
            "ingest-service/src/test/java",
            "ingest-service/src/main/resources/io/penstock/ingest/provider");
    Map<String, String> table = scratch.table();

    List<String> applied = scratch.applyPage();

    assertThat(applied)
        .as("what is done by hand, by the table")
        .containsOnlyOnceElementsOf(
            table.entrySet().stream()
                .filter(file -> file.getValue().startsWith("new"))
                .map(file -> file.getKey().replace("Acme", "Zenith").replace("acme", "zenith"))
                .toList())
        .contains("README.md");

    scratch.applyWholeBodyExample();
    Path classes = compile(scratch);
    run(scratch, classes, true, "pipeline.ContractGoldenTest", "deploy.ProviderListsTest");
    run(
        scratch,
        classes,
        false,
        "provider.zenith.ZenithTest",
        "provider.SampleEventsTest",
        "provider.TypedValuesTest",
        "provider.HostileBodiesTest",
        "provider.SharedRulesTest",
        "provider.EventSchemasTest",
        "pipeline.ContractGoldenTest",
        "deploy.ProviderListsTest",
        "deploy.ComposeTest",
        "config.ConfigurationDocumentationTest",
        "fuzz.FuzzTargetsTest");
  }

  /** Compiles what is new against what is built, and puts the resources beside it. */
  private static Path compile(ScratchCopy scratch) throws IOException {
    Path module = scratch.file("ingest-service");
    Path classes = Files.createDirectories(module.resolve("target/classes"));
    copy(module.resolve("src/main/resources"), classes);
    copy(scratch.file("schemas/src/main/avro"), classes.resolve("io/penstock/schemas"));
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-proc:none",
                "-Xlint:all,-path,-classfile,-processing",
                "-Werror",
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                classes.toString()));
    try (Stream<Path> sources = Files.walk(module.resolve("src"))) {
      sources
          .filter(file -> file.toString().matches(".*(zenith|nadir|Providers).*[.]java"))
          .forEach(file -> arguments.add(file.toString()));
    }
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, arguments.toArray(String[]::new));
    assertThat(status).as("what javac says of the page's code").isZero();
    return classes;
  }

  private static void copy(Path from, Path to) throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(from)) {
      files = walk.filter(Files::isRegularFile).toList();
    }
    for (Path file : files) {
      Path target = to.resolve(from.relativize(file).toString());
      Files.createDirectories(target.resolveSibling("."));
      Files.copy(file, target);
    }
  }

  private static void run(ScratchCopy scratch, Path classes, boolean writes, String... tests)
      throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dpenstock.hostile-bodies=50",
                "-Djazzer.hooks=false",
                "-cp",
                classes + File.pathSeparator + System.getProperty("java.class.path")));
    if (writes) {
      command.add("-Dpenstock.docs.write");
    }
    command.add(ScratchTests.class.getName());
    Stream.of(tests).forEach(test -> command.add(TESTS + test));
    start(command, scratch.file("ingest-service"), scratch.file("output.txt"), MOST_MINUTES);
  }

  private static void start(List<String> command, Path directory, Path output, long mostMinutes)
      throws Exception {
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(mostMinutes, TimeUnit.MINUTES)).as("ended by itself").isTrue();
      String text = new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
      assertThat(process.exitValue())
          .as("%s", text.substring(Math.max(0, text.length() - 20_000)))
          .isZero();
    } finally {
      process.destroyForcibly();
    }
  }

  /**
   * The whole build of the copy, integration tests included, by the page's own commands: for some
   * tens of minutes. {@code -Dpenstock.scratch-build=-DskipITs} adds options for Maven.
   */
  @Test
  @EnabledIfSystemProperty(named = "penstock.scratch-build", matches = ".*")
  void aProviderThatIsAddedByThePageAlonePassesTheWholeBuild() throws Exception {
    ScratchCopy scratch = ScratchCopy.of(directory);
    scratch.applyPage();
    scratch.applyWholeBodyExample();
    String options = System.getProperty("penstock.scratch-build");
    List<String> commands =
        List.of(
            "-q spotless:apply",
            "package -pl ingest-service -am -Dtest=ContractGoldenTest,ProviderListsTest"
                + " -Dsurefire.failIfNoSpecifiedTests=false -Dpenstock.docs.write",
            "test -pl schemas -Dpenstock.docs.write",
            "verify " + options);
    for (String command : commands) {
      List<String> words =
          new ArrayList<>(List.of("mvn", "-o", "-B", "-ntp", "-Dpenstock.in-scratch-copy=true"));
      words.addAll(List.of(command.strip().split(" +")));
      start(words, directory, directory.resolve("target-of-the-build.txt"), 120);
    }
  }
}
