package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import at.favre.lib.crypto.bcrypt.BCrypt;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Posts deliveries as the providers do. */
final class Sender implements AutoCloseable {

  /** What SmartShape would send with the tests' secret: one hash, sent with every delivery. */
  static final String SHAPES_TOKEN = hash(Settings.SHAPES_SECRET);

  private final HttpClient http = HttpClient.newHttpClient();

  static String hash(String secret) {
    return new String(BCrypt.withDefaults().hash(6, secret.getBytes(UTF_8)), UTF_8);
  }

  static HttpRequest shapes(Instance instance, byte[] body) {
    return request(instance.url() + "/webhooks/shapes", body)
        .header("X-Smartshape-Token", SHAPES_TOKEN)
        .build();
  }

  static HttpRequest generations(Instance instance, byte[] body) {
    return request(instance.url() + "/webhooks/generations/" + Settings.CSM_TOKEN, body).build();
  }

  static HttpRequest.Builder request(String url, byte[] body) {
    return HttpRequest.newBuilder(URI.create(url))
        .timeout(Duration.ofMinutes(2))
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofByteArray(body));
  }

  static byte[] shape(String file, String uuid) {
    return """
        {"file":"%s","event":"file_uploaded","data":{"name":"a.scene","size":6581919},"owner":"test@smartshape.io",\
        "runTimestamp":1550824748604,"uuid":"%s"}"""
        .formatted(file, uuid)
        .getBytes(UTF_8);
  }

  HttpResponse<String> send(HttpRequest request) {
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  CompletableFuture<HttpResponse<String>> sendAsync(HttpRequest request) {
    return http.sendAsync(request, HttpResponse.BodyHandlers.ofString());
  }

  @Override
  public void close() {
    http.shutdownNow();
    http.close();
  }
}
