package io.penstock.ingest;

import io.penstock.ingest.cli.CommandContext;
import io.penstock.ingest.cli.PenstockCommand;
import io.penstock.ingest.observability.LogQueue;

/** The program. */
public final class Penstock {

  private Penstock() {}

  /**
   * Runs a command and ends the process with its status.
   *
   * @param args as {@code penstock --help} explains them
   */
  public static void main(String[] args) {
    // These come before the first logger. A server's log is collected; any other is read by people.
    System.setProperty("java.util.logging.manager", "org.apache.logging.log4j.jul.LogManager");
    // Read when the first TLS connection is made: a connection has one handshake.
    System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
    if (args.length > 0 && args[0].equals("serve")) {
      LogQueue.use();
    }
    int status = 1;
    try {
      status = PenstockCommand.run(CommandContext.ofProcess(), args);
    } finally {
      // Threads of Kafka's clients may outlive a failed start.
      Runtime.getRuntime().exit(status);
    }
  }
}
