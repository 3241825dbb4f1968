package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.ingest.Thorough;
import io.penstock.ingest.provider.Providers;
import io.penstock.localstack.ServiceProgram;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code penstock dev}, as a developer uses it. */
class DevIT {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path directory;

  private record Dev(Process process, Path out, Path err) {
    String output() {
      try {
        return Files.readString(out, UTF_8);
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }

    List<ProcessHandle> descendants() {
      return process.descendants().toList();
    }

    String address(String name) {
      String ready =
          output().lines().filter(line -> line.startsWith("READY ")).findFirst().orElseThrow();
      for (String word : ready.split(" ", -1)) {
        if (word.startsWith(name + "=")) {
          return word.substring(name.length() + 1);
        }
      }
      throw new AssertionError(ready);
    }

    void awaitReady() {
      await()
          .atMost(Duration.ofMinutes(2))
          .until(
              () ->
                  !process.isAlive()
                      || output().contains("\nREADY ")
                      || output().startsWith("READY "));
    }
  }

  private Dev dev(Map<String, String> environment, String... arguments) throws IOException {
    List<String> options = new ArrayList<>(ServiceProgram.STARTS_SOON);
    options.add(
        "-Dpenstock.local-stack.runtime=" + System.getProperty("penstock.local-stack.runtime"));
    List<String> words = new ArrayList<>(List.of("dev"));
    words.addAll(List.of(arguments));
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(ServiceProgram.command(options, words))
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    return new Dev(process, out, err);
  }

  private static List<JsonNode> events(String output) {
    return output.lines().filter(line -> line.startsWith("{")).map(DevIT::json).toList();
  }

  private static JsonNode json(String line) {
    try {
      return JSON.readTree(line);
    } catch (IOException e) {
      throw new AssertionError(line, e);
    }
  }

  @Thorough("`itStaysUpTakesDeliveriesAndLeavesNothingBehindWhenItIsToldToStop`")
  @Test
  void onceEndsWellHavingPrintedEachSamplesEventOnce() throws Exception {
    Dev dev = dev(Map.of(), "--once");
    assertThat(dev.process().waitFor(120, TimeUnit.SECONDS)).isTrue();

    assertThat(dev.process().exitValue()).as(Files.readString(dev.err())).isZero();
    assertThat(dev.output())
        .containsPattern(
            "READY ingress=http://127\\.0\\.0\\.1:\\d+ management=http://127\\.0\\.0\\.1:\\d+ kafka=127\\.0\\.0\\.1:\\d+ registry=http://127\\.0\\.0\\.1:\\d+ console=http://127\\.0\\.0\\.1:\\d+\n");
    assertThat(events(dev.output()).stream().map(event -> event.path("topic").asText()))
        .containsExactlyInAnyOrderElementsOf(
            Providers.all().stream().map(provider -> "webhooks." + provider.name()).toList());
    assertThat(events(dev.output()))
        .allSatisfy(
            event -> {
              assertThat(event.path("headers").path("ce_id").asText())
                  .isEqualTo(event.path("value").path("metadata").path("eventId").asText());
              assertThat(json(event.path("value").path("json").asText()).isObject()).isTrue();
            });
  }

  @Test
  @Thorough(
      "`itStaysUpTakesDeliveriesAndLeavesNothingBehindWhenItIsToldToStop`; `ParentDeathIT` for the kill")
  void aConfigurationsSourcesAndSettingsAreUsedAndAKillLeavesNothingBehind() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("penstock.yaml"),
            """
            http: {host: 127.0.0.1, port: 0, management-port: 0}
            topics: {prefix: mine}
            kafka: {bootstrap-servers: "kafka.example.com:9092", properties: {security.protocol: SASL_SSL}}
            schema-registry: {url: "http://registry.example.com"}
            sources:
              - name: generations
                provider: csm
                auth: [{type: url-token, tokens: [{env: A_TOKEN}]}]
            """);
    Dev dev = dev(Map.of("A_TOKEN", "the token / of mine"), "--config", file.toString());
    dev.awaitReady();
    assertThat(dev.process().isAlive()).as(Files.readString(dev.err())).isTrue();
    await().atMost(Duration.ofMinutes(2)).until(() -> !events(dev.output()).isEmpty());

    assertThat(events(dev.output()).stream().map(event -> event.path("topic").asText()))
        .containsExactly("mine.csm");
    assertThat(dev.output()).doesNotContain("the token");

    List<ProcessHandle> children = dev.descendants();
    assertThat(children).hasSizeGreaterThanOrEqualTo(2);
    dev.process().destroyForcibly();
    await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
  }

  @Test
  void itStaysUpTakesDeliveriesAndLeavesNothingBehindWhenItIsToldToStop() throws Exception {
    int port = freePort();
    Dev dev = dev(Map.of(), "--port", Integer.toString(port));
    dev.awaitReady();
    assertThat(dev.process().isAlive()).as(Files.readString(dev.err())).isTrue();
    assertThat(dev.address("ingress")).isEqualTo("http://127.0.0.1:" + port);
    await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> events(dev.output()).size() == Providers.all().size());

    try (HttpClient http = HttpClient.newHttpClient()) {
      String token =
          dev.output()
              .lines()
              .filter(line -> line.contains("url-token secret: "))
              .findFirst()
              .orElseThrow();
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(
                      URI.create(
                          dev.address("ingress")
                              + "/webhooks/csm/"
                              + token.substring(token.lastIndexOf(' ') + 1)))
                  .header("content-type", "application/json")
                  .POST(
                      HttpRequest.BodyPublishers.ofString(
                          "{\"type\":\"session_status_changed\",\"payload\":{\"session_id\":\"by hand\",\"timestamp\":\"2025-09-01T07:26:51.484Z\"}}"))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(200);
      for (String path : List.of("/subjects", "/apis/ccompat/v7/subjects")) {
        assertThat(
                http.send(
                        HttpRequest.newBuilder(URI.create(dev.address("registry") + path)).build(),
                        HttpResponse.BodyHandlers.ofString())
                    .body())
            .contains("\"webhooks.csm-value\"");
      }
      assertThat(
              http.send(
                      HttpRequest.newBuilder(
                              URI.create(dev.address("management") + "/health/ready"))
                          .build(),
                      HttpResponse.BodyHandlers.ofString())
                  .statusCode())
          .isEqualTo(200);
    }
    await().atMost(Duration.ofMinutes(2)).until(() -> dev.output().contains("by hand"));

    List<ProcessHandle> children = dev.descendants();
    assertThat(children).hasSizeGreaterThanOrEqualTo(2);
    dev.process().destroy();
    assertThat(dev.process().waitFor(120, TimeUnit.SECONDS)).isTrue();
    await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
  }

  @Test
  @Thorough("`itStaysUpTakesDeliveriesAndLeavesNothingBehindWhenItIsToldToStop`")
  void aPortThatWasAskedForAndIsTakenIsAnError() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
      Dev dev = dev(Map.of(), "--once", "--port", Integer.toString(taken.getLocalPort()));
      assertThat(dev.process().waitFor(120, TimeUnit.SECONDS)).isTrue();

      assertThat(dev.process().exitValue()).isEqualTo(1);
      assertThat(Files.readString(dev.err()))
          .contains("port " + taken.getLocalPort() + " cannot be opened");
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
