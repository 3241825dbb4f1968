package io.penstock.ingest.subscription;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** A provider's API on this machine: checks the credentials, and answers what a test scripts. */
public abstract class FakeApi implements AutoCloseable {

  static final ObjectMapper JSON = new ObjectMapper();

  /** An answer. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Reply(int status, Map<String, String> headers, byte[] body) {
    static Reply of(int status, String body) {
      return new Reply(status, Map.of(), body.getBytes(UTF_8));
    }

    static Reply json(JsonNode body) {
      return of(200, body.toString());
    }
  }

  /** A request. */
  record Asked(String method, String path, String authorization, String body) {}

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Queue<Reply> scripted = new ConcurrentLinkedQueue<>();
  private final List<Asked> asked = new CopyOnWriteArrayList<>();
  private volatile int passing;

  FakeApi() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::serve);
    server.start();
  }

  /** Its address. */
  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Answers the next requests so, instead of as documented. */
  void answerNext(Reply... replies) {
    scripted.addAll(List.of(replies));
  }

  /** As {@link #answerNext}, behind some requests that are answered as documented. */
  void answerAfter(int requests, Reply... replies) {
    passing = requests;
    answerNext(replies);
  }

  /** All requests, those that were answered by a script included. */
  List<Asked> asked() {
    return asked;
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      Asked request =
          new Asked(
              exchange.getRequestMethod(),
              exchange.getRequestURI().getRawPath(),
              String.valueOf(exchange.getRequestHeaders().getFirst("authorization")),
              new String(exchange.getRequestBody().readAllBytes(), UTF_8));
      asked.add(request);
      Reply reply = next();
      if (reply == null) {
        reply = answer(request);
      }
      exchange.getResponseHeaders().set("content-type", "application/json");
      reply.headers().forEach(exchange.getResponseHeaders()::set);
      exchange.sendResponseHeaders(
          reply.status(), reply.body().length == 0 ? -1 : reply.body().length);
      exchange.getResponseBody().write(reply.body());
    }
  }

  private synchronized @Nullable Reply next() {
    if (passing > 0) {
      passing--;
      return null;
    }
    return scripted.poll();
  }

  /** Answers as documented. */
  abstract Reply answer(Asked request) throws IOException;

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
