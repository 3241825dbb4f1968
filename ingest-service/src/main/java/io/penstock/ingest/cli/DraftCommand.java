package io.penstock.ingest.cli;

import io.penstock.ingest.provider.webhook.ProviderDraft;
import io.penstock.ingest.provider.webhook.SourceDraft;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
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

  @Option(
      names = "--provider",
      paramLabel = "DIRECTORY",
      description =
          "Write a provider of its own instead: a schema, its rules and its package, into this"
              + " checkout of Penstock. Names of types stand there too. See"
              + " docs/adding-a-provider.md.")
  private @Nullable Path checkout;

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
    if (checkout != null) {
      return write(checkout, draft.provider(name));
    }
    out().print(draft.yaml(name));
    out().flush();
    return 0;
  }

  private int write(Path directory, ProviderDraft draft) throws IOException {
    switch (draft) {
      case ProviderDraft.Impossible impossible -> {
        err().println("error: " + impossible.why());
        err().flush();
        return 1;
      }
      case ProviderDraft.Files files -> {
        for (String path : files.byPath().keySet()) {
          if (Files.exists(directory.resolve(path))) {
            err().println("error: " + path + " is there already, and nothing was written");
            err().flush();
            return 1;
          }
        }
        for (Map.Entry<String, String> file : files.byPath().entrySet()) {
          Path path = directory.resolve(file.getKey());
          Files.createDirectories(path.toAbsolutePath().getParent());
          Files.writeString(path, file.getValue());
          out().println(file.getKey());
        }
        out()
            .println(
                files.types().size()
                    + " types of events. What is left to do: each TODO in these files, and the other"
                    + " files of docs/adding-a-provider.md.");
        out().flush();
        return 0;
      }
    }
  }
}
