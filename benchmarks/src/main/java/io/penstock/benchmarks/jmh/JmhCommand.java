package io.penstock.benchmarks.jmh;

import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.Providers;
import java.io.IOException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.openjdk.jmh.Main;

/** JMH's own command, told which providers there are. */
public final class JmhCommand {

  private JmhCommand() {}

  /**
   * Runs it. A {@code -p provider=…} among the arguments wins.
   *
   * @throws IOException if JMH throws it
   */
  public static void main(String[] arguments) throws IOException {
    if (Stream.of(arguments).anyMatch(argument -> argument.startsWith("provider="))) {
      Main.main(arguments);
      return;
    }
    String names =
        Providers.all().stream()
            .map(Provider::name)
            .collect(Collectors.joining(",", "provider=", ""));
    Main.main(Stream.concat(Stream.of(arguments), Stream.of("-p", names)).toArray(String[]::new));
  }
}
