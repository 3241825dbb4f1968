package io.penstock.ingest.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;

/**
 * What the instances say on their management ports, asked all at once and kept for a second. Blocks
 * for a few seconds at most; safe for use by any number of threads.
 */
final class Instances implements AutoCloseable {

  private static final Duration LIFE = Duration.ofSeconds(1);
  private static final Duration DEADLINE = Duration.ofSeconds(3);
  private static final int MOST_BYTES = 16 * 1024 * 1024;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Supplier<List<String>> addresses;
  private final InstantSource clock;
  private final ExecutorService executor =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("console-ask-", 0).factory());
  private final HttpClient client;
  private final Recent<List<Asked>> recent;

  /**
   * One check of an instance's readiness.
   *
   * @param decides whether the instance is unready while this is down
   */
  record Check(String name, boolean up, boolean decides, String detail) {}

  /** What {@code /health/ready} answered. */
  record Ready(boolean ready, List<Check> checks) {
    Ready {
      checks = List.copyOf(checks);
    }

    /** The first reason why it is not ready; the state otherwise. */
    public String reason() {
      return checks.stream()
          .filter(check -> check.decides() && !check.up())
          .map(check -> check.name() + ": " + check.detail())
          .findFirst()
          .orElse(ready ? "ready" : "the start has not ended");
    }
  }

  /**
   * One instance as it was seen.
   *
   * @param address of its management port
   */
  record Asked(String address, Fact<Ready> ready, Fact<Scrape> metrics) {

    /** Its host and port. */
    public String name() {
      return URI.create(address).getRawAuthority();
    }
  }

  /**
   * @param addresses of the management ports, without a slash at their ends
   */
  Instances(Supplier<List<String>> addresses, InstantSource clock) {
    this.addresses = addresses;
    this.clock = clock;
    this.client =
        HttpClient.newBuilder()
            .connectTimeout(DEADLINE)
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .executor(executor)
            .build();
    this.recent = new Recent<>(LIFE, System::nanoTime, this::ask);
  }

  /** All instances, in the order of the configuration. */
  List<Asked> asked() {
    return recent.get();
  }

  /** What each instance answers to one path, in the order of the configuration. */
  List<Fact<JsonNode>> json(String path) {
    return together(
        addresses.get().stream()
            .map(
                address ->
                    (Supplier<Fact<JsonNode>>)
                        () ->
                            Fact.read(
                                address + path,
                                () -> JSON.readTree(get(address + path, 200)),
                                clock))
            .toList());
  }

  private List<Asked> ask() {
    return together(
        addresses.get().stream()
            .map(
                address ->
                    (Supplier<Asked>)
                        () ->
                            new Asked(
                                address,
                                Fact.read(address, () -> ready(address), clock),
                                Fact.read(
                                    address,
                                    () -> Scrape.of(get(address + "/metrics", 200)),
                                    clock)))
            .toList());
  }

  private <T> List<T> together(List<Supplier<T>> questions) {
    List<Future<T>> answers = new ArrayList<>();
    for (Supplier<T> question : questions) {
      answers.add(executor.submit(question::get));
    }
    List<T> all = new ArrayList<>();
    for (Future<T> answer : answers) {
      try {
        all.add(answer.get());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      } catch (ExecutionException e) {
        throw new IllegalStateException(e.getCause());
      }
    }
    return all;
  }

  private Ready ready(String address)
      throws IOException, InterruptedException, NotReadableException {
    JsonNode answer = JSON.readTree(get(address + "/health/ready", 200, 503));
    List<Check> checks = new ArrayList<>();
    for (JsonNode check : answer.path("checks")) {
      checks.add(
          new Check(
              check.path("name").asText(),
              check.path("status").asText().equals("UP"),
              check.path("decides-readiness").asBoolean(),
              check.path("detail").asText()));
    }
    return new Ready(answer.path("status").asText().equals("UP"), checks);
  }

  private String get(String address, Integer... expected)
      throws IOException, InterruptedException, NotReadableException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(address)).timeout(DEADLINE).build();
    try {
      HttpResponse<InputStream> response =
          client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream in = response.body()) {
        if (!List.of(expected).contains(response.statusCode())) {
          throw new NotReadableException(address + " answered " + response.statusCode());
        }
        byte[] bytes = in.readNBytes(MOST_BYTES);
        return new String(bytes, StandardCharsets.UTF_8);
      }
    } catch (HttpTimeoutException e) {
      throw new NotReadableException(
          address + " did not answer within " + DEADLINE.toSeconds() + " s");
    } catch (ConnectException e) {
      throw new NotReadableException(
          "there is no connection to " + address + ": is the instance running?");
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
    executor.shutdownNow();
  }
}
