package io.penstock.localstack;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.HashSet;
import java.util.Set;

/**
 * Asks a broker which brokers are alive, without Kafka's client library.
 *
 * <p>A Metadata request of version 1 for no topics: the oldest and simplest question whose answer
 * lists exactly the brokers that are registered and not fenced. A broker answers it only once it is
 * not fenced itself.
 *
 * @see <a href="https://kafka.apache.org/protocol#The_Messages_Metadata">Kafka protocol</a>
 */
final class MetadataProbe {

  private static final short METADATA = 3;
  private static final short VERSION = 1;
  private static final int TIMEOUT_MILLIS = 2_000;
  private static final int MAX_RESPONSE_BYTES = 64 * 1024;

  private MetadataProbe() {}

  /**
   * The ids of the brokers that the one at this port knows as alive; none if it does not answer.
   */
  static Set<Integer> aliveBrokers(int port) {
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
      writeRequest(new DataOutputStream(socket.getOutputStream()));
      return readResponse(new DataInputStream(socket.getInputStream()));
    } catch (IOException notYet) {
      return Set.of();
    }
  }

  static void writeRequest(DataOutputStream out) throws IOException {
    out.writeInt(14); // what follows
    out.writeShort(METADATA);
    out.writeShort(VERSION);
    out.writeInt(0); // correlation id
    out.writeShort(-1); // no client id
    out.writeInt(0); // no topics
    out.flush();
  }

  static Set<Integer> readResponse(DataInputStream in) throws IOException {
    int size = in.readInt();
    if (size < 0 || size > MAX_RESPONSE_BYTES) {
      throw new IOException("A response of " + size + " bytes is not from a broker");
    }
    in.readInt(); // correlation id
    int brokers = in.readInt();
    Set<Integer> ids = new HashSet<>();
    for (int i = 0; i < brokers; i++) {
      ids.add(in.readInt());
      skipString(in); // host
      in.readInt(); // port
      skipString(in); // rack
    }
    return ids;
  }

  private static void skipString(DataInputStream in) throws IOException {
    in.skipNBytes(Math.max(0, in.readShort())); // -1: null
  }
}
