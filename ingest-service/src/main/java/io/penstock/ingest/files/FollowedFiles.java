package io.penstock.ingest.files;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Small files whose values stay up to date: a thread reads them again at an interval.
 *
 * <p>The files are read, not watched: their bytes show changes that time stamps, inodes and
 * directory events do not, above all when Kubernetes replaces a directory by switching a symbolic
 * link ({@code ..data}). New content counts once it has been read twice in a row, so a file that is
 * half written is never used, and a change is in force after one to two intervals. While a file
 * cannot be used, its last good value stays.
 *
 * <p>Files of one group change together: none of them counts while another has just changed. An
 * operator may move a value from one file to the next, and a reading between the two steps would
 * find it in neither.
 */
public final class FollowedFiles implements AutoCloseable {

  /**
   * For how many readings in a row a file that is different each time delays its group. A file that
   * never comes to rest must not keep the others from changing.
   */
  public static final int MOST_DELAYED = 5;

  private static final Logger log = LoggerFactory.getLogger(FollowedFiles.class);

  private final Duration interval;
  private final Listener listener;
  private final Thread reader;
  private final List<Followed<?>> all = new ArrayList<>();
  private final List<Set<Followed<?>>> groups = new ArrayList<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile int failing;

  /**
   * Follows nothing yet.
   *
   * @param threadName of the thread that reads
   * @param interval between two readings
   * @param listener hears what becomes of changed files
   */
  public FollowedFiles(String threadName, Duration interval, Listener listener) {
    if (!interval.isPositive()) {
      throw new IllegalArgumentException("the interval must be positive, not " + interval);
    }
    this.interval = interval;
    this.listener = listener;
    this.reader = Thread.ofPlatform().daemon().name(threadName).unstarted(this::readUntilClosed);
  }

  /**
   * Makes a value of files' contents.
   *
   * @param <T> the value
   */
  @FunctionalInterface
  public interface Parser<T> {

    /**
     * The value.
     *
     * @param contents in the order of the files; overwritten with zeros afterwards
     * @throws UnusableException if they hold no value
     */
    T parse(List<byte[]> contents) throws UnusableException;
  }

  /** Hears what becomes of changed files. Called on the thread that reads. */
  public interface Listener {

    /**
     * These have new values, or can be used again.
     *
     * @param changed all that changed at this reading
     * @throws RuntimeException if the new values cannot be put to use: they then count as failing
     */
    void reloaded(Collection<Followed<?>> changed);

    /**
     * This has become unusable, and its last good value stays. Called once for each such state.
     *
     * @param problem a sentence, without any content
     */
    void failed(Followed<?> file, String problem);
  }

  /**
   * What one reading found.
   *
   * @param fingerprint the digest of the contents, which are not kept, or what kept them unread
   */
  private record FileReading(String fingerprint, Optional<UnusableException> unreadable) {

    boolean isAs(FileReading other) {
      return fingerprint.equals(other.fingerprint);
    }
  }

  /**
   * One file, or several that make one value, such as a certificate and its key.
   *
   * @param <T> the value
   */
  public static final class Followed<T> {

    private final List<Path> paths;
    private final int most;
    private final Parser<T> parser;
    private final List<byte[]> contents = new ArrayList<>();
    private FileReading last;
    private FileReading judged;
    private Optional<String> problem = Optional.empty();
    private volatile T value;

    /** How many readings in a row have differed from the one before. */
    private int changes;

    private Followed(List<Path> paths, int most, Parser<T> parser) throws UnusableException {
      this.paths = List.copyOf(paths);
      this.most = most;
      this.parser = parser;
      try {
        FileReading first = read();
        if (first.unreadable().isPresent()) {
          throw first.unreadable().get();
        }
        last = first;
        judged = first;
        value = parser.parse(contents);
      } finally {
        forgetContents();
      }
    }

    /** Its files. */
    public List<Path> paths() {
      return paths;
    }

    /** The last good value. Any thread. */
    public T value() {
      return value;
    }

    private FileReading read() {
      try {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (Path path : paths) {
          byte[] content = RegularFile.read(path, most);
          contents.add(content);
          digest.update(HexFormat.of().toHexDigits(content.length).getBytes(US_ASCII));
          digest.update(content);
        }
        return new FileReading(HexFormat.of().formatHex(digest.digest()), Optional.empty());
      } catch (UnusableException e) {
        return new FileReading(e.sentence(), Optional.of(e));
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java platform has SHA-256", e);
      }
    }

    private void readAgain() {
      FileReading now = read();
      changes = now.isAs(last) ? 0 : changes + 1;
      last = now;
    }

    private boolean isNew() {
      return !last.isAs(judged);
    }

    /** Takes the last reading for true: it has been read twice. */
    private void judge() {
      judged = last;
      try {
        if (last.unreadable().isPresent()) {
          throw last.unreadable().get();
        }
        value = parser.parse(contents);
        problem = Optional.empty();
      } catch (UnusableException e) {
        problem = Optional.of(e.sentence());
      } catch (RuntimeException e) {
        // A bug of the parser: the last good value stays, and its failure counts as one of the
        // file.
        problem = Optional.of("it cannot be parsed: " + e.getClass().getSimpleName());
      }
    }

    private void forgetContents() {
      contents.forEach(content -> Arrays.fill(content, (byte) 0));
      contents.clear();
    }
  }

  /**
   * Reads files, and follows them from {@link #start} on.
   *
   * @param most how many bytes each may have
   * @throws UnusableException if they have no good value now; they are then not followed
   */
  public synchronized <T> Followed<T> follow(List<Path> paths, int most, Parser<T> parser)
      throws UnusableException {
    Followed<T> followed = new Followed<>(paths, most, parser);
    all.add(followed);
    return followed;
  }

  /** Makes these change together. One may be in several groups. */
  public synchronized void group(Collection<? extends Followed<?>> together) {
    groups.add(Set.copyOf(together));
  }

  /**
   * Starts to read the files again, if there are any. Once. The listener hears on this thread of
   * what has changed since the first reading.
   */
  public synchronized void start() {
    if (reader.getState() != Thread.State.NEW) {
      throw new IllegalStateException("already started");
    }
    if (all.isEmpty()) {
      return;
    }
    // They were read one by one, and an operator may have replaced them meanwhile.
    int readings = 0;
    do {
      refresh();
      readings++;
    } while (readings < MOST_DELAYED && all.stream().anyMatch(each -> each.changes > 0));
    reader.start();
  }

  private void readUntilClosed() {
    try {
      while (!closed.await(interval.toNanos(), TimeUnit.NANOSECONDS)) {
        try {
          refresh();
        } catch (RuntimeException e) {
          log.atError()
              .addKeyValue("thread", reader.getName())
              .setCause(e)
              .log("Files were not read");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // close() alone interrupts it
    }
  }

  /** Reads all files once, as happens at each interval. */
  public synchronized void refresh() {
    List<Followed<?>> reloaded = new ArrayList<>();
    Map<Followed<?>, String> failed = new LinkedHashMap<>();
    try {
      all.forEach(Followed::readAgain);
      if (closed.getCount() == 0) {
        return; // the interruption itself makes reading fail
      }
      Set<Followed<?>> delayed = delayed();
      for (Followed<?> each : all) {
        if (each.changes == 0 && each.isNew() && !delayed.contains(each)) {
          Optional<String> before = each.problem;
          each.judge();
          if (each.problem.isEmpty()) {
            reloaded.add(each);
          } else if (!each.problem.equals(before)) {
            failed.put(each, each.problem.get());
          }
        }
      }
    } finally {
      all.forEach(Followed::forgetContents);
    }
    if (!reloaded.isEmpty()) {
      try {
        listener.reloaded(reloaded);
      } catch (RuntimeException e) {
        String why = e.getClass().getSimpleName(); // its message may hold a value
        for (Followed<?> each : reloaded) {
          each.problem = Optional.of(why);
          failed.put(each, why);
        }
      }
    }
    failing = (int) all.stream().filter(each -> each.problem.isPresent()).count();
    failed.forEach(listener::failed);
  }

  /** All that must wait because one of their group, or of a group with one of these, is new. */
  private Set<Followed<?>> delayed() {
    Set<Followed<?>> delayed = new HashSet<>();
    for (Followed<?> each : all) {
      if (each.changes > 0 && each.changes <= MOST_DELAYED) {
        delayed.add(each);
      }
    }
    boolean grew = !delayed.isEmpty();
    while (grew) {
      grew = false;
      for (Set<Followed<?>> group : groups) {
        if (!Collections.disjoint(group, delayed)) {
          grew |= delayed.addAll(group);
        }
      }
    }
    return delayed;
  }

  /** How many cannot be used now, so that an older value is in force. Any thread. */
  public int failing() {
    return failing;
  }

  /** Ends the reading, and its thread. Values stay as they are. */
  @Override
  public void close() {
    closed.countDown();
    reader.interrupt();
  }
}
