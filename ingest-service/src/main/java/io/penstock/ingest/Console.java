package io.penstock.ingest;

import io.penstock.ingest.config.ConfigurationReader;
import io.penstock.ingest.config.Problem;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.Providers;
import io.penstock.ingest.source.Sources;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the commands share. */
public final class Console {

  private Console() {}

  /**
   * A reader that knows this program's providers, and what their secrets must look like.
   *
   * @param environment what overrides the file, and where references lead
   */
  public static ConfigurationReader configurationReader(Map<String, String> environment) {
    return new ConfigurationReader(
        environment,
        Providers.all().stream()
            .collect(Collectors.toMap(Provider::name, Provider::acknowledgementDeadline)),
        Sources.secretCheck(environment));
  }

  /** Prints problems, one a line. */
  public static void print(PrintWriter out, String kind, List<Problem> problems) {
    for (Problem problem : problems) {
      out.println(kind + ": " + problem);
    }
    out.flush();
  }

  /** Says why an instance cannot run. */
  public static void report(PrintWriter err, @Nullable Throwable cause) {
    if (cause instanceof StartException start) {
      start.problems().forEach(problem -> err.println("error: " + problem));
    } else {
      err.println("error: " + cause);
    }
    err.flush();
  }
}
