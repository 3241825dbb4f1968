package io.penstock.ingest.observability;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * Makes a line of text from an exception, for an operator. An exception's message may quote a
 * header, or a setting that holds a secret. So this class, the only one that makes such text,
 * repeats only messages of kinds that are known to hold no value.
 */
public final class FailureText {

  private static final int MOST_CAUSES = 8;

  private static final Pattern CONFIGURATION = Pattern.compile("configuration ([a-z0-9._-]+)");

  private FailureText() {}

  /**
   * Describes a failure in one line: the class names of the exception and of its causes, those
   * messages that quote no configured or received value, and then what to do about it. Where that
   * is not known, the line ends with the place in the program where the exception was thrown.
   */
  public static String of(@Nullable Throwable failure) {
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

  /** Whether the exception's message only repeats that of its cause. */
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

  /** The message, if exceptions of this kind quote no value; otherwise null. */
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
    return isOfTheMachine || isOfKafka(e) ? message : null;
  }

  private static boolean isOfKafka(Throwable e) {
    // An exception that wraps another may quote it; a broker's answer quotes no value.
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
