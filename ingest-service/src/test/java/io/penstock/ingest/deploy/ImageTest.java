package io.penstock.ingest.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.Penstock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathExpressionException;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/** Compares the Dockerfile and its scripts with the rest of the tree. */
class ImageTest {

  private static final Pattern MODULE = Pattern.compile("<module>([^<]+)</module>");

  private static final Path COMMAND = Repository.ROOT.resolve("deploy/image/penstock");

  private final List<String> dockerfile = Repository.text("Dockerfile").lines().toList();

  /** Otherwise Maven refuses the reactor when only the poms are there. */
  @Test
  void everyModulesPomIsCopiedBeforeTheSources() {
    List<String> modules =
        MODULE.matcher(Repository.text("pom.xml")).results().map(m -> m.group(1)).toList();
    assertThat(modules).contains("ingest-service");
    assertThat(dockerfile.subList(0, dockerfile.indexOf("COPY . .")))
        .containsAll(modules.stream().map(m -> "COPY %s/pom.xml %s/".formatted(m, m)).toList());
  }

  @Test
  void itStartsThisProgramOnItsPortsAsNobody() {
    assertThat(dockerfile)
        .contains(
            "ENTRYPOINT [\"java\", \"@/opt/penstock/java.options\", \"%s\"]"
                .formatted(Penstock.class.getName()),
            "EXPOSE 8080 9090",
            "USER 10001:10001");
  }

  @Test
  void theImageThatNeedsNoDockerIsStartedInTheSameWay() throws Exception {
    Document pom =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(Repository.ROOT.resolve("ingest-service/pom.xml").toFile());
    assertThat(jib(pom, "from/image"))
        .allSatisfy(image -> assertThat(dockerfile).contains("ARG RUNTIME_IMAGE=" + image))
        .hasSize(1);
    assertThat(dockerfile)
        .contains(
            "USER " + String.join("", jib(pom, "container/user")),
            "EXPOSE " + String.join(" ", jib(pom, "container/ports/port")),
            "CMD " + json(jib(pom, "container/args/arg")));
    assertThat(jib(pom, "container/entrypoint/arg"))
        .containsExactly(
            "java",
            "@/opt/penstock/java.options",
            "-cp",
            "@/opt/penstock/jib-classpath-file",
            Penstock.class.getName());
  }

  /** Jars that an operator mounts, such as those of a cloud's authentication. */
  @Test
  void jarsCanBeAddedWithoutANewImage() {
    assertThat(Repository.text("deploy/image/lay-out"))
        .as("at the end of the class path, where they replace nothing")
        .contains("-cp %s/opt/penstock/extra/*");
    assertThat(Repository.text("docs/kubernetes.md")).contains("mountPath: /opt/penstock/extra");
  }

  /** What {@code kubectl exec POD -- penstock …} runs. */
  @Test
  void bothImagesHaveTheCommandForOperators() throws Exception {
    assertThat(Files.isExecutable(COMMAND)).isTrue();
    assertThat(dockerfile).contains("COPY --from=build /opt/penstock/bin/ /usr/local/bin/");
    assertThat(Repository.text("deploy/image/lay-out"))
        .contains("cp \"$(dirname \"$0\")/penstock\" \"$out/bin/\"");
    Document pom =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(Repository.ROOT.resolve("ingest-service/pom.xml").toFile());
    assertThat(jib(pom, "extraDirectories/paths/path[into='/usr/local/bin']/includes/include"))
        .containsExactly("penstock");
    assertThat(jib(pom, "extraDirectories/permissions/permission[mode='755']/file"))
        .containsExactly("/usr/local/bin/penstock");
  }

  @Test
  void theCommandForOperatorsFindsTheConfigurationByItself(@TempDir Path root) throws Exception {
    Path bin = Files.createDirectories(root.resolve("bin"));
    Path java = bin.resolve("java");
    Files.writeString(java, "#!/bin/sh\nprintf '%s\\n' \"$*\"\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    Path command = bin.resolve("penstock");
    Files.writeString(
        command,
        Files.readString(COMMAND)
            .replace("/etc/penstock", root + "/etc")
            .replace("/opt/penstock", root + "/opt"));
    String main =
        "@"
            + root
            + "/opt/java.options -Xmx160m -XX:TieredStopAtLevel=1 "
            + Penstock.class.getName();
    String config = " --config " + root + "/etc/config/penstock.yaml";

    assertThat(run(command, "trace", "x")).isEqualTo(main + " trace x");
    Files.createDirectories(root.resolve("etc/config"));
    Files.writeString(root.resolve("etc/config/penstock.yaml"), "");
    assertThat(run(command, "trace", "x")).isEqualTo(main + " trace x" + config);
    assertThat(run(command, "dead-letters", "list"))
        .isEqualTo(main + " dead-letters list" + config);
    assertThat(run(command, "tail", "--config", "y")).isEqualTo(main + " tail --config y");
    assertThat(run(command, "tail", "--config=y")).isEqualTo(main + " tail --config=y");
    assertThat(run(command, "tail", "--help")).isEqualTo(main + " tail --help");
    assertThat(run(command, "refusals", "--source", "x")).isEqualTo(main + " refusals --source x");
    assertThat(run(command, "--version")).isEqualTo(main + " --version");

    Files.createDirectories(root.resolve("opt"));
    Files.writeString(root.resolve("opt/jib-classpath-file"), "");
    assertThat(run(command, "--version"))
        .isEqualTo(
            main.replace(
                    Penstock.class.getName(),
                    "-cp @" + root + "/opt/jib-classpath-file " + Penstock.class.getName())
                + " --version");
  }

  private static String run(Path command, String... arguments) throws Exception {
    List<String> line = new ArrayList<>(List.of("sh", command.toString()));
    line.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
    builder.environment().merge("PATH", "", (path, none) -> command.getParent() + ":" + path);
    builder.environment().remove("PENSTOCK_JAVA_OPTS");
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    return output.strip();
  }

  private static List<String> jib(Document pom, String path) throws XPathExpressionException {
    NodeList nodes =
        (NodeList)
            XPathFactory.newInstance()
                .newXPath()
                .evaluate(
                    "//plugin[artifactId='jib-maven-plugin']/configuration/" + path,
                    pom,
                    XPathConstants.NODESET);
    return IntStream.range(0, nodes.getLength())
        .mapToObj(i -> nodes.item(i).getTextContent())
        .toList();
  }

  private static String json(List<String> words) {
    return words.stream().map(word -> '"' + word + '"').collect(Collectors.joining(", ", "[", "]"));
  }

  /** A listed class that no longer exists has no effect, except that the archive is slower. */
  @ParameterizedTest
  @ValueSource(strings = {"classes.txt", "commands.txt"})
  void theArchivesListsSuitTheLibraries(String list) throws IOException {
    List<String> classes;
    try (Stream<String> lines =
        Files.lines(Repository.ROOT.resolve("deploy/image").resolve(list))) {
      classes =
          lines
              .map(line -> line.split(" ", -1)[0])
              .filter(name -> name.matches("(org/apache|io|com/fasterxml|com/google)/.*"))
              .toList();
    }
    assertThat(classes).hasSizeGreaterThan(2000);
    assertThat(dockerfile)
        .contains(
            "COPY deploy/image/classes.txt deploy/image/commands.txt deploy/image/archive-classes"
                + " /tmp/",
            "RUN sh /tmp/archive-classes /opt/penstock /tmp/classes.txt /tmp/commands.txt");
    ClassLoader loader = getClass().getClassLoader();
    List<String> gone =
        classes.stream().filter(name -> loader.getResource(name + ".class") == null).toList();
    assertThat(gone)
        .as("classes that no library has any more: run deploy/image/list-classes")
        .hasSizeLessThan(classes.size() / 50);
    assertThat(classes).as("ours change too often").noneMatch(c -> c.startsWith("io/penstock/"));
  }

  @Test
  void whatIsNoSourceStaysOutOfTheBuild() {
    assertThat(Repository.text(".dockerignore").lines())
        .contains(".git", "**/target", "**/node_modules", "**/.env");
  }
}
