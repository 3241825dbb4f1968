package io.penstock.localstack.child;

import java.io.PrintStream;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/**
 * Runs a Kafka broker, whose storage it formats the first time: one JVM start instead of two.
 *
 * <p>Kafka is reached by reflection, so that it is on nobody's class path but this process's.
 */
public final class BrokerMain {

  private BrokerMain() {}

  /** Takes the path of {@code server.properties} and the cluster's id. */
  public static void main(String[] args) throws Throwable {
    String settings = args[0];
    String clusterId = args[1];
    if (!Files.exists(dataDirectory(settings).resolve("meta.properties"))) {
      format(settings, clusterId);
    }
    Class.forName("kafka.Kafka")
        .getMethod("main", String[].class)
        .invoke(null, (Object) new String[] {settings});
  }

  private static Path dataDirectory(String settings) throws Exception {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(Path.of(settings))) {
      properties.load(reader);
    }
    return Path.of(properties.getProperty("log.dirs"));
  }

  private static void format(String settings, String clusterId) throws Exception {
    String[] arguments = {
      "format", "--cluster-id=" + clusterId, "--config=" + settings, "--ignore-formatted"
    };
    Object status =
        Class.forName("kafka.tools.StorageTool")
            .getMethod("execute", String[].class, PrintStream.class)
            .invoke(null, arguments, System.out);
    if (!Integer.valueOf(0).equals(status)) {
      throw new IllegalStateException("Formatting the storage ended with status " + status);
    }
  }
}
