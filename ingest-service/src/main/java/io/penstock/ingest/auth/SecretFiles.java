package io.penstock.ingest.auth;

import io.penstock.ingest.config.References;
import io.penstock.ingest.config.SecretCheck;
import io.penstock.ingest.config.SecretRef;
import io.penstock.ingest.files.FollowedFiles;
import io.penstock.ingest.files.FollowedFiles.Followed;
import io.penstock.ingest.files.RegularFile;
import io.penstock.ingest.files.UnusableException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CopyOnWriteArraySet;

/**
 * Resolves references to secrets, and keeps those in files up to date, as {@link FollowedFiles}
 * does. The files of one list change together. A file keeps its last good value also while it is
 * blank, or has not the form that every list with it asks for.
 */
public final class SecretFiles implements AutoCloseable {

  /** The largest file that is taken for a secret, in bytes. */
  static final int MAX_SIZE = 64 * 1024;

  private final Map<String, String> environment;
  private final FollowedFiles files;
  private final Map<Path, Watched> watched = new HashMap<>();
  private final List<Dependent> dependents = new CopyOnWriteArrayList<>();

  /**
   * Resolves nothing yet.
   *
   * @param environment the environment variables
   * @param interval the time between two readings
   * @param listener hears what becomes of changed files
   */
  public SecretFiles(Map<String, String> environment, Duration interval, Listener listener) {
    this.environment = Map.copyOf(environment);
    this.files =
        new FollowedFiles(
            "penstock-secrets",
            interval,
            new FollowedFiles.Listener() {
              @Override
              public void reloaded(Collection<Followed<?>> changed) {
                dependents.forEach(Dependent::update);
                changed.forEach(file -> listener.reloaded(file.paths().getFirst()));
              }

              @Override
              public void failed(Followed<?> file, String problem) {
                listener.failed(file.paths().getFirst(), problem);
              }
            });
  }

  /** Hears of files that change. Called on the thread that reads them. */
  public interface Listener {

    /** Does nothing. */
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
     * A file has become unreadable, blank or malformed; its last good value stays in force. Called
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
     * @param doubts a sentence for each that works and is probably a mistake
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

  /** A file, and what its value must look like for each list that names it. */
  private record Watched(Set<SecretForm> forms, Followed<Secret> file) {}

  /**
   * A list of secrets, and what it is made of.
   *
   * @param entries values of variables, and files
   */
  private record Dependent(List<Optional<Followed<Secret>>> entries, SecretList secrets) {

    void update() {
      List<Secret> before = secrets.current().secrets();
      List<Secret> after = new ArrayList<>(before.size());
      for (int i = 0; i < before.size(); i++) {
        after.add(entries.get(i).map(Followed::value).orElse(before.get(i)));
      }
      secrets.replace(after);
    }
  }

  /** Looks up every reference of one list: all problems at once. The list must not be empty. */
  public Resolution resolve(List<SecretRef> references) {
    return resolve(references, SecretForm.ANY);
  }

  /**
   * As {@link #resolve(List)}, of values that must have a form, now and whenever they change. To be
   * called before {@link #start}.
   */
  public synchronized Resolution resolve(List<SecretRef> references, SecretForm form) {
    List<String> problems = new ArrayList<>();
    List<String> doubts = new ArrayList<>();
    List<Secret> secrets = new ArrayList<>();
    List<Optional<Followed<Secret>>> entries = new ArrayList<>();
    for (SecretRef reference : references) {
      try {
        Optional<Followed<Secret>> file =
            reference instanceof SecretRef.File one
                ? Optional.of(follow(one.path(), form))
                : Optional.empty();
        Secret secret = file.isPresent() ? file.get().value() : read(reference, form);
        entries.add(file);
        secrets.add(secret);
        doubts.addAll(doubts(secret, reference, form));
      } catch (UnusableException e) {
        problems.add(e.sentence());
      }
    }
    if (!problems.isEmpty()) {
      return new Resolution.Unresolved(problems);
    }
    files.group(entries.stream().flatMap(Optional::stream).distinct().toList());
    SecretList list = SecretList.of(secrets);
    dependents.add(new Dependent(List.copyOf(entries), list));
    return new Resolution.Resolved(list, doubts);
  }

  /** Looks at the value that one reference leads to now, and does not follow it. */
  public SecretCheck.Finding look(SecretRef reference, SecretForm form) {
    try {
      Secret secret = read(reference, form);
      return new SecretCheck.Finding.Usable(doubts(secret, reference, form));
    } catch (UnusableException e) {
      return e.isAbsent()
          ? new SecretCheck.Finding.Absent(e.sentence())
          : new SecretCheck.Finding.Unusable(e.sentence());
    }
  }

  private Followed<Secret> follow(Path path, SecretForm form) throws UnusableException {
    Watched known = watched.get(path);
    String name = References.name(new SecretRef.File(path));
    if (known == null) {
      Set<SecretForm> forms = new CopyOnWriteArraySet<>(Set.of(form));
      known =
          new Watched(
              forms,
              files.follow(
                  List.of(path),
                  MAX_SIZE,
                  contents ->
                      secret(name, RegularFile.withoutLineBreak(contents.getFirst()), forms)));
      watched.put(path, known);
    } else {
      checkForm(name, known.file().value(), Set.of(form));
      known.forms().add(form);
    }
    return known.file();
  }

  private Secret read(SecretRef reference, SecretForm form) throws UnusableException {
    byte[] value = References.read(reference, environment, MAX_SIZE);
    return secret(References.name(reference), value, Set.of(form));
  }

  private static Secret secret(String name, byte[] value, Set<SecretForm> forms)
      throws UnusableException {
    try {
      if (Secret.isBlank(value)) {
        throw new UnusableException(name + " is empty");
      }
      Secret secret = Secret.of(value);
      checkForm(name, secret, forms);
      return secret;
    } finally {
      Arrays.fill(value, (byte) 0);
    }
  }

  private static void checkForm(String name, Secret secret, Set<SecretForm> forms)
      throws UnusableException {
    for (SecretForm form : forms) {
      String complaint = form.complaint(secret);
      if (complaint != null) {
        throw new UnusableException(name + " " + complaint);
      }
    }
  }

  private static List<String> doubts(Secret secret, SecretRef reference, SecretForm form) {
    String doubt = form.doubt(secret);
    return doubt == null ? List.of() : List.of(References.name(reference) + " " + doubt);
  }

  /** Starts to read the files again at the interval, if there are any. Once. */
  public void start() {
    files.start();
  }

  /** Reads all files once, as happens at each interval. */
  public void refresh() {
    files.refresh();
  }

  /** How many files cannot be used at present, so that an older value of theirs is in force. */
  public int failing() {
    return files.failing();
  }

  /** Ends the reading. Secrets stay as they are. */
  @Override
  public void close() {
    files.close();
  }
}
