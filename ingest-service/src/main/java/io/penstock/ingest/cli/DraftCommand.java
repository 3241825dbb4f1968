package io.penstock.ingest.cli;

import io.penstock.ingest.provider.webhook.SourceDraft;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Proposes a source of the generic provider from samples on standard input. */
@Command(
    name = "draft",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = {
      "Proposes a source of the provider webhook from samples of its sender.",
      "Reads one sample a line from standard input: a body as JSON, or {\"headers\": {...}, \"body\":"
          + " ...}. Prints names of members and headers, and no values."
    })
final class DraftCommand extends Subcommand {

  /** In characters; a longer line is no sample. */
  private static final int LONGEST_LINE = 4 * 1024 * 1024;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      defaultValue = "other",
      description = "The name of the source; other by default.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private String name;

  @Override
  public Integer call() throws IOException {
    if (!name.matches("[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?")) {
      err().println("error: --name is 1 to 64 lower case letters, digits and dashes");
      return 2;
    }
    SourceDraft draft = new SourceDraft();
    int samples = 0;
    int others = 0;
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = in.readLine();
          line != null && samples < SourceDraft.MAX_SAMPLES;
          line = in.readLine()) {
        if (line.isBlank()) {
          continue;
        }
        if (line.length() <= LONGEST_LINE && draft.add(line)) {
          samples++;
        } else {
          others++;
        }
      }
    }
    if (others > 0) {
      err().println("warning: " + others + " lines are no JSON object or array, and were left out");
    }
    if (samples == 0) {
      err().println("error: no sample: give one a line on standard input");
      err().flush();
      return 1;
    }
    out().print(draft.yaml(name));
    out().flush();
    return 0;
  }
}
