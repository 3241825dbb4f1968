package io.penstock.ingest.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.ingest.lookup.PlainText;
import io.penstock.ingest.observability.FailureText;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Prints the refused requests that the management ports of ingresses show. */
@Command(
    name = "refusals",
    description = "Prints the requests that ingresses refused last, and why, the oldest first.")
final class RefusalsCommand extends Subcommand {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final long PAUSE_SECONDS = 1;

  @Option(
      names = "--management",
      paramLabel = "URL",
      required = true,
      description =
          "The management port of an ingress, such as http://10.0.0.7:9090; repeatable, once for"
              + " each replica.",
      converter = BaseAddress.class)
  private List<URI> addresses = List.of();

  @Option(
      names = "--source",
      paramLabel = "NAME",
      description = "Of this source; unknown: of addresses that name none.")
  private @Nullable String source;

  @Option(
      names = "--reason",
      paramLabel = "REASON",
      description = "For this reason, such as authentication-failed.")
  private @Nullable String reason;

  @Option(names = "--follow", description = "Print new ones as they occur, until interrupted.")
  private boolean follow;

  @Option(names = "--json", description = "Print a JSON object on each line.")
  private boolean json;

  /** The address of a management port, as far as the path. */
  static final class BaseAddress implements ITypeConverter<URI> {
    @Override
    public URI convert(String text) {
      try {
        URI uri = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
        boolean isHttp = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
        if (isHttp
            && uri.getHost() != null
            && uri.getRawUserInfo() == null
            && uri.getRawQuery() == null
            && uri.getRawFragment() == null) {
          return uri;
        }
      } catch (IllegalArgumentException e) {
        // As any other that is none.
      }
      throw new TypeConversionException(text + " is no address such as http://10.0.0.7:9090");
    }
  }

  /** What a port shows that was not printed yet, and where it comes from. */
  private record Row(URI from, JsonNode json) {

    String text(String member) {
      return json.path(member).asText();
    }
  }

  /** How often the entries that were printed had occurred, by what makes them one entry. */
  private final Map<String, Long> printed = new HashMap<>();

  /** The addresses that did not answer when they were asked last. */
  private final Map<URI, String> failing = new HashMap<>();

  @Override
  public Integer call() throws InterruptedException {
    HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
    print(ask(client));
    while (follow) {
      new CountDownLatch(1).await(PAUSE_SECONDS, TimeUnit.SECONDS);
      print(ask(client));
    }
    return failing.isEmpty() ? 0 : 1;
  }

  private List<Row> ask(HttpClient client) throws InterruptedException {
    List<Row> fresh = new ArrayList<>();
    for (URI address : addresses) {
      try {
        JsonNode page = page(client, address);
        failing.remove(address);
        if (page.path("keeps").asInt() == 0) {
          complain(address, "it keeps none (http.refusals-kept: 0)");
        }
        for (JsonNode each : page.path("refusals")) {
          if (isFresh(address, each)) {
            fresh.add(new Row(address, each));
          }
        }
      } catch (ConnectException e) {
        complain(address, "nothing listens there, or it cannot be reached");
      } catch (IOException e) {
        complain(address, FailureText.of(e));
      } catch (Unusable e) {
        complain(address, String.valueOf(e.getMessage()));
      }
    }
    fresh.sort(Comparator.comparing((Row row) -> row.text("last")));
    return fresh;
  }

  private static final class Unusable extends Exception {
    private static final long serialVersionUID = 1;

    Unusable(String message) {
      super(message);
    }
  }

  private JsonNode page(HttpClient client, URI address)
      throws IOException, InterruptedException, Unusable {
    HttpResponse<String> answer =
        client.send(
            HttpRequest.newBuilder(URI.create(address + "/refusals" + query()))
                .timeout(PATIENCE)
                .build(),
            BodyHandlers.ofString());
    return switch (answer.statusCode()) {
      case 200 -> JSON.readTree(answer.body());
      case 400 -> throw new Unusable(plain(JSON.readTree(answer.body()).path("detail").asText()));
      case 404 -> throw new Unusable("it has no refusals: is this an ingress's management port?");
      default -> throw new Unusable("it answered " + answer.statusCode());
    };
  }

  private String query() {
    StringJoiner query = new StringJoiner("&", "?", "").setEmptyValue("");
    if (source != null) {
      query.add("source=" + URLEncoder.encode(source, UTF_8));
    }
    if (reason != null) {
      query.add("reason=" + URLEncoder.encode(reason, UTF_8));
    }
    return query.toString();
  }

  private boolean isFresh(URI address, JsonNode refusal) {
    StringJoiner key = new StringJoiner("\n").add(address.toString());
    for (String member :
        List.of("source", "reason", "outcome", "detail", "why", "address", "path", "first")) {
      key.add(refusal.path(member).asText());
    }
    long count = refusal.path("count").asLong();
    Long before = printed.put(key.toString(), count);
    return before == null || before != count;
  }

  /** Once, as long as it lasts. */
  private void complain(URI address, String problem) {
    if (!problem.equals(failing.put(address, problem))) {
      err().println("error: " + address + ": " + problem);
      err().flush();
    }
  }

  private void print(List<Row> refusals) {
    for (Row row : refusals) {
      out().println(json ? line(row) : text(row));
    }
    out().flush();
  }

  private static String line(Row row) {
    ObjectNode line = JSON.createObjectNode().put("management", row.from().toString());
    row.json().properties().forEach(each -> line.set(each.getKey(), each.getValue()));
    return plain(line.toString());
  }

  private String text(Row row) {
    StringBuilder text =
        new StringBuilder()
            .append(row.text("last"))
            .append("  ")
            .append(row.text("source"))
            .append("  ")
            .append(row.text("status"))
            .append(' ')
            .append(row.text("reason"))
            .append("  from ")
            .append(row.text("address"));
    if (row.json().path("count").asLong() > 1) {
      text.append("  ").append(row.text("count")).append(" times since ").append(row.text("first"));
    }
    if (addresses.size() > 1) {
      text.append("  by ").append(row.from());
    }
    String authenticator = row.text("authenticator");
    text.append("\n    ")
        .append(authenticator.isEmpty() ? "" : authenticator + ": ")
        .append(row.text("why"));
    StringJoiner headers = new StringJoiner(", ");
    row.json().path("headers").forEach(name -> headers.add(name.asText()));
    String type = row.text("content-type");
    text.append("\n    ")
        .append(row.text("method"))
        .append(type.isEmpty() ? "" : " of " + type)
        .append(", ")
        .append(row.text("received"))
        .append(" bytes; receipt id ")
        .append(row.text("receipt-id"))
        .append("; headers: ")
        .append(headers);
    return plain(text.toString());
  }

  /** Lines of ours with texts of others in them. */
  private static String plain(String lines) {
    return lines.lines().map(PlainText::of).collect(Collectors.joining("\n"));
  }
}
