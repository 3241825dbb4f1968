package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.EmptyWebhookSecretException;
import com.standardwebhooks.exceptions.WebhookSigningException;
import io.penstock.ingest.it.Outsider.Read;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Secrets of every kind that are replaced under load: nothing is refused while the old one is still
 * listed, and nothing is lost. And what is refused is refused with one and the same answer.
 */
@ExtendWith(Stack.Shared.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // set before all tests
class SecretRotationIT {

  private static final InstantSource CLOCK = InstantSource.system();

  private static final long PER_SECOND = 200;
  private static final int SENDERS_PER_SOURCE = 8;
  private static final Duration SWITCHING = Duration.ofMillis(500);

  /** A secret that no sender has. */
  private static final int NOBODYS = 99;

  private static final Pattern MARKER = Pattern.compile("marker-[0-9]{6}");

  /** The secrets, each in two files: the current one and the previous one. */
  private static final List<String> IN_A_VOLUME = List.of("csm", "move", "address");

  private static final List<String> RENAMED = List.of("shapes", "twins", "key");

  /** The previous value comes first in some lists and last in others. */
  private static final String SOURCES =
      """
      sources:
        - name: files
          provider: smartshape
          auth: [{type: bcrypt-token, secrets: [{file: renamed/shapes-current}, {file: renamed/shapes-previous}]}]
        - name: sessions
          provider: csm
          auth: [{type: url-token, tokens: [{file: volume/csm-previous}, {file: volume/csm-current}]}]
        - name: captures
          provider: move
          auth: [{type: standard-webhooks, secrets: [{file: volume/move-current}, {file: volume/move-previous}]}]
        - name: twins
          provider: matterport
          auth: [{type: basic, username: penstock, passwords: [{file: renamed/twins-previous}, {file: renamed/twins-current}]}]
        - name: assets
          provider: echo3d
          auth:
            - {type: url-token, tokens: [{file: volume/address-current}, {file: volume/address-previous}]}
            - {type: body-field, field: apiKey, values: [{file: renamed/key-previous}, {file: renamed/key-current}]}
        - name: by-header
          provider: matterport
          auth: [{type: header, name: x-key, values: [{env: CSM_URL_TOKEN}]}]
        - name: by-query
          provider: matterport
          auth: [{type: query, parameter: key, values: [{env: CSM_URL_TOKEN}]}]
        - name: by-bearer
          provider: matterport
          auth: [{type: bearer, tokens: [{env: CSM_URL_TOKEN}]}]
        - name: by-key-alone
          provider: echo3d
          auth: [{type: body-field, field: apiKey, values: [{env: CSM_URL_TOKEN}]}]
      """;

  /** The files of the previous and of the current value of each secret. */
  private record Entry(String source, String type, int previous, int current) {}

  private static final List<Entry> ENTRIES =
      List.of(
          new Entry("files", "bcrypt-token", 1, 0),
          new Entry("sessions", "url-token", 0, 1),
          new Entry("captures", "standard-webhooks", 1, 0),
          new Entry("twins", "basic", 0, 1),
          new Entry("assets", "url-token", 1, 0),
          new Entry("assets", "body-field", 0, 1));

  private KubernetesVolume volume;
  private Path renamed;
  private Settings settings;
  private Instance instance;
  private Sender sender;
  private Outsider outsider;

  @BeforeAll
  void start(Stack stack, @TempDir Path directory) throws IOException {
    volume = new KubernetesVolume(Files.createDirectory(directory.resolve("volume")));
    renamed = Files.createDirectory(directory.resolve("renamed"));
    list(0, -1);
    settings =
        Settings.of(stack)
            .patient(11)
            .withText("sources:\n", SOURCES.replace("file: ", "file: " + directory + "/"));
    instance = Instance.ready(settings);
    sender = new Sender();
    outsider = new Outsider(settings);
  }

  @AfterAll
  void stop() {
    outsider.close();
    sender.close();
    instance.close();
  }

  // The secrets, by their generation.

  private static String secret(String name, int generation) {
    String text = name + "-secret-of-generation-" + generation;
    return name.equals("move")
        ? "whsec_" + Base64.getEncoder().encodeToString(text.getBytes(UTF_8))
        : text;
  }

  /** Replaces all files, half of them in Kubernetes' way and half by renaming others over them. */
  private void list(int current, int previous) throws IOException {
    for (String name : RENAMED) {
      // The value that is moved is written to its new place before it leaves the old one.
      rename(name + "-previous", secret(name, previous));
      rename(name + "-current", secret(name, current));
    }
    Map<String, String> contents = new LinkedHashMap<>();
    for (String name : IN_A_VOLUME) {
      contents.put(name + "-current", secret(name, current));
      contents.put(name + "-previous", secret(name, previous));
    }
    volume.replace(contents);
  }

  private void rename(String file, String content) throws IOException {
    Path fresh = Files.writeString(renamed.resolve(file + ".new"), content + "\n");
    Files.move(fresh, renamed.resolve(file), StandardCopyOption.ATOMIC_MOVE);
  }

  // The deliveries.

  private static final List<String> LOADED =
      List.of("files", "sessions", "captures", "twins", "assets");

  /** A delivery with a unique marker, with the secret of one generation. */
  private HttpRequest delivery(String source, int generation, String marker, int variant) {
    String url = instance.url() + "/webhooks/" + source;
    return switch (source) {
      case "files" ->
          Sender.request(url, Sender.shape(marker, marker))
              .header("X-Smartshape-Token", token(generation, variant))
              .build();
      case "sessions" ->
          Sender.request(
                  url + "/" + secret("csm", generation),
                  bytes(
                      """
                      {"type":"session_status_changed","payload":{"session_id":"%s",\
                      "timestamp":"2025-09-01T07:26:51.484Z"}}"""
                          .formatted(marker)))
              .build();
      case "captures" -> signed(url, generation, marker, variant);
      case "twins" ->
          Sender.request(
                  url,
                  bytes(
                      """
                      {"modelId":"%s","version":1,"webhookId":"w","type":"deleted",\
                      "timestamp":"2024-11-22T09:15:11.187Z","body":{}}"""
                          .formatted(marker)))
              .header("Authorization", basic("penstock", secret("twins", generation)))
              .build();
      case "assets" ->
          Sender.request(
                  url + "/" + secret("address", generation),
                  bytes(
                      """
                      {"event":"Delete","entryIds":["%s"],"apiKey":"%s"}"""
                          .formatted(marker, secret("key", generation))))
              .build();
      default -> throw new IllegalArgumentException(source);
    };
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static String basic(String username, String password) {
    return "Basic "
        + Base64.getEncoder().encodeToString((username + ":" + password).getBytes(UTF_8));
  }

  private final Map<Integer, String> tokens = new ConcurrentHashMap<>();

  /** Most senders send one hash all the time, some a new one with each delivery. */
  private String token(int generation, int variant) {
    return variant == 0
        ? Sender.hash(secret("shapes", generation))
        : tokens.computeIfAbsent(generation, key -> Sender.hash(secret("shapes", key)));
  }

  /** Signed by the library of Standard Webhooks, with the header names that senders use. */
  private HttpRequest signed(String url, int generation, String marker, int variant) {
    byte[] body =
        bytes(
            """
            {"event_name":"job.state.started","timestamp":"2023-09-04T10:41:52Z",\
            "detail":{"job_id":"%s"}}"""
                .formatted(marker));
    List<String> names =
        switch (variant % 3) {
          case 0 -> List.of("Svix-Id", "Svix-Timestamp", "Svix-Signature");
          case 1 -> List.of("SVIX-ID", "SVIX-TIMESTAMP", "SVIX-SIGNATURE");
          default -> List.of("webhook-id", "webhook-timestamp", "webhook-signature");
        };
    long now = CLOCK.instant().getEpochSecond();
    String id = "msg_" + marker;
    try {
      String signature =
          new Webhook(secret("move", generation)).sign(id, now, new String(body, UTF_8));
      return Sender.request(url, body)
          .header(names.get(0), id)
          .header(names.get(1), Long.toString(now))
          .header(names.get(2), signature)
          .build();
    } catch (EmptyWebhookSecretException | WebhookSigningException e) {
      throw new AssertionError(e);
    }
  }

  /** Some senders of every source, which deliver in turn at a steady rate. */
  private final class Load implements AutoCloseable {

    private record Sent(
        String source,
        int generation,
        String marker,
        CompletableFuture<HttpResponse<String>> answer) {}

    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
    private final List<AtomicInteger> generations = new ArrayList<>();
    private final List<Future<?>> changes = new ArrayList<>();
    private final Queue<Sent> sent = new ConcurrentLinkedQueue<>();
    private final Random random = new Random(20261121);
    private final long started = System.nanoTime();
    private final ScheduledFuture<?> pacing;
    private int count;

    Load() {
      for (int i = 0; i < LOADED.size() * SENDERS_PER_SOURCE; i++) {
        generations.add(new AtomicInteger());
      }
      pacing =
          executor.scheduleAtFixedRate(
              this::deliver, 0, TimeUnit.SECONDS.toNanos(1) / PER_SECOND, TimeUnit.NANOSECONDS);
    }

    private void deliver() {
      int from = count % generations.size();
      String source = LOADED.get(from % LOADED.size());
      int generation = generations.get(from).get();
      String marker = "marker-%06d".formatted(count);
      HttpRequest request = delivery(source, generation, marker, from / LOADED.size());
      sent.add(new Sent(source, generation, marker, sender.sendAsync(request)));
      count++;
    }

    /** Makes senders use the next secret, each from a different moment on. */
    void change(int firstSender, int lastSender) {
      for (int i = firstSender * LOADED.size(); i < lastSender * LOADED.size(); i++) {
        AtomicInteger generation = generations.get(i);
        changes.add(
            executor.schedule(
                generation::incrementAndGet,
                random.nextLong(SWITCHING.toMillis()),
                TimeUnit.MILLISECONDS));
      }
    }

    boolean hasChanged() {
      return changes.size() == generations.size() && changes.stream().allMatch(Future::isDone);
    }

    long answered(int generation) {
      return sent.stream()
          .filter(each -> each.generation() == generation && each.answer().isDone())
          .count();
    }

    boolean isDone(int generation) {
      return sent.stream()
          .filter(each -> each.generation() == generation)
          .allMatch(each -> each.answer().isDone());
    }

    /** Asserts that all answers so far are successes. */
    void assertAcknowledged() {
      Map<String, Long> others = new TreeMap<>();
      for (Sent each : sent) {
        if (each.answer().isDone()) {
          HttpResponse<String> answer = each.answer().join();
          if (answer.statusCode() != 200 || !answer.body().equals("{\"success\": true}")) {
            others.merge(
                each.source() + " by secret " + each.generation() + ": " + answer.statusCode(),
                1L,
                Long::sum);
          }
        }
      }
      assertThat(others).as("other answers, of %d", sent.size()).isEmpty();
    }

    /**
     * Ends the load, and asserts that every delivery was acknowledged, and that there were enough.
     */
    void stop() throws Exception {
      assertThat(pacing.isDone()).as("deliveries failed to be made").isFalse();
      pacing.cancel(false);
      executor.shutdown();
      assertThat(executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
      double seconds = (System.nanoTime() - started) / 1e9;
      for (Sent each : sent) {
        each.answer().get(120, TimeUnit.SECONDS);
      }
      assertAcknowledged();
      assertThat(sent.size() / seconds).as("a second").isGreaterThan(PER_SECOND * 0.9);
    }

    List<String> markers(String source) {
      return sent.stream().filter(each -> each.source().equals(source)).map(Sent::marker).toList();
    }

    @Override
    public void close() {
      executor.shutdownNow();
    }
  }

  // What operators see.

  private double reloads() {
    return instance.metric("penstock_secret_reloads_total", "outcome=\"reloaded\"");
  }

  private void awaitReloads(double count) {
    await()
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(50))
        .until(() -> reloads() >= count);
  }

  /** The number of deliveries that each entry authenticated: the previous and the current value. */
  private record Matches(double previous, double current) {}

  private Map<Entry, Matches> matches() {
    Map<Entry, Matches> matches = new HashMap<>();
    for (Entry entry : ENTRIES) {
      matches.put(
          entry, new Matches(count(entry, entry.previous()), count(entry, entry.current())));
    }
    return matches;
  }

  private double count(Entry entry, int place) {
    return instance.metric(
        "penstock_secret_matches_total",
        "source=\"" + entry.source() + "\"",
        "type=\"" + entry.type() + "\"",
        "entry=\"" + place + "\"");
  }

  @Test
  void aSecretThatIsReplacedUnderLoadLosesAndRefusesNothing() throws Exception {
    try (Load load = new Load()) {
      await().until(() -> load.answered(0) >= PER_SECOND / 2);
      assertThat(matches().values()).allSatisfy(each -> assertThat(each.previous()).isZero());

      // The list has the old and the new secret, and all senders use the old one.
      double before = reloads();
      list(1, 0);
      awaitReloads(before + 2 * (IN_A_VOLUME.size() + RENAMED.size()));

      long listedAt = load.answered(0);
      await().until(() -> load.answered(0) >= listedAt + PER_SECOND / 4);
      load.assertAcknowledged();

      // Senders change one by one; one of each source is late, and its entry shows it.
      load.change(1, SENDERS_PER_SOURCE);
      await().until(() -> load.answered(1) >= PER_SECOND / 2);
      Map<Entry, Matches> amid = matches();
      await()
          .untilAsserted(
              () ->
                  assertThat(matches())
                      .allSatisfy(
                          (entry, now) -> {
                            Matches then = amid.getOrDefault(entry, now);
                            assertThat(now.previous()).isGreaterThan(then.previous());
                            assertThat(now.current()).isGreaterThan(then.current());
                          }));

      // No sender uses the old secret any more, and the metric shows it.
      load.change(0, 1);
      await().until(() -> load.hasChanged() && load.isDone(0));
      Map<Entry, Matches> after = matches();
      long answered = load.answered(1);
      await().until(() -> load.answered(1) >= answered + PER_SECOND / 2);
      assertThat(matches())
          .allSatisfy(
              (entry, now) -> {
                Matches then = after.getOrDefault(entry, now);
                assertThat(now.previous()).isEqualTo(then.previous()).isPositive();
                assertThat(now.current()).isGreaterThan(then.current());
              });

      // Only then it goes.
      double listed = reloads();
      list(1, NOBODYS);
      awaitReloads(listed + IN_A_VOLUME.size() + RENAMED.size());
      for (String source : LOADED) {
        HttpRequest late = delivery(source, 0, "marker-999999", 1);
        assertThat(sender.send(late).statusCode()).as(source).isEqualTo(401);
      }
      long last = load.answered(1);
      await().until(() -> load.answered(1) >= last + PER_SECOND / 4);
      load.stop();

      assertThat(instance.metric("penstock_secret_reloads_total", "outcome=\"failed\"")).isZero();
      assertComeOutOnce(load);
    }
  }

  private void assertComeOutOnce(Load load) {
    Map<String, String> topics =
        Map.of(
            "files", ".smartshape",
            "sessions", ".csm",
            "captures", ".move",
            "twins", ".matterport",
            "assets", ".echo3d");
    topics.forEach(
        (source, topic) ->
            assertThat(outsider.readAll(settings.prefix() + topic))
                .as(source)
                .extracting(SecretRotationIT::marker)
                .containsExactlyInAnyOrderElementsOf(load.markers(source)));
    assertThat(outsider.readAll(settings.deadLetter())).isEmpty();
  }

  private static String marker(Read read) {
    Matcher marker = MARKER.matcher(read.value().get("json").toString());
    assertThat(marker.find()).isTrue();
    return marker.group();
  }

  // Refusals.

  @Test
  void everyRefusalOfEveryKindIsOneAndTheSameAnswer() {
    String right = Settings.CSM_TOKEN;
    String now = Long.toString(CLOCK.instant().getEpochSecond());
    String body = "{\"apiKey\":\"wrong\"}";
    String wrong = Sender.hash("wrong");
    String ed25519 = "v1a," + "A".repeat(86) + "==";
    String hmac = "v1," + "A".repeat(43) + "=";
    Map<String, String> answers = new LinkedHashMap<>();
    BiConsumer<String, String[]> refused =
        (path, headers) ->
            answers.put(path + " " + String.join("|", headers), post(path, body, headers));

    refused.accept("files", with());
    refused.accept("files", with("X-Smartshape-Token: rubbish"));
    refused.accept("files", with("X-Smartshape-Token: $2b$31$" + "a".repeat(53)));
    refused.accept("files", with("X-Smartshape-Token: " + wrong));
    refused.accept("files", with("x-smartshape-token: " + wrong)); // known by now
    refused.accept("files", with("X-Smartshape-Token: " + wrong, "X-Smartshape-Token: " + wrong));
    refused.accept("sessions", with());
    refused.accept("sessions/wrong", with());
    refused.accept("sessions/" + "x".repeat(500), with());
    refused.accept("captures", with());
    refused.accept("captures", signature("m", "1", hmac));
    refused.accept("captures", signature("m", "hello", hmac));
    refused.accept("captures", signature("m", now, hmac));
    refused.accept("captures", signature("m", now, ed25519));
    refused.accept("captures", signature("m.1", now, hmac + " " + ed25519));
    refused.accept("twins", with());
    refused.accept("twins", with("Authorization: " + basic("penstock", "wrong")));
    refused.accept("twins", with("Authorization: " + basic("wrong", secret("twins", 0))));
    refused.accept("twins", with("Authorization: Basic *"));
    refused.accept("twins", with("Authorization: Bearer " + secret("twins", 0)));
    refused.accept("by-header", with());
    refused.accept("by-header", with("X-Key: wrong"));
    refused.accept("by-header", with("X-Key: " + right, "X-Key: " + right));
    refused.accept("by-query", with());
    refused.accept("by-query?key=wrong", with());
    refused.accept("by-query?key=" + right + "&key=" + right, with());
    refused.accept("by-bearer", with());
    refused.accept("by-bearer", with("Authorization: Bearer wrong"));
    refused.accept("by-bearer", with("Authorization: " + right));
    refused.accept("by-key-alone", with());
    answers.put("by-key-alone, no JSON", post("by-key-alone", "{\"apiKey\":"));
    answers.put("by-key-alone, nothing", post("by-key-alone", ""));
    answers.put("by-key-alone, a number", post("by-key-alone", "{\"apiKey\":1}"));
    answers.put(
        "by-key-alone, twice",
        post("by-key-alone", body.replace("}", ",\"apiKey\":\"" + right + "\"}")));
    refused.accept("assets", with());
    refused.accept("assets/wrong", with());
    answers.put("assets, right key", post("assets/wrong", body.replace("wrong", secret("key", 0))));

    Map<String, Set<String>> bySource = new LinkedHashMap<>();
    answers.forEach(
        (request, answer) -> {
          assertThat(answer).as(request).startsWith("HTTP/1.1 401 ");
          bySource
              .computeIfAbsent(request.split("[/? ,]", -1)[0], source -> new LinkedHashSet<>())
              .add(answer);
        });
    // A source's challenges name its types of authentication, which are not secret.
    assertThat(bySource).allSatisfy((source, told) -> assertThat(told).as(source).hasSize(1));
    Set<String> withoutChallenges = new LinkedHashSet<>();
    for (String answer : answers.values()) {
      withoutChallenges.add(answer.replaceAll("(?m)^www-authenticate: [^\\r\\n]*\\r?\\n", ""));
    }
    assertThat(withoutChallenges).hasSize(1);
  }

  private static String[] with(String... headers) {
    return headers;
  }

  private static String[] signature(String id, String timestamp, String signatures) {
    return with("Svix-Id: " + id, "Svix-Timestamp: " + timestamp, "Svix-Signature: " + signatures);
  }

  /** The whole answer, byte by byte. */
  private String post(String path, String body, String... headers) {
    StringBuilder head =
        new StringBuilder("POST /webhooks/" + path + " HTTP/1.1\r\nHost: test\r\n")
            .append("Connection: close\r\nContent-Type: application/json\r\n")
            .append("Content-Length: " + body.length() + "\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), instance.port())) {
      socket.setSoTimeout(120_000);
      socket.getOutputStream().write((head + "\r\n" + body).getBytes(ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
