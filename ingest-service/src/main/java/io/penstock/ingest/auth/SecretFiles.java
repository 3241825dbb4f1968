package io.penstock.ingest.auth;

import io.penstock.ingest.config.SecretCheck;
import io.penstock.ingest.config.SecretRef;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Resolves references to secrets, and keeps those in files up to date by reading the files again,
 * at an interval, on a thread of its own.
 *
 * <p>The files are read rather than watched: they are few and small, and their bytes tell what time
 * stamps, inodes and directory events do not, above all when Kubernetes replaces them by switching
 * a symbolic link ({@code ..data}) two directories up. What a file says counts once it has said so
 * twice in a row, so that one that is being written in place is never taken by half; a change is
 * therefore in force after one to two intervals. While a file cannot be read, is blank, or does not
 * have the form that every list with it asks for, its last good value stays.
 *
 * <p>The files of one list change together: none of them counts while another has just said
 * something new. Whoever moves a value from one file to the next, or switches a directory of both,
 * can be read between the two, and the value would be in neither.
 */
public final class SecretFiles implements AutoCloseable {

  /** The largest file that is taken for a secret, in bytes. */
  static final int MAX_SIZE = 64 * 1024;

  /**
   * For how many readings in a row a file that says something else each time holds up the others of
   * its lists. One that never comes to rest must not keep them from changing.
   */
  static final int MOST_HELD_UP = 5;

  private static final Logger LOG = LoggerFactory.getLogger(SecretFiles.class);

  private final Map<String, String> environment;
  private final Duration interval;
  private final Listener listener;
  private final Map<Path, Watched> files = new LinkedHashMap<>();
  private final List<Dependent> dependents = new ArrayList<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private @Nullable Thread watcher;
  private volatile int failing;

  /**
   * Resolves nothing yet.
   *
   * @param environment the environment variables
   * @param interval the time between two readings
   * @param listener hears what becomes of changed files
   */
  public SecretFiles(Map<String, String> environment, Duration interval, Listener listener) {
    if (!interval.isPositive()) {
      throw new IllegalArgumentException("the interval must be positive, not " + interval);
    }
    this.environment = Map.copyOf(environment);
    this.interval = interval;
    this.listener = listener;
  }

  /** Hears of files that change. Called on the thread that reads them. */
  public interface Listener {

    /** Who does not care. */
    Listener NONE =
        new Listener() {
          @Override
          public void reloaded(Path file) {}

          @Override
          public void failed(Path file, String problem) {}
        };

    /** A file has a new value, which is in force, or can be read again after a failure. */
    void reloaded(Path file);

    /**
     * A file has become unreadable, blank or malformed; its last good value stays in force. Told
     * once for each such state, not at each reading.
     *
     * @param problem a sentence, without any of the content
     */
    void failed(Path file, String problem);
  }

  /** What {@link #resolve} found. */
  public sealed interface Resolution {

    /**
     * All of them.
     *
     * @param secrets their values, kept up to date from here on
     * @param doubts a sentence for each that is hardly meant as it is
     */
    record Resolved(SecretList secrets, List<String> doubts) implements Resolution {
      public Resolved {
        doubts = List.copyOf(doubts);
      }
    }

    /**
     * Not all of them.
     *
     * @param problems a sentence for each that could not be resolved
     */
    record Unresolved(List<String> problems) implements Resolution {
      public Unresolved {
        problems = List.copyOf(problems);
      }
    }
  }

  private sealed interface Reading {
    record Value(Secret secret) implements Reading {}

    /**
     * @param isAbsent whether there is nothing that could be judged, rather than something wrong
     */
    record Problem(String sentence, boolean isAbsent) implements Reading {

      Problem(String sentence) {
        this(sentence, false);
      }
    }
  }

  /** A file, what it must look like, what it said last, and what of that counts. */
  private static final class Watched {
    final Set<SecretForm> forms = new LinkedHashSet<>();
    Secret secret;
    Reading last;
    Reading effective;

    /** How many readings in a row have differed from the one before. */
    int restless;

    Watched(Reading.Value first) {
      this.secret = first.secret();
      this.last = first;
      this.effective = first;
    }
  }

  private record Dependent(List<SecretRef> references, SecretList secrets) {

    Set<Path> files() {
      Set<Path> paths = new HashSet<>();
      for (SecretRef reference : references) {
        if (reference instanceof SecretRef.File file) {
          paths.add(file.path());
        }
      }
      return paths;
    }
  }

  /** Looks up every reference of one list: all problems at once. The list must not be empty. */
  public Resolution resolve(List<SecretRef> references) {
    return resolve(references, SecretForm.ANY);
  }

  /** As {@link #resolve(List)}, of values that must have a form, now and whenever they change. */
  public synchronized Resolution resolve(List<SecretRef> references, SecretForm form) {
    List<String> problems = new ArrayList<>();
    List<String> doubts = new ArrayList<>();
    List<Secret> secrets = new ArrayList<>();
    for (SecretRef reference : references) {
      Reading reading =
          switch (reference) {
            case SecretRef.Env variable -> read(variable, form);
            case SecretRef.File file -> readKnown(file.path(), form);
          };
      switch (reading) {
        case Reading.Value value -> {
          secrets.add(value.secret());
          doubts.addAll(doubts(value, reference, form));
        }
        case Reading.Problem problem -> problems.add(problem.sentence());
      }
    }
    if (!problems.isEmpty()) {
      return new Resolution.Unresolved(problems);
    }
    SecretList list = SecretList.of(secrets);
    dependents.add(new Dependent(List.copyOf(references), list));
    return new Resolution.Resolved(list, doubts);
  }

  /** Looks at the value that one reference leads to now, and does not follow it. */
  public SecretCheck.Finding look(SecretRef reference, SecretForm form) {
    Reading reading =
        switch (reference) {
          case SecretRef.Env variable -> read(variable, form);
          case SecretRef.File file -> formed(readFile(file.path()), name(file), Set.of(form));
        };
    return switch (reading) {
      case Reading.Value value -> new SecretCheck.Finding.Usable(doubts(value, reference, form));
      case Reading.Problem problem ->
          problem.isAbsent()
              ? new SecretCheck.Finding.Absent(problem.sentence())
              : new SecretCheck.Finding.Unusable(problem.sentence());
    };
  }

  private Reading read(SecretRef.Env variable, SecretForm form) {
    return formed(readVariable(variable.name()), name(variable), Set.of(form));
  }

  private static List<String> doubts(Reading.Value value, SecretRef reference, SecretForm form) {
    String doubt = form.doubt(value.secret());
    return doubt == null ? List.of() : List.of(name(reference) + " " + doubt);
  }

  private static String name(SecretRef reference) {
    return switch (reference) {
      case SecretRef.Env variable -> "environment variable " + variable.name();
      case SecretRef.File file -> "file " + file.path();
    };
  }

  /** Starts to read the files again at the interval, if there are any. Once. */
  public synchronized void start() {
    if (watcher != null) {
      throw new IllegalStateException("already started");
    }
    if (!files.isEmpty()) {
      // They were read one by one, and may have been replaced in the midst of it.
      int readings = 0;
      do {
        refresh();
        readings++;
      } while (readings < MOST_HELD_UP
          && files.values().stream().anyMatch(watched -> watched.restless > 0));
      watcher = Thread.ofPlatform().daemon().name("penstock-secrets").start(this::watch);
    }
  }

  private void watch() {
    try {
      while (!closed.await(interval.toNanos(), TimeUnit.NANOSECONDS)) {
        try {
          refresh();
        } catch (RuntimeException e) {
          LOG.atError().setCause(e).log("Reading the secret files failed");
        }
      }
    } catch (InterruptedException e) {
      // Nobody interrupts this thread but to end it.
      Thread.currentThread().interrupt();
    }
  }

  /** Reads all files once, as happens at each interval. */
  public synchronized void refresh() {
    files.forEach(
        (path, watched) -> {
          Reading reading = formed(readFile(path), "file " + path, watched.forms);
          watched.restless = reading.equals(watched.last) ? 0 : watched.restless + 1;
          watched.last = reading;
        });
    List<Path> reloaded = new ArrayList<>();
    Map<Path, String> failed = new LinkedHashMap<>();
    Set<Path> heldUp = heldUp();
    files.forEach(
        (path, watched) -> {
          Reading reading = watched.last;
          if (watched.restless == 0
              && !heldUp.contains(path)
              && !reading.equals(watched.effective)) {
            watched.effective = reading;
            switch (reading) {
              case Reading.Value value -> {
                watched.secret = value.secret();
                reloaded.add(path);
              }
              case Reading.Problem problem -> failed.put(path, problem.sentence());
            }
          }
        });
    failing = countFailing();
    if (!reloaded.isEmpty()) {
      dependents.forEach(this::update);
    }
    reloaded.forEach(listener::reloaded);
    failed.forEach(listener::failed);
  }

  /** All files that must wait since one of their list, or of a list with one of these, is new. */
  private Set<Path> heldUp() {
    Set<Path> heldUp = new HashSet<>();
    files.forEach(
        (path, watched) -> {
          if (watched.restless > 0 && watched.restless <= MOST_HELD_UP) {
            heldUp.add(path);
          }
        });
    boolean grew = !heldUp.isEmpty();
    while (grew) {
      grew = false;
      for (Dependent dependent : dependents) {
        Set<Path> together = dependent.files();
        if (!Collections.disjoint(together, heldUp)) {
          grew |= heldUp.addAll(together);
        }
      }
    }
    return heldUp;
  }

  private void update(Dependent dependent) {
    List<Secret> before = dependent.secrets().current().secrets();
    List<Secret> after = new ArrayList<>(before.size());
    for (int i = 0; i < before.size(); i++) {
      Watched watched =
          dependent.references().get(i) instanceof SecretRef.File file
              ? files.get(file.path())
              : null;
      after.add(watched == null ? before.get(i) : watched.secret);
    }
    dependent.secrets().replace(after);
  }

  /** How many files cannot be used at present, so that an older value of theirs is in force. */
  public int failing() {
    return failing;
  }

  private int countFailing() {
    return (int)
        files.values().stream()
            .filter(watched -> watched.effective instanceof Reading.Problem)
            .count();
  }

  /** Ends the reading. Secrets stay as they are. */
  @Override
  public void close() {
    closed.countDown();
  }

  private Reading readVariable(String name) {
    String value = environment.get(name);
    if (value == null) {
      return new Reading.Problem("environment variable " + name + " is not set", true);
    }
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    return Secret.isBlank(bytes)
        ? new Reading.Problem("environment variable " + name + " is empty")
        : new Reading.Value(Secret.of(bytes));
  }

  private Reading readKnown(Path path, SecretForm form) {
    Watched known = files.get(path);
    Reading reading =
        formed(
            known == null ? readFile(path) : new Reading.Value(known.secret),
            "file " + path,
            Set.of(form));
    if (reading instanceof Reading.Value value) {
      Watched watched = known == null ? new Watched(value) : known;
      watched.forms.add(form);
      files.put(path, watched);
    }
    return reading;
  }

  private static Reading formed(Reading reading, String reference, Set<SecretForm> forms) {
    if (reading instanceof Reading.Value value) {
      for (SecretForm form : forms) {
        String complaint = form.complaint(value.secret());
        if (complaint != null) {
          return new Reading.Problem(reference + " " + complaint);
        }
      }
    }
    return reading;
  }

  private static Reading readFile(Path path) {
    byte[] bytes;
    try {
      if (Files.exists(path) && !Files.isRegularFile(path)) {
        // Above all not a pipe, which would hold up whoever opens it.
        return new Reading.Problem("file " + path + " is not a regular file");
      }
      try (InputStream in = Files.newInputStream(path)) {
        bytes = in.readNBytes(MAX_SIZE + 1);
      }
    } catch (IOException | SecurityException e) {
      return new Reading.Problem(
          "file " + path + " cannot be read: " + e.getClass().getSimpleName(), true);
    }
    byte[] value = withoutLineBreak(bytes);
    try {
      if (bytes.length > MAX_SIZE) {
        return new Reading.Problem("file " + path + " is larger than " + MAX_SIZE + " bytes");
      }
      return Secret.isBlank(value)
          ? new Reading.Problem("file " + path + " is empty")
          : new Reading.Value(Secret.of(value));
    } finally {
      Arrays.fill(bytes, (byte) 0);
      Arrays.fill(value, (byte) 0);
    }
  }

  private static byte[] withoutLineBreak(byte[] bytes) {
    int length = bytes.length;
    if (length > 0 && bytes[length - 1] == '\n') {
      length--;
      if (length > 0 && bytes[length - 1] == '\r') {
        length--;
      }
    }
    return Arrays.copyOf(bytes, length);
  }
}
