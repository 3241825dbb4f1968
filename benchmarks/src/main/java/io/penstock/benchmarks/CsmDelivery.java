package io.penstock.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;

/**
 * The bytes of a CSM delivery, in which only the number of its session changes: sixteen hexadecimal
 * digits. They are made once, so that sending costs the load generator nearly nothing.
 */
public final class CsmDelivery {

  private static final int DIGITS = 16;
  private static final String HOLE = "0".repeat(DIGITS);
  private static final byte[] HEX = "0123456789abcdef".getBytes(US_ASCII);

  private final byte[] bytes;
  private final int place;

  /**
   * @param path with the token
   * @param bodyBytes the size of the body; the smallest is about 200 bytes
   */
  public CsmDelivery(String path, int bodyBytes) {
    String body = body("");
    body = body("x".repeat(Math.max(0, bodyBytes - body.length())));
    String request =
        "POST %s HTTP/1.1\r\nHost: penstock.example\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(path, body.length(), body);
    this.bytes = request.getBytes(US_ASCII);
    this.place = request.indexOf(HOLE);
  }

  private static String body(String text) {
    return ("{\"type\":\"session_status_changed\",\"payload\":{\"session_id\":\"S%s\","
            + "\"session_type\":\"image_to_3d\",\"old_status\":\"incomplete\",\"new_status\":\"complete\","
            + "\"timestamp\":\"2026-01-01T00:00:00.001Z\",\"session_data\":{\"m\":\"%s\"}}}")
        .formatted(HOLE, text);
  }

  /** A request of its own for one connection, in memory outside the heap. */
  public ByteBuffer request() {
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }

  /** Writes the number of the next session into a request of {@link #request}. */
  public void number(ByteBuffer request, long number) {
    for (int i = 0; i < DIGITS; i++) {
      request.put(place + i, HEX[(int) (number >>> (4 * (DIGITS - 1 - i))) & 0xF]);
    }
  }
}
