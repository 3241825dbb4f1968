package io.penstock.ingest;

import io.penstock.ingest.config.ConfigurationReader;
import io.penstock.ingest.config.Problem;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.Providers;
import io.penstock.ingest.source.AuthKinds;
import io.penstock.ingest.source.Sources;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * What the commands share. The one place that makes text for people of an exception: an exception's
 * message may hold what it is about, such as a header or a setting with a secret in it, so only
 * those messages are repeated that are known to hold none.
 */
public final class Console {

  private static final int MOST_CAUSES = 8;

  private static final Pattern CONFIGURATION = Pattern.compile("configuration ([a-z0-9._-]+)");

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
        AuthKinds.ALL,
        Sources.secretCheck(environment));
  }

  /** Prints problems, one a line. */
  public static void print(PrintWriter out, String kind, List<Problem> problems) {
    for (Problem problem : problems) {
      out.println(kind + ": " + problem);
    }
    out.flush();
  }

  /** Says why a command, or an instance, cannot go on. */
  public static void report(PrintWriter err, @Nullable Throwable cause) {
    if (cause instanceof StartException start) {
      start.problems().forEach(problem -> err.println("error: " + problem));
    } else {
      err.println("error: " + describe(cause));
    }
    err.flush();
  }

  /**
   * What went wrong, in one line: the kinds of the exception and its causes, the messages of those
   * that quote nothing which somebody configured or sent, what to do where that is known, and
   * otherwise where in the program it happened.
   */
  public static String describe(@Nullable Throwable failure) {
    List<String> parts = new ArrayList<>();
    Throwable last = null;
    for (Throwable e = failure; e != null && parts.size() < MOST_CAUSES; e = e.getCause()) {
      if (!isWrapper(e)) {
        parts.add(part(e));
        last = e;
      }
    }
    if (last == null) {
      return "unknown";
    }
    String hint = hint(last);
    return String.join(": ", parts) + (hint.isEmpty() ? place(last) : "; " + hint);
  }

  /** Its own message is that of its cause. */
  private static boolean isWrapper(Throwable e) {
    return e.getCause() != null
        && (e instanceof ExecutionException
            || e instanceof CompletionException
            || e instanceof UncheckedIOException);
  }

  private static String part(Throwable e) {
    String message = message(e);
    String kind = e.getClass().getName();
    return message == null ? kind : kind + " (" + message.strip() + ")";
  }

  /** The message, if exceptions of this kind repeat no value; null otherwise. */
  private static @Nullable String message(Throwable e) {
    String message = e.getMessage();
    if (message == null) {
      return null;
    }
    if (e instanceof ConfigException) {
      Matcher name = CONFIGURATION.matcher(message);
      return name.find() ? "the property " + name.group(1) : null;
    }
    boolean isOfTheMachine =
        e instanceof VirtualMachineError
            || e instanceof LinkageError
            || (e instanceof IOException && e.getClass().getName().startsWith("java."))
            || e.getClass().getName().startsWith("org.rocksdb.");
    return isOfTheMachine || e instanceof StartException || isOfKafka(e) ? message : null;
  }

  private static boolean isOfKafka(Throwable e) {
    // What wraps another may repeat it; what a broker answered does not.
    return e instanceof KafkaException && e.getCause() == null;
  }

  private static String hint(Throwable e) {
    return switch (e) {
      case OutOfMemoryError memory ->
          String.valueOf(memory.getMessage()).contains("direct")
              ? "no memory is left for network buffers: give the process more"
                  + " (-XX:MaxDirectMemorySize, or the heap, whose size is the default), or lower"
                  + " http.max-connections"
              : "give the process more memory (-Xmx in PENSTOCK_JAVA_OPTS, or the container's limit)";
      case UnsatisfiedLinkError library ->
          "a native library cannot be loaded: it must be made for this machine, and the directory"
              + " that java.io.tmpdir names must allow programs to be run from it";
      case LinkageError broken -> "a class is missing or broken: install this version anew";
      default -> "";
    };
  }

  private static String place(Throwable e) {
    StackTraceElement[] frames = e.getStackTrace();
    if (frames.length == 0) {
      return "";
    }
    String where = " at " + frames[0];
    for (StackTraceElement frame : frames) {
      if (frame.getClassName().startsWith("io.penstock.")) {
        return frame.equals(frames[0]) ? where : where + ", called from " + frame;
      }
    }
    return where;
  }
}
