package io.penstock.ingest.warmup;

import io.penstock.ingest.auth.Place;
import io.penstock.ingest.auth.SharedSecret;
import io.penstock.ingest.auth.bcrypt.Bcrypt;
import io.penstock.ingest.auth.standardwebhooks.StandardWebhooks;
import io.penstock.ingest.config.AuthSpec;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.SecretRef;
import io.penstock.ingest.landing.AppendOutcome;
import io.penstock.ingest.landing.LandingLog;
import io.penstock.ingest.landing.LandingRecord;
import io.penstock.ingest.landing.LandingRehearsal;
import io.penstock.ingest.provider.Provider;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The faults that {@link WarmUp} rehearses: unauthenticated senders, malformed requests, and a
 * Kafka that fails, is silent or is gone. The first such fault would otherwise cost an event loop
 * tenths of a second, when there is no time for it. Nothing is logged or kept.
 */
final class FaultRehearsal {

  private static final String SECRET = "rehearsed";
  private static final long PATIENCE_SECONDS = 5;

  /** A bcrypt hash of the lowest cost, which fits no secret. */
  private static final String OTHER_HASH =
      "$2b$04$" + "abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyzABCDE";

  private FaultRehearsal() {}

  // Kafka.

  /** A landing log whose Kafka has the fault that is being rehearsed; at first it has none. */
  static final class Log implements LandingLog {

    private final LandingRehearsal rehearsal;
    private volatile LandingLog played;

    Log(Vertx vertx) {
      rehearsal = new LandingRehearsal(vertx, System::nanoTime);
      played = rehearsal.well();
    }

    @Override
    public Future<AppendOutcome> append(LandingRecord record, Duration within, Runnable settled) {
      return played.append(record, within, settled);
    }

    /** Stops its timers. */
    void stop() {
      rehearsal.close();
    }
  }

  // Sources.

  /** The environment in which the secrets of {@link #sources} are found. */
  static Map<String, String> environment() {
    return Map.of(
        "REHEARSED", SECRET, "SIGNED", "whsec_" + Base64.getEncoder().encodeToString(new byte[32]));
  }

  /** One source for each way to authenticate, all of one provider. */
  static List<Configuration.SourceConfig> sources(Provider provider) {
    List<SecretRef> secrets = List.of(new SecretRef.Env("REHEARSED"));
    List<AuthSpec> ways =
        List.of(
            new SharedSecret(Place.URL_TOKEN, secrets),
            new SharedSecret(Place.BASIC, SECRET, secrets),
            new SharedSecret(Place.BEARER, secrets),
            new SharedSecret(Place.HEADER, "x-rehearsed", secrets),
            new SharedSecret(Place.QUERY, "rehearsed", secrets),
            new SharedSecret(Place.BODY_FIELD, "rehearsed", secrets),
            new Bcrypt("x-smartshape-token", secrets, 12),
            new StandardWebhooks(List.of(new SecretRef.Env("SIGNED")), Duration.ofMinutes(5)));
    return ways.stream()
        .map(
            way ->
                new Configuration.SourceConfig(
                    "rehearsed-" + way.type(), provider.name(), 1024 * 1024, List.of(way)))
        .toList();
  }

  // What is sent.

  /**
   * Sends all requests that fail.
   *
   * @param name of a source that needs no authentication
   * @param body that the source takes
   */
  static void run(NetClient client, String host, int port, String name, byte[] body, Log log)
      throws TimeoutException {
    for (String request : requests(name)) {
      say(client, host, port, Buffer.buffer(request), false);
    }
    say(client, host, port, Buffer.buffer("POST /webhooks/" + name), true);
    say(client, host, port, Buffer.buffer("\u0016\u0003\u0001\u0002\u0000"), true);
    say(
        client,
        host,
        port,
        Buffer.buffer(head("/webhooks/" + name) + "Content-Length: 100\r\n\r\n{"),
        true);
    for (LandingLog faulty : log.rehearsal.faulty()) {
      log.played = faulty;
      say(
          client,
          host,
          port,
          Buffer.buffer(
                  head("/webhooks/" + name)
                      + "Connection: close\r\nContent-Length: "
                      + body.length
                      + "\r\n\r\n")
              .appendBytes(body),
          false);
    }
    log.played = log.rehearsal.well();
  }

  private static String head(String path) {
    return "POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n";
  }

  private static List<String> requests(String name) {
    String close = "Connection: close\r\n";
    String empty = close + "Content-Length: 2\r\n\r\n{}";
    String open = head("/webhooks/" + name);
    List<String> requests = new ArrayList<>();
    // Unauthenticated senders: a path, and what the head has besides.
    Map<String, String> senders =
        Map.of(
            "url-token/wrong", "",
            "basic", "Authorization: Basic eDp4\r\n",
            "bearer", "Authorization: Bearer x\r\n",
            "header", "X-Rehearsed: x\r\n",
            "query?rehearsed=x%20x&a=b", "",
            "body-field", "",
            "standard-webhooks", "svix-id: a\r\nsvix-timestamp: 1\r\nsvix-signature: v1,YQ==\r\n");
    senders.forEach(
        (path, header) -> requests.add(head("/webhooks/rehearsed-" + path) + header + empty));
    String field = "{\"rehearsed\":\"x\"}";
    requests.add(
        head("/webhooks/rehearsed-body-field") + close + "Content-Length: 17\r\n\r\n" + field);
    for (String token : List.of("", "x", "$2b$31$" + OTHER_HASH.substring(7), OTHER_HASH)) {
      String header = "X-Smartshape-Token: " + token + "\r\n";
      requests.add(head("/webhooks/rehearsed-bcrypt-token") + header + empty);
    }
    // Addresses, methods, types, sizes.
    requests.add(head("/webhooks/nobody") + empty);
    requests.add(head("/nothing") + empty);
    requests.add("GET /webhooks/" + name + " HTTP/1.1\r\nHost: a\r\n" + close + "\r\n");
    requests.add(open.replace("application/json", "text/html") + empty);
    requests.add(open + close + "Content-Length: 2000000\r\n\r\n");
    requests.add(open + close + "Transfer-Encoding: chunked\r\n\r\n4\r\n{no}\r\n0\r\n\r\n");
    // Bodies.
    for (String body : List.of("", "[]", "{}", "{no", "{\"event\":null,\"type\":[]}")) {
      requests.add(open + close + "Content-Length: " + body.length() + "\r\n\r\n" + body);
    }
    // Not HTTP.
    requests.add(open + "Transfer-Encoding: chunked\r\n\r\nzz\r\n");
    requests.add("nonsense\r\n\r\n");
    requests.add("POST / HTTP/1.1\r\n no: header\r\n\r\n");
    requests.add(open + "X: " + "x".repeat(20_000) + "\r\n\r\n");
    requests.add("POST /" + "x".repeat(20_000) + " HTTP/1.1\r\n\r\n");
    return requests;
  }

  /** Sends on a connection of its own, and waits for the answer or the end; or leaves at once. */
  private static void say(NetClient client, String host, int port, Buffer what, boolean goesAway)
      throws TimeoutException {
    Future<Void> said =
        client
            .connect(port, host)
            .compose(
                socket -> {
                  Promise<Void> closed = Promise.promise();
                  socket.closeHandler(nothing -> closed.tryComplete());
                  socket.exceptionHandler(failure -> closed.tryComplete());
                  // There is one answer; after some of them the server would keep the connection.
                  socket.handler(answer -> socket.close());
                  Future<Void> written = socket.write(what);
                  return (goesAway ? written.compose(nothing -> socket.close()) : written)
                      .transform(done -> closed.future());
                });
    said.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }
}
