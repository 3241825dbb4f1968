package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.penstock.ingest.lookup.Fate;
import io.penstock.ingest.lookup.Pauses;
import io.penstock.ingest.lookup.RecordPosition;
import io.penstock.ingest.lookup.Trace;
import io.penstock.ingest.lookup.TraceQuery;
import io.penstock.ingest.lookup.TraceSearch;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code penstock tail}, {@code trace} and {@code replay}, beside a running instance. */
@ExtendWith(Stack.Shared.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LookupIT {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** What a terminal would obey, and what turns the order of text around. */
  private static final String HOSTILE = "\\u001b[2J\u202egnp.exe\u009b31m";

  @TempDir private Path directory;

  private Settings settings;
  private Instance instance;
  private Sender sender;
  private Outsider outsider;

  @BeforeAll
  @SuppressWarnings("NullAway.Init") // what is set here is there in all tests
  void start(Stack stack) {
    settings =
        MoveSettings.of(stack)
            .withText(
                "sources:\n",
                """
                sources:
                  - name: assets
                    provider: echo3d
                    deduplicate-equal-within: 30m
                    auth: [{type: url-token, tokens: [{env: CSM_URL_TOKEN}]}]
                """);
    instance = Instance.ready(settings);
    sender = new Sender();
    outsider = new Outsider(settings);
  }

  @AfterAll
  void stop() {
    if (outsider != null) {
      outsider.close();
      sender.close();
      instance.close();
    }
  }

  private Process start(Path err, String... arguments) throws IOException {
    return Command.start(settings, directory, err, List.of(arguments));
  }

  private Command.Ended penstock(String... arguments) {
    return Command.run(settings, directory, List.of(arguments));
  }

  private void deliver(byte[] body, int status) {
    assertThat(sender.send(Sender.shapes(instance, body)).statusCode()).isEqualTo(status);
  }

  private List<Trace> trace(String id) {
    return trace(id, Pauses.NONE);
  }

  private List<Trace> trace(String id, Pauses pauses) {
    try (TraceSearch search = new TraceSearch(settings.configuration(directory), pauses)) {
      return search.find(TraceQuery.of(id), TraceSearch.Listener.NONE).traces();
    }
  }

  /** How many records a search decodes, of how many that it looks at. */
  private void decodesOnlyWhatHasTheId(String id, long decoded) {
    try (TraceSearch search = new TraceSearch(settings.configuration(directory), Pauses.NONE)) {
      TraceSearch.Found found = search.find(TraceQuery.of(id), TraceSearch.Listener.NONE);
      assertThat(found.looked()).as("looked at").isGreaterThan(3);
      assertThat(found.decoded()).as("decoded").isEqualTo(decoded);
    }
  }

  private Trace one(String id) {
    List<Trace> traces = trace(id);
    assertThat(traces).hasSize(1);
    return traces.getFirst();
  }

  @Test
  @Order(1)
  void aTraceFindsAnEventAndItsCopyByEveryId() throws Exception {
    String uuid = UUID.randomUUID().toString();
    String file = "traced-" + uuid;
    deliver(Sender.shape(file, uuid), 200);
    deliver(Sender.shape(file, uuid), 200);
    outsider.awaitPipeline();

    List<Trace> both = trace(uuid);
    assertThat(both).hasSize(2);
    Trace first = both.getFirst();
    Trace copy = both.getLast();
    assertThat(first.fate())
        .isInstanceOfSatisfying(
            Fate.Published.class,
            published -> {
              assertThat(published.position().topic()).isEqualTo(settings.smartshape());
              assertThat(published.type()).isEqualTo("file_uploaded");
            });
    assertThat(copy.fate())
        .isInstanceOfSatisfying(
            Fate.Copy.class,
            of -> {
              assertThat(of.firstReceiptId()).isEqualTo(first.received().receiptId());
              assertThat(of.first()).isEqualTo(((Fate.Published) first.fate()).position());
            });
    assertThat(first.received().entityKey()).isEqualTo(file);
    assertThat(instance.log())
        .contains("\"receipt_process\":\"" + first.received().process() + "\"")
        .contains("\"event_id\":\"" + first.received().eventId() + "\"")
        .contains("\"landing_offset\":\"" + landed(first).offset() + "\"");

    assertThat(one(first.received().receiptId())).isEqualTo(first);
    assertThat(one(copy.received().receiptId())).isEqualTo(copy);
    assertThat(one(landed(copy).toString())).isEqualTo(copy);
    assertThat(one(((Fate.Published) first.fate()).position().toString())).isEqualTo(first);
    assertThat(trace(file)).isEqualTo(both);
    assertThat(trace(String.valueOf(first.received().eventId()))).isEqualTo(both);
    assertThat(trace("no-such-id")).isEmpty();

    Command.Ended text = penstock("trace", copy.received().receiptId(), "--since", "1h");
    assertThat(text.status()).isZero();
    assertThat(text.out())
        .contains("authenticated  yes, by bcrypt-token")
        .contains("copy           of the delivery " + first.received().receiptId());
    assertThat(text.err()).contains("1 found; looked at ");
  }

  private static RecordPosition landed(Trace trace) {
    return Objects.requireNonNull(trace.passages().getFirst().position());
  }

  @Test
  @Order(2)
  void aTraceFindsADeadLetterAndThatItWasDrivenAgain(Stack stack) throws Exception {
    String uuid = UUID.randomUUID().toString();
    deliver(("{\"uuid\":\"" + uuid + "\"}").getBytes(UTF_8), 400);
    outsider.awaitPipeline();
    assertThat(one(uuid).fate())
        .isInstanceOfSatisfying(
            Fate.DeadLettered.class,
            letter -> {
              assertThat(letter.reason()).isEqualTo("missing-identity");
              assertThat(one(letter.letter().toString()).fate()).isEqualTo(letter);
            });

    String large = UUID.randomUUID().toString();
    byte[] body =
        "{\"file\":\"f\",\"event\":\"e\",\"uuid\":\"%s\",\"x\":\"%s\"}"
            .formatted(large, "a".repeat(300_000))
            .getBytes(UTF_8);
    try (TopicSettings topics = new TopicSettings(stack.bootstrapServers())) {
      topics.set(settings.smartshape(), "max.message.bytes", "100000");
      deliver(body, 200);
      outsider.awaitPipeline();
      assertThat(one(large).fate()).isInstanceOf(Fate.DeadLettered.class);
      topics.set(settings.smartshape(), "max.message.bytes", "3000000");
    }
    // The pipeline learns of the new limit from the first that is too large by the old one.
    await()
        .atMost(Duration.ofMinutes(2))
        .until(
            () -> {
              penstock("dead-letters", "redrive", "--reason", "payload-too-large");
              outsider.awaitPipeline();
              return one(large).fate() instanceof Fate.Published;
            });
    Trace driven = one(large);
    assertThat(driven.passages().getFirst().fate()).isInstanceOf(Fate.DeadLettered.class);
    assertThat(driven.passages()).hasSizeGreaterThan(1);

    Command.Ended json = penstock("trace", "--json", driven.received().receiptId());
    assertThat(JSON.readTree(json.out()).path("deliveries").path(0).path("outcome").asText())
        .isEqualTo("published");
  }

  @Test
  @Order(3)
  void tailPrintsWhatIsAskedForAndNothingThatATerminalObeys() throws Exception {
    String file = "tailed-" + UUID.randomUUID();
    for (int i = 0; i < 3; i++) {
      deliver(Sender.shape(file, file + i), 200);
    }
    byte[] hostile =
        "{\"file\":\"%s\",\n \"event\":\"%s\",\"uuid\":\"h-%s\"}"
            .formatted(file, HOSTILE, file)
            .getBytes(UTF_8);
    deliver(hostile, 200);
    outsider.awaitPipeline();
    decodesOnlyWhatHasTheId(file, 4);
    decodesOnlyWhatHasTheId("no-such-id", 0);

    Command.Ended fields =
        penstock(
            "tail",
            "--no-follow",
            "--source",
            "shapes",
            "--entity",
            file,
            "--since",
            "1h",
            "--fields",
            "type,event.uuid");
    assertThat(fields.status()).as(fields.err()).isZero();
    assertThat(fields.lines()).hasSize(4);
    assertThat(JSON.readTree(fields.lines().getFirst()))
        .isEqualTo(JSON.readTree("{\"type\":\"file_uploaded\",\"event.uuid\":\"" + file + "0\"}"));
    assertThat(fields.out()).doesNotContain("\u001b", "\u202e", "\u009b");
    assertThat(JSON.readTree(fields.lines().getLast()).path("type").asText())
        .isEqualTo("\u001b[2J\u202egnp.exe\u009b31m");

    Command.Ended raw =
        penstock("tail", "--no-follow", "--entity", file, "--type", "file_uploaded", "--raw");
    assertThat(raw.lines())
        .containsExactly(
            new String(Sender.shape(file, file + 0), UTF_8),
            new String(Sender.shape(file, file + 1), UTF_8),
            new String(Sender.shape(file, file + 2), UTF_8));
    Command.Ended landed =
        penstock("tail", "--landed", "--no-follow", "--source", "shapes", "--limit", "2");
    assertThat(landed.lines()).hasSize(2);
    assertThat(JSON.readTree(landed.lines().getFirst()).path("receiptId").asText()).isNotEmpty();
    Command.Ended letters = penstock("tail", "--dead-letters", "--no-follow", "--source", "shapes");
    assertThat(JSON.readTree(letters.lines().getFirst()).path("reason").asText())
        .isEqualTo("missing-identity");
    assertThat(penstock("tail", "--landed", "--type", "x").status()).isEqualTo(2);
  }

  @Test
  @Order(4)
  void tailFollowsUntilASignalOrUntilItsReaderHasGone() throws Exception {
    Path err = Files.createTempFile(directory, "err", "");
    Process terminated = start(err, "tail", "--source", "shapes", "--since", "1h");
    Process closed = start(Files.createTempFile(directory, "err", ""), "tail", "--since", "1h");
    try (BufferedReader first = terminated.inputReader(UTF_8)) {
      assertThat(first.readLine()).isNotNull();
      try (BufferedReader second = closed.inputReader(UTF_8)) {
        assertThat(second.readLine()).isNotNull();
      }
      // The next line that is written tells it that nobody reads any more.
      await()
          .atMost(Duration.ofMinutes(2))
          .until(
              () -> {
                deliver(Sender.shape("closed", UUID.randomUUID().toString()), 200);
                return !closed.isAlive();
              });
      assertThat(closed.exitValue()).isZero();

      long start = System.nanoTime();
      terminated.destroy(); // SIGTERM
      assertThat(terminated.waitFor(60, TimeUnit.SECONDS)).isTrue();
      System.out.printf(
          "tail ended %d ms after SIGTERM%n", (System.nanoTime() - start) / 1_000_000);
      assertThat(terminated.exitValue()).isEqualTo(128 + 15);
      assertThat(Files.readString(err)).doesNotContain("Exception");
    } finally {
      terminated.destroyForcibly();
      closed.destroyForcibly();
    }
  }

  /** A request that a developer's machine has got. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Got(Map<String, List<String>> headers, byte[] body) {}

  @Test
  @Order(5)
  void replaySendsTheEventsOfATimeToATopicAndToAnAddressInTheirOrder(Stack stack) throws Exception {
    String file = "replayed-" + UUID.randomUUID();
    List<String> uuids = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      uuids.add(file + "-" + i);
      deliver(Sender.shape(file, uuids.getLast()), 200);
    }
    outsider.awaitPipeline();
    String topic = "own-" + UUID.randomUUID();
    String[] which = {"replay", "--source", "shapes", "--from", "1h", "--entity", file};

    Command.Ended ours = penstock(with(which, "--to-topic", settings.smartshape()));
    assertThat(ours.status()).isEqualTo(2);
    assertThat(ours.err()).contains("belong to Penstock");
    Command.Ended missing = penstock(with(which, "--to-topic", topic));
    assertThat(missing.status()).isEqualTo(1);
    assertThat(missing.err()).contains("does not exist");
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
      admin
          .createTopics(List.of(new NewTopic(topic, 2, (short) 1)))
          .all()
          .get(120, TimeUnit.SECONDS);
    }
    Command.Ended dry = penstock(with(which, "--to-topic", topic, "--dry-run"));
    assertThat(dry.out()).contains("would replay 5 events");
    assertThat(outsider.readHeaders(topic)).isEmpty();
    Command.Ended done = penstock(with(which, "--to-topic", topic, "--rate", "100"));
    assertThat(done.status()).as(done.err()).isZero();
    assertThat(done.out()).contains("replayed 5 events");
    List<Outsider.Read> before =
        outsider.readAll(settings.smartshape(), event -> event.key().equals(file));
    List<Outsider.Read> after = outsider.readAll(topic);
    assertThat(after).extracting(Outsider.Read::key).containsOnly(file);
    assertThat(after)
        .extracting(event -> event.value().get("uuid").toString())
        .containsExactlyElementsOf(uuids);
    assertThat(after)
        .extracting(event -> event.header("ce_id"))
        .containsExactlyElementsOf(before.stream().map(event -> event.header("ce_id")).toList());
    assertThat(after.getFirst().header("penstock-replayed-from"))
        .startsWith(settings.smartshape() + "/");

    BlockingQueue<Got> got = new LinkedBlockingQueue<>();
    HttpServer server = server(got);
    try {
      String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/hook";
      Command.Ended forwarded = penstock(with(which, "--forward", url));
      assertThat(forwarded.status()).as(forwarded.err()).isZero();
      assertThat(forwarded.out()).contains("replayed 5 events", "200 x 5");
      assertThat(got).hasSize(5);
      for (String uuid : uuids) {
        Got request = got.take();
        assertThat(request.body()).isEqualTo(Sender.shape(file, uuid));
        assertThat(request.headers()).containsKey("Penstock-receipt-id");
      }
    } finally {
      server.stop(0);
    }
    // Nobody listens there any more.
    Command.Ended lost =
        penstock(
            with(
                which, "--forward", "http://127.0.0.1:" + server.getAddress().getPort() + "/hook"));
    assertThat(lost.status()).isEqualTo(3);
    assertThat(lost.out()).contains("replayed 0 events", "run it again with --from ");
  }

  private static String[] with(String[] words, String... more) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private static HttpServer server(BlockingQueue<Got> got) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    server.createContext(
        "/",
        exchange -> {
          got.add(
              new Got(
                  Map.copyOf(exchange.getRequestHeaders()),
                  exchange.getRequestBody().readAllBytes()));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
    return server;
  }

  @Test
  @Order(6)
  void aCopyWhoseBodyIsEqualNamesTheFirst() throws Exception {
    byte[] body =
        "{\"event\":\"Edit\",\"entryIds\":[\"%s\"]}".formatted(UUID.randomUUID()).getBytes(UTF_8);
    String url = instance.url() + "/webhooks/assets/" + Settings.CSM_TOKEN;
    for (int i = 0; i < 2; i++) {
      assertThat(sender.send(Sender.request(url, body).build()).statusCode()).isEqualTo(200);
    }
    outsider.awaitPipeline();

    List<Trace> both = trace("unknown-collection");
    assertThat(both).hasSize(2);
    assertThat(both.getFirst().fate()).isInstanceOf(Fate.Published.class);
    assertThat(both.getLast().fate())
        .isEqualTo(
            new Fate.Copy(
                Fate.Likeness.BODY,
                both.getFirst().received().receiptId(),
                landed(both.getFirst())));
  }

  @Test
  @Order(7)
  void whatTheLandingLogNoLongerKeepsIsFoundAmongEventsAndDeadLetters(Stack stack)
      throws Exception {
    String uuid = UUID.randomUUID().toString();
    String refused = UUID.randomUUID().toString();
    deliver(Sender.shape("gone-" + uuid, uuid), 200);
    deliver(("{\"uuid\":\"" + refused + "\"}").getBytes(UTF_8), 400);
    outsider.awaitPipeline();
    Trace before = one(uuid);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
      Map<TopicPartition, RecordsToDelete> all = new HashMap<>();
      for (int i = 0; i < 4; i++) {
        all.put(new TopicPartition(settings.inbound(), i), RecordsToDelete.beforeOffset(-1));
      }
      admin.deleteRecords(all).all().get(120, TimeUnit.SECONDS);
    }

    Trace after = one(uuid);
    assertThat(after.received()).isEqualTo(before.received());
    assertThat(after.fate()).isEqualTo(before.fate());
    assertThat(after.passages().getFirst().position()).isNull();
    assertThat(one(before.received().receiptId())).isEqualTo(after);
    assertThat(one(refused).fate()).isInstanceOf(Fate.DeadLettered.class);
  }

  @Test
  @Order(8)
  void aTraceFindsWhatThePipelineHasNotReached() {
    instance.close();
    String uuid = UUID.randomUUID().toString();
    settings.with("PENSTOCK_ROLES", "ingress");
    instance = Instance.ready(settings);
    deliver(Sender.shape("waiting", uuid), 200);

    assertThat(one(uuid).fate())
        .isInstanceOfSatisfying(
            Fate.Waiting.class,
            waiting ->
                assertThat(waiting.why())
                    .isInstanceOfSatisfying(
                        Fate.Why.Behind.class,
                        behind -> assertThat(behind.records()).isPositive()));
    Fate.Why.Paused paused = new Fate.Why.Paused("shapes", null);
    assertThat(trace(uuid, source -> source.equals("shapes") ? paused : null))
        .singleElement()
        .extracting(Trace::fate)
        .isEqualTo(new Fate.Waiting(paused));
  }
}
