package io.penstock.ingest.console.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.ingest.lookup.RecordPosition;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LiveStreamsTest {

  private final Vertx vertx = Vertx.vertx();
  private final LiveBoard board =
      new LiveBoard(1_000, 1 << 20, Duration.ofDays(3), InstantSource.system());
  private final LiveStreams streams =
      new LiveStreams(board, LiveSides.NONE, InstantSource.system());
  private final Queue<JsonObject> messages = new ConcurrentLinkedQueue<>();
  private HttpServer server;

  // A field: Vert.x closes a client that nothing refers to.
  private final HttpClient client =
      vertx.createHttpClient(new PoolOptions().setHttp1MaxSize(LiveStreams.MOST + 1));

  @BeforeEach
  void open() {
    server =
        vertx
            .createHttpServer()
            .requestHandler(
                request -> streams.begin(vertx, request, LiveFilter.of(request::getParam)))
            .listen(0, "127.0.0.1")
            .await();
    streams.start();
  }

  @AfterEach
  void close() {
    streams.close();
    vertx.close().await();
  }

  private void land(int from, int to) {
    long now = Instant.now().toEpochMilli();
    for (int i = from; i < to; i++) {
      board.landed(
          new LiveLanding(
              new RecordPosition("t", 0, i),
              "r" + i,
              "e" + i,
              "l" + i,
              "shapes",
              "smartshape",
              "entity-" + i,
              now,
              now,
              false,
              new Outcome.Waiting()));
    }
  }

  /** Reads a stream; what comes is in {@link #messages}. */
  private int read(String query) {
    return client
        .request(HttpMethod.GET, server.actualPort(), "127.0.0.1", "/?" + query)
        .compose(request -> request.send())
        .map(
            response -> {
              StringBuilder text = new StringBuilder();
              response.handler(
                  buffer -> {
                    text.append(buffer);
                    int end = text.indexOf("\n\n");
                    while (end >= 0) {
                      if (text.indexOf("data: ") == 0) {
                        messages.add(new JsonObject(text.substring(6, end)));
                      }
                      text.delete(0, end + 2);
                      end = text.indexOf("\n\n");
                    }
                  });
              return response.statusCode();
            })
        .await();
  }

  private List<Integer> sizes(String member) {
    return messages.stream()
        .filter(message -> message.containsKey(member))
        .map(message -> message.getJsonArray(member).size())
        .toList();
  }

  @Test
  void aPageGetsTheNewestThenWhatIsNewAndTheNumberOfTheOthers() {
    land(0, 300);
    assertThat(read("entity=entity")).isEqualTo(200);
    await().until(() -> !messages.isEmpty());
    assertThat(sizes("start")).containsExactly(LiveStreams.FIRST);
    land(300, 400);
    await()
        .until(
            () ->
                sizes("rows").stream().mapToInt(Integer::intValue).sum()
                        + messages.stream().mapToLong(each -> each.getLong("more", 0L)).sum()
                    == 100);
    assertThat(sizes("rows")).allMatch(size -> size <= LiveStreams.ROWS);
    board.published("e399", new RecordPosition("t.smartshape", 0, 1), "uploaded", true);
    await()
        .until(() -> messages.stream().anyMatch(each -> each.encode().contains("\"published\"")));
  }

  @Test
  void aPageThatFiltersIsToldOfNothingElse() {
    read("source=other");
    land(0, 100);
    await().until(() -> messages.size() >= 2);
    assertThat(messages).noneMatch(each -> each.containsKey("rows") || each.containsKey("more"));
    assertThat(messages.peek().getJsonArray("start")).isEmpty();
    assertThat(messages.peek().getDouble("rate")).isNotNull();
  }

  @Test
  void moreThanSoManyPagesAreRefused() {
    AtomicInteger taken = new AtomicInteger();
    for (int i = 0; i < LiveStreams.MOST; i++) {
      taken.addAndGet(read("source=other") == 200 ? 1 : 0);
    }
    assertThat(taken).hasValue(LiveStreams.MOST);
    assertThat(streams.open()).isEqualTo(LiveStreams.MOST);
    assertThat(read("source=other")).isEqualTo(503);
  }
}
