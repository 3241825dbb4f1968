package io.penstock.ingest;

import io.penstock.ingest.cli.CommandContext;
import io.penstock.ingest.cli.PenstockCommand;
import io.penstock.ingest.observability.LogQueue;
import java.util.Set;

/** The program. */
public final class Penstock {

  /** Commands that run until they are stopped, and have a log. */
  private static final Set<String> SERVICES = Set.of("serve", "dev", "console");

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
    String command = args.length > 0 ? args[0] : "";
    if (command.equals("serve")) {
      LogQueue.use();
    }
    if (!SERVICES.contains(command)) {
      // A command says itself what went wrong: warnings of Kafka's clients would stand between its
      // lines.
      System.setProperty("penstock.kafka-log-level", "error");
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
