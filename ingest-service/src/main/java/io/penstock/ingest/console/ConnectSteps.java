package io.penstock.ingest.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * How a provider is told to send to a source: {@code console/connect/PROVIDER.txt} of the jar, one
 * step a line, with {@code {address}} for the source's address.
 */
final class ConnectSteps {

  private ConnectSteps() {}

  /**
   * The steps; one that leads to the documentation where the jar has none for the provider.
   *
   * @param address of the source, with placeholders for secrets
   */
  static List<String> of(String provider, String address) {
    try (InputStream in =
        ConnectSteps.class.getResourceAsStream("/console/connect/" + provider + ".txt")) {
      if (in == null) {
        return List.of(
            "Enter " + address + " as the webhook's address at the provider.",
            "See docs/providers/" + provider + ".md.");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank())
          .map(line -> line.replace("{address}", address))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
