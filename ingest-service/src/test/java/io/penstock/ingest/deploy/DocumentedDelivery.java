package io.penstock.ingest.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The delivery that the README sends to the service of {@code docker-compose.yml}.
 *
 * @param origin the beginning of the address, such as {@code http://127.0.0.1:8080}
 * @param path the rest of the address
 * @param headers by name, with the case of the README
 * @param file the file of the body, below the root of the source tree
 */
public record DocumentedDelivery(
    String origin, String path, Map<String, String> headers, String file) {

  private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");
  private static final Pattern ADDRESS = Pattern.compile("(http://[^/]+)(/.+)");

  /** Reads the command that follows {@code docker compose up} in the README. */
  public static DocumentedDelivery ofReadme() {
    String readme = Repository.text("README.md");
    int up = readme.indexOf("docker compose up");
    assertThat(up).as("where the README starts the compose file").isPositive();
    int start = readme.indexOf("curl ", up);
    assertThat(start).as("the command that sends a delivery").isPositive();
    String command =
        readme
            .substring(start, readme.indexOf("\n```", start))
            .replace("\\\n", " ")
            .lines()
            .findFirst()
            .orElseThrow();
    return of(command);
  }

  private static DocumentedDelivery of(String command) {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(command);
    while (matcher.find()) {
      words.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
    }
    Map<String, String> headers = new LinkedHashMap<>();
    String address = "";
    String file = "";
    Iterator<String> rest = words.subList(1, words.size()).iterator();
    while (rest.hasNext()) {
      String word = rest.next();
      switch (word) {
        case "-i" -> {}
        case "-H" -> {
          String[] header = rest.next().split(": ", 2);
          headers.put(header[0], header[1]);
        }
        case "--data-binary" -> file = rest.next().replaceFirst("^@", "");
        default -> address = word;
      }
    }
    Matcher parts = ADDRESS.matcher(address);
    if (!parts.matches()) {
      throw new AssertionError("no address: " + command);
    }
    return new DocumentedDelivery(parts.group(1), parts.group(2), headers, file);
  }
}
