package io.penstock.ingest.console.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.auth.AuthMethod;
import io.penstock.ingest.config.AuthSpec;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.lookup.PlainText;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Writes the command that sends a delivery to a source again; where the secret goes, it says so.
 */
public final class CurlText {

  /** What stands where a secret goes. */
  private static final String SECRET = "YOUR-SECRET";

  /** In bytes; a longer body is named as a file. */
  private static final int LONGEST = 8 * 1024;

  private static final String HEADER = "the header ";

  private CurlText() {}

  /**
   * The command.
   *
   * @param headers by lower-case name
   */
  public static String of(
      Configuration configuration, String source, Map<String, String> headers, byte[] body) {
    StringBuilder address =
        new StringBuilder(
            Optional.ofNullable(configuration.console().ingressUrl())
                .orElseGet(() -> "http://127.0.0.1:" + configuration.http().port()));
    address.append("/webhooks/").append(source);
    Map<String, String> sent = new TreeMap<>(headers);
    configuration.sources().stream()
        .filter(each -> each.name().equals(source))
        .flatMap(each -> each.auth().stream())
        .forEach(spec -> addTo(address, sent, spec));
    StringBuilder command = new StringBuilder("curl -X POST ").append(quoted(address.toString()));
    sent.forEach((name, value) -> command.append(" \\\n  -H ").append(quoted(name + ": " + value)));
    return command.append(" \\\n  --data-binary ").append(data(body)).toString();
  }

  private static void addTo(StringBuilder address, Map<String, String> headers, AuthSpec spec) {
    AuthMethod method = AuthMethod.of(spec);
    if (method.takesUrlToken()) {
      address.append('/').append(SECRET);
    }
    method
        .queryParameter()
        .ifPresent(
            name ->
                address
                    .append(address.indexOf("?") < 0 ? '?' : '&')
                    .append(name)
                    .append('=')
                    .append(SECRET));
    for (String place : spec.places()) {
      if (place.startsWith(HEADER)) {
        String name = place.substring(HEADER.length());
        headers.put(
            name,
            switch (spec.type()) {
              case "basic" -> "Basic BASE64-OF-USER-AND-PASSWORD";
              case "bearer" -> "Bearer " + SECRET;
              case "standard-webhooks", "hmac" -> "SIGNED-BY-THE-PROVIDER";
              default -> SECRET;
            });
      }
    }
  }

  private static String data(byte[] body) {
    String text = new String(body, UTF_8);
    boolean plain =
        body.length <= LONGEST
            && java.util.Arrays.equals(text.getBytes(UTF_8), body)
            && text.lines().allMatch(line -> PlainText.of(line).equals(line))
            && !text.startsWith("@");
    return plain ? quoted(text) : "@body.json";
  }

  /** A text as a POSIX shell takes it. */
  private static String quoted(String text) {
    return "'" + PlainText.of(text.replace("\n", " ")).replace("'", "'\\''") + "'";
  }
}
