package io.penstock.ingest.ingress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A connection on which a test writes every byte itself. */
final class RawClient implements AutoCloseable {

  private final Socket socket;
  private final InputStream in;

  RawClient(int port) throws IOException {
    this(port, 0);
  }

  /**
   * @param receiveBuffer in bytes: how much of what it does not read its machine takes; 0 for any
   */
  RawClient(int port, int receiveBuffer) throws IOException {
    socket = new Socket();
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    socket.setSoTimeout(120_000);
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream());
  }

  /**
   * One answer.
   *
   * @param headers by lower-case name, the last of each
   * @param lines of its head
   */
  record Answer(int status, Map<String, String> headers, List<String> lines, String body) {

    /** All values of a header, by its lower-case name. */
    List<String> all(String name) {
      return lines.stream()
          .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ": "))
          .map(line -> line.substring(name.length() + 2))
          .toList();
    }

    String header(String name) {
      return headers.getOrDefault(name, "");
    }
  }

  /** Sends these lines, each with its end. */
  RawClient lines(String... lines) throws IOException {
    for (String line : lines) {
      text(line + "\r\n");
    }
    return this;
  }

  RawClient text(String text) throws IOException {
    return bytes(text.getBytes(UTF_8));
  }

  RawClient bytes(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
    return this;
  }

  /** Sends the head of a delivery with further headers, and the empty line. */
  RawClient head(String path, String... headers) throws IOException {
    return lines("POST " + path + " HTTP/1.1", "Host: test").lines(headers).lines("");
  }

  /** Sends a whole delivery. */
  RawClient post(String path, String body, String... headers) throws IOException {
    return lines("POST " + path + " HTTP/1.1", "Host: test")
        .lines("Content-Length: " + body.getBytes(UTF_8).length)
        .lines(headers)
        .lines("")
        .text(body);
  }

  /** Reads an answer that has a length. */
  Answer answer() throws IOException {
    return answer(true);
  }

  /** Reads an answer to HEAD, or an interim one. */
  Answer answerWithoutBody() throws IOException {
    return answer(false);
  }

  /** Sends no more, and reads the statuses of all answers up to the connection's end. */
  List<Integer> answersUntilTheEnd() throws IOException {
    List<Integer> statuses = new ArrayList<>();
    try {
      endsItsOutput();
      while (true) {
        statuses.add(answer(true).status());
      }
    } catch (EOFException | SocketException e) {
      return statuses;
    }
  }

  private Answer answer(boolean withBody) throws IOException {
    String status = line();
    Map<String, String> headers = new LinkedHashMap<>();
    List<String> lines = new ArrayList<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      lines.add(line);
      int colon = line.indexOf(':');
      headers.put(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 2));
    }
    int length = withBody ? Integer.parseInt(headers.getOrDefault("content-length", "0")) : 0;
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException("the answer's body ended early");
    }
    return new Answer(
        Integer.parseInt(status.substring(9, 12)), headers, lines, new String(body, UTF_8));
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("closed after: " + line.toString(ISO_8859_1));
      }
      if (next != '\r') {
        line.write(next);
      }
    }
    return line.toString(ISO_8859_1);
  }

  /** Whether the server has sent nothing yet that was not read. */
  boolean isSilent() throws IOException {
    return in.available() == 0;
  }

  /** Whether the server closes the connection, and sends nothing before. */
  boolean isClosedByServer() throws IOException {
    try {
      return in.read() < 0;
    } catch (SocketException e) {
      return true; // reset
    }
  }

  /** Sends no more, and reads on. */
  void endsItsOutput() throws IOException {
    socket.shutdownOutput();
  }

  /** Goes away without a word. */
  void resets() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
