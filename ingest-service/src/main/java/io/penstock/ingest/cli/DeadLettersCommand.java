package io.penstock.ingest.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.deadletter.DeadLetter;
import io.penstock.ingest.deadletter.DeadLetters;
import io.penstock.ingest.deadletter.Selection;
import io.penstock.ingest.lookup.PlainText;
import io.penstock.ingest.lookup.ShownJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The commands by which an operator handles dead letters. */
@Command(
    name = "dead-letters",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Lists dead letters, shows them, and sends them through the pipeline again.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DeadLettersCommand.ListLetters.class,
      DeadLettersCommand.Show.class,
      RedriveCommand.class
    })
final class DeadLettersCommand {

  private DeadLettersCommand() {}

  /** Prints one line for each letter, without its body. */
  @Command(name = "list", description = "Lists dead letters, one a line, without their bodies.")
  static final class ListLetters extends LettersCommand {

    @Option(
        names = "--limit",
        paramLabel = "N",
        defaultValue = "1000",
        description = "At most so many lines; ${DEFAULT-VALUE} unless given.")
    private int limit;

    @Override
    int work(Configuration configuration, DeadLetters letters, Selection selection) {
      PrintWriter out = out();
      Map<String, Integer> reasons = new TreeMap<>();
      Reporting list =
          new Reporting() {
            private int listed;

            @Override
            public void accept(DeadLetter letter) {
              if (listed++ < limit) {
                out.printf(
                    "%-12s %s  %-20s %-18s %s %9d B  %s%n",
                    letter.position(),
                    letter.receivedAt(),
                    PlainText.of(letter.source()),
                    PlainText.of(letter.reason()),
                    PlainText.of(letter.receiptId()),
                    letter.body().length,
                    letter.detail() == null ? "" : PlainText.of(letter.detail()));
              }
              reasons.merge(letter.reason(), 1, Integer::sum);
            }
          };
      letters.visit(selection, list);
      int all = reasons.values().stream().mapToInt(Integer::intValue).sum();
      out.flush();
      err().println(all + " dead letters" + (reasons.isEmpty() ? "" : ": " + reasons));
      if (all > limit) {
        err().println("the first " + limit + " were listed; --limit lists more");
      }
      err().flush();
      return list.isComplete() ? 0 : 1;
    }
  }

  /** Prints each letter as a whole, with its body. */
  @Command(
      name = "show",
      description = "Prints dead letters as JSON lines, with their bodies as text and as base64.")
  static final class Show extends LettersCommand {

    private static final ObjectMapper JSON = new ObjectMapper();

    @Option(
        names = "--body",
        description = "Print nothing but the body's bytes, of the one letter that is chosen.")
    private boolean bodyAlone;

    @Override
    int work(Configuration configuration, DeadLetters letters, Selection selection) {
      Reporting show =
          new Reporting() {
            private int shown;

            @Override
            public void accept(DeadLetter letter) {
              shown++;
              if (bodyAlone) {
                writeBody(letter.body());
              } else {
                out().println(line(letter));
                out().flush();
              }
            }

            @Override
            public boolean isDone() {
              return bodyAlone && shown > 0;
            }
          };
      letters.visit(selection, show);
      return show.isComplete() ? 0 : 1;
    }

    private void writeBody(byte[] body) {
      try {
        bytes().write(body);
        bytes().flush();
      } catch (IOException e) {
        throw new UncheckedIOException("The body could not be written", e);
      }
    }

    private static String line(DeadLetter letter) {
      ObjectNode line = JSON.createObjectNode();
      line.put("position", letter.position().toString());
      line.put("source", letter.source());
      line.put("provider", letter.provider());
      line.put("reason", letter.reason());
      line.put("detail", letter.detail());
      line.put("receiptId", letter.receiptId());
      line.put("receivedAt", letter.receivedAt().toString());
      line.put("eventId", letter.eventId());
      line.put("entityKey", letter.entityKey());
      line.put("landed", letter.landed() == null ? null : letter.landed().toString());
      ObjectNode headers = line.putObject("headers");
      new TreeMap<>(letter.headers()).forEach(headers::put);
      line.put("text", new String(letter.body(), UTF_8));
      line.put("base64", letter.body());
      return ShownJson.line(line);
    }
  }
}
